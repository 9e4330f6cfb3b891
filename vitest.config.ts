import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import type { ModelSettings } from './test/model/settings.ts'

/** Tests in the runtime: each sees the Worker, its objects, and the vars of wrangler.toml's [env.local] unless it sets its own. */
const runtime = cloudflareTest({ wrangler: { configPath: './wrangler.toml', environment: 'local' } })

/** Of the test against the reference log: a failure names its seed, `SEED=… RUNS=…` repeat it, and `AT=…` (its path) that run only. */
const model: ModelSettings = { seed: number('SEED', null), runs: number('RUNS', 300), path: process.env.AT ?? null }

/** How a long list scrolls in a real browser, measured. */
const SMOOTHNESS = 'test/browser/scrolling.test.ts'

export default defineConfig({
  test: {
    silent: 'passed-only',
    // Of two cores vitest would use one.
    maxWorkers: 2,
    projects: [
      {
        plugins: [runtime],
        test: {
          name: 'runtime',
          include: ['test/**/*.test.ts'],
          exclude: ['conformance', 'security', 'crash', 'model', 'browser', 'pages', 'house'].map(
            (folder) => `test/${folder}/**`,
          ),
          testTimeout: 15_000,
        },
      },
      {
        plugins: [runtime],
        test: {
          name: 'model',
          include: ['test/model/**/*.test.ts'],
          provide: { model },
          // All computing and no waiting: its two shares side by side, when nothing else runs.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'house',
          include: ['test/house/**/*.test.ts', 'test/pages/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/support/outside/build.ts'],
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/support/outside/build.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // They wait for codes and holds to end far more than they compute.
          maxWorkers: 4,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'security',
          include: ['test/security/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/support/outside/build.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // They wait for codes and holds to end far more than they compute.
          maxWorkers: 4,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/support/outside/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'browser',
          // A page that is asked again and again: on a busy machine a second is not enough.
          expect: { poll: { timeout: 10_000 } },
          include: ['test/browser/**/*.test.ts'],
          exclude: [SMOOTHNESS],
          environment: 'node',
          globalSetup: ['test/support/outside/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Much of the time is spent waiting for codes to rotate: two files at a time, and none of another project.
          maxWorkers: 2,
          // What a file starts it stops; a process of its own for each would load the driver again, seconds at a time.
          isolate: false,
          sequence: { groupOrder: 1, hooks: 'parallel' },
        },
      },
      {
        test: {
          name: 'smoothness',
          expect: { poll: { timeout: 10_000 } },
          include: [SMOOTHNESS],
          environment: 'node',
          globalSetup: ['test/support/outside/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // It measures frames: nothing else may run.
          maxWorkers: 1,
          sequence: { groupOrder: 4, hooks: 'parallel' },
        },
      },
    ],
  },
})

function number<T>(name: string, otherwise: T): number | T {
  const value = process.env[name]
  if (value === undefined) return otherwise
  if (!/^-?\d+$/.test(value)) throw new Error(`${name} must be a whole number`)
  return Number(value)
}
