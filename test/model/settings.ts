/** What vitest.config.ts hands to the test against the reference log, from the environment. */

export interface ModelSettings {
  /** Null: a new one each time. */
  seed: number | null
  runs: number
  /** Fast-check's `path`, to begin with the run that failed; null: from the first. */
  path: string | null
}

declare module 'vitest' {
  interface ProvidedContext {
    model: ModelSettings
  }
}
