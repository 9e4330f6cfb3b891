import { env } from 'cloudflare:workers'
import { evictDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isKeyDue, publishedAt } from '../../src/identity/key-schedule.ts'

const DAY = 86_400_000
const MINUTE = 60_000
const START = Date.UTC(2026, 10, 22, 12)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the Keyring', () => {
  it('makes one set of keys however many ask at once, and keeps it over an eviction', async () => {
    const stub = env.KEYRING.getByName('at once')
    const sets = await Promise.all(Array.from({ length: 30 }, () => stub.keys()))
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1)
    expect(sets[0]?.jwks.keys).toHaveLength(1)
    await evictDurableObject(stub)
    expect(await stub.keys()).toEqual(sets[0])
  })

  it('publishes a new key before it signs, and the old one long after it stopped', async () => {
    const stub = env.KEYRING.getByName('rotation')
    const first = (await stub.keys()).signing.kid
    vi.setSystemTime(START + 30 * DAY)
    const settling = await stub.keys()
    expect(settling.signing.kid).toBe(first)
    expect(settling.jwks.keys).toHaveLength(2)
    vi.setSystemTime(START + 30 * DAY + 20 * MINUTE)
    const settled = await stub.keys()
    expect(settled.signing.kid).not.toBe(first)
    expect(settled.media[0]?.kid).toBe(settled.signing.kid)
    expect(settled.jwks.keys.map(({ kid }) => kid)).toContain(first)
    vi.setSystemTime(START + 76 * DAY)
    expect((await stub.keys()).jwks.keys.map(({ kid }) => kid)).not.toContain(first)
  })

  it('works on after a silence longer than the life of its keys', async () => {
    const stub = env.KEYRING.getByName('silence')
    const first = (await stub.keys()).signing.kid
    vi.setSystemTime(START + 400 * DAY)
    const later = await stub.keys()
    expect(later.signing.kid).not.toBe(first)
    expect(later.jwks.keys).toHaveLength(1)
  })
})

describe('the schedule of keys', () => {
  it('holds, at any time of a year of use, a key that signs and every key that signed in the last 15 minutes', () => {
    let keys: { madeAt: number }[] = []
    let signedBefore: { madeAt: number } | undefined
    for (let now = START; now < START + 365 * DAY; now += 10 * MINUTE) {
      if (isKeyDue(keys, now)) keys = [...publishedAt(keys, now), { madeAt: now }]
      const published = publishedAt(keys, now)
      const [signing] = published
      expect(signing).toBeDefined()
      if (signedBefore !== undefined) expect(published).toContain(signedBefore)
      expect(now - (signing?.madeAt ?? 0)).toBeLessThan(30 * DAY + 30 * MINUTE)
      signedBefore = signing
    }
  })
})
