import { env } from 'cloudflare:workers'
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const HOUR = 3_600_000
const START = Date.UTC(2026, 10, 22, 12)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe("an address's hourly count", () => {
  it('admits up to its limit, over an eviction, then says how long to wait, and begins anew after the hour', async () => {
    const stub = env.ADDRESS.getByName('192.0.2.1')
    for (let count = 0; count < 20; count++) expect(await stub.admit('code', 20)).toBe(0)
    await evictDurableObject(stub)
    vi.setSystemTime(START + 60_000)
    expect(await stub.admit('code', 20)).toBe(59 * 60)
    vi.setSystemTime(START + HOUR)
    expect(await stub.admit('code', 20)).toBe(0)
  })

  it('admits exactly its limit of many that come at once', async () => {
    const stub = env.ADDRESS.getByName('192.0.2.2')
    const waits = await Promise.all(Array.from({ length: 60 }, () => stub.admit('code', 20)))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(20)
  })

  it('is erased by the alarm when the hour is over, and not by one that comes early', async () => {
    const stub = env.ADDRESS.getByName('192.0.2.3')
    const stored = () => runInDurableObject(stub, (_, state) => [...state.storage.kv.list()].length)
    await stub.admit('code', 20)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await stored()).toBe(1)
    vi.setSystemTime(START + HOUR)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await stored()).toBe(0)
  })
})
