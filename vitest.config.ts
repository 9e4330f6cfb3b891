import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Tests in the runtime: each sees the Worker, its objects, and the vars of wrangler.toml's [env.local] unless it sets its own. */
const runtime = cloudflareTest({ wrangler: { configPath: './wrangler.toml', environment: 'local' } })

export default defineConfig({
  test: {
    silent: 'passed-only',
    projects: [
      {
        plugins: [runtime],
        test: {
          name: 'runtime',
          include: ['test/**/*.test.ts'],
          exclude: ['test/conformance/**', 'test/security/**', 'test/browser/**', 'test/pages/**', 'test/house/**'],
          testTimeout: 15_000,
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
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/support/outside/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Much of the time is spent waiting for codes to rotate: two files at a time, and none of another project.
          maxWorkers: 2,
          sequence: { groupOrder: 1, hooks: 'parallel' },
        },
      },
    ],
  },
})
