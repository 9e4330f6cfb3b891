/**
 * The promise of the contract (section 2) against a reference log: whatever happens to sockets, calls, objects and
 * alarms, once it is quiet every device shows what was answered, once and in order.
 *
 * A failure names its seed: `SEED=… RUNS=… npm test -- test/model` repeats it.
 */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { anyStep, perform, type Step } from './steps.ts'
import { createBrowserKey, World } from './world.ts'

const STEPS = 60
const DAY_MS = 86_400_000

;(env as { DEMO: string }).DEMO = 'off'

beforeEach(() => {
  // A day ahead, so that no alarm of an object fires by itself.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY_MS })
})
afterEach(() => {
  vi.useRealTimers()
})

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

const key = createBrowserKey()

describe('three accounts with a phone and two linked devices each', () => {
  const { seed, runs } = inject('model')

  it(
    'show what was answered, once and in order, after any drops, evictions, failed calls and odd alarms',
    async () => {
      const property = fc.asyncProperty(fc.array(anyStep, { minLength: STEPS, maxLength: STEPS }), async (steps) => {
        expect(await run(steps)).toEqual([])
      })
      await fc.assert(property, { numRuns: runs, ...(seed === null ? {} : { seed }), endOnFailure: true })
    },
    runs * 1_000 + 20_000,
  )
})
