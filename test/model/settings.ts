/** What vitest.config.ts hands to the test against the reference log, from the environment. */

export interface ModelSettings {
  /** Null: a new one each time. */
  seed: number | null
  runs: number
}

declare module 'vitest' {
  interface ProvidedContext {
    model: ModelSettings
  }
}
