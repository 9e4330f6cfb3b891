/** Time in tests of the runtime: only `Date` is faked, so timers, sockets and alarms of the runtime go on. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, vi } from 'vitest'

/** Fakes `Date` in every test of the file; `advance` moves it. */
export function useFakeDate(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

/** Moves the clock forward; no alarm fires by itself. */
export function advance(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds)
}

/** Moves the clock to when the object's alarm is due (and `late` beyond) and fires it. */
export async function fireAlarm(stub: DurableObjectStub, late = 0): Promise<void> {
  const dueAt = await alarmAt(stub)
  if (dueAt === null) throw new Error('no alarm is set')
  if (dueAt + late > Date.now()) vi.setSystemTime(dueAt + late)
  await runDurableObjectAlarm(stub)
}

/** When the object's alarm is due, epoch milliseconds. */
export function alarmAt(stub: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(stub, (_, state) => state.storage.getAlarm())
}
