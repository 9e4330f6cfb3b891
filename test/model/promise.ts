/**
 * The promise of the contract (section 2) against a reference log: whatever happens to sockets, calls, objects and
 * alarms, once it is quiet every device shows what was answered, once and in order.
 *
 * Files of their own each take a share of the runs, so that they run side by side. A failure names its seed:
 * `SEED=… RUNS=… npm test -- test/model` repeats it, and with `AT=` its path only the run that failed.
 */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest'
import { anyStep, perform, type Step } from './steps.ts'
import { createBrowserKey, World } from './world.ts'

const STEPS = 60
/** Bounds the whole; on a machine of its own a run takes a quarter of a second. */
const RUN_MS = 3_000
const START_MS = 30_000
const DAY_MS = 86_400_000

;(env as { DEMO: string }).DEMO = 'off'

const key = createBrowserKey()

/** Makes the test of one share of the runs. */
export function itKeepsThePromise({ shares }: { shares: number }): void {
  const { seed, runs, path } = inject('model')
  const numRuns = Math.ceil(runs / shares)

  beforeEach(() => {
    // A day ahead, so that no alarm of an object fires by itself.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY_MS })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it(
    'three accounts with a phone and two linked devices each show what was answered, once and in order, after any drops, evictions, failed calls and odd alarms',
    async () => {
      const property = fc.asyncProperty(fc.array(anyStep, { minLength: STEPS, maxLength: STEPS }), async (steps) => {
        expect(await run(steps)).toEqual([])
      })
      await fc.assert(property, {
        numRuns,
        ...(seed === null ? {} : { seed }),
        ...(path === null ? {} : { path }),
        endOnFailure: true,
      })
    },
    numRuns * RUN_MS + START_MS,
  )
}

/** Does the steps, lets everything come to rest. @returns what is wrong then */
async function run(steps: readonly Step[]): Promise<string[]> {
  const world = await World.create(await key)
  try {
    for (const step of steps) await perform(world, step)
    await world.settle()
    return await world.faultsAtRest()
  } finally {
    world.close()
  }
}
