import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { env } from 'cloudflare:workers'
import type { KeySet } from '../../src/identity/rpc.ts'

const START = Date.UTC(2026, 10, 22, 12)
const MINUTE = 60_000
const real = await env.KEYRING.getByName('keyring').keys()

/** An isolate of its own, and a Keyring that counts and may fail or hang. */
async function createIsolate() {
  vi.resetModules()
  const http = await import('../../src/http/keys.ts')
  const answer = vi.fn<() => Promise<KeySet>>(async () => real)
  const bindings = { ...env, KEYRING: { getByName: () => ({ keys: answer }) } } as unknown as Env
  return { answer, kid: async () => (await http.signingKey(bindings)).kid, http, bindings }
}

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the keys that an isolate holds', () => {
  it('are asked for once by many at a time, and again after ten minutes', async () => {
    const { answer, kid } = await createIsolate()
    await Promise.all(Array.from({ length: 20 }, kid))
    expect(answer).toHaveBeenCalledTimes(1)
    vi.setSystemTime(START + 10 * MINUTE - 1)
    await kid()
    expect(answer).toHaveBeenCalledTimes(1)
    vi.setSystemTime(START + 10 * MINUTE)
    await kid()
    expect(answer).toHaveBeenCalledTimes(2)
  })

  it('come to a request even when the one that asked for them has died', async () => {
    const { answer, kid } = await createIsolate()
    answer.mockImplementationOnce(() => new Promise(() => {}))
    void kid()
    const second = kid()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await second).toBe(real.signing.kid)
    expect(await kid()).toBe(real.signing.kid)
  })

  it('are used on while the Keyring cannot be asked, and a first failure is not kept', async () => {
    const { answer, kid } = await createIsolate()
    answer.mockRejectedValueOnce(new Error('down'))
    await expect(kid()).rejects.toThrow('down')
    expect(await kid()).toBe(real.signing.kid)
    vi.setSystemTime(START + 11 * MINUTE)
    answer.mockRejectedValueOnce(new Error('down'))
    expect(await kid()).toBe(real.signing.kid)
  })

  it('are of all three kinds', async () => {
    const { http, bindings } = await createIsolate()
    expect(await http.publishedKeys(bindings)).toEqual(real.jwks)
    const [newest] = await http.mediaKeys(bindings)
    expect(newest?.kid).toBe(real.media[0]?.kid)
    expect(newest?.key).toHaveLength(32)
    expect((await http.signingKey(bindings)).key.extractable).toBe(false)
  })
})
