import { env } from 'cloudflare:workers'
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseWireId } from '../../src/protocol/ids.ts'
import { failure, success } from '../../src/protocol/result.ts'
import { grantFor, replaceAccount, uniqueNumber, wrongFor } from './support.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 10, 22, 12)

let restore = () => {}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  restore = replaceAccount()
})
afterEach(() => {
  restore()
  vi.useRealTimers()
})

function number() {
  const name = uniqueNumber()
  return { name, stub: env.NUMBER.getByName(name) }
}

async function codeOf(stub: ReturnType<typeof number>['stub']): Promise<string> {
  const issued = await stub.issueCode()
  if (!issued.ok) throw new Error(issued.code)
  return issued.value.code
}

describe("a number's one-time code", () => {
  it('is six digits, and hashed at rest', async () => {
    const { stub } = number()
    const code = await codeOf(stub)
    expect(code).toMatch(/^\d{6}$/)
    const stored = await runInDurableObject(stub, (_, state) => JSON.stringify([...state.storage.kv.list()]))
    expect(stored).not.toContain(code)
  })

  it('signs in once, and a replay of it is refused', async () => {
    const { name, stub } = number()
    const code = await codeOf(stub)
    const first = await stub.signIn(name, code)
    expect(first).toMatchObject({ ok: true, value: { account: { number: name } } })
    expect(await stub.signIn(name, code)).toEqual(failure('code_invalid'))
  })

  it('signs in once when fifty ask at the same moment', async () => {
    const { name, stub } = number()
    const code = await codeOf(stub)
    const all = await Promise.all(Array.from({ length: 50 }, () => stub.signIn(name, code)))
    expect(all.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it('is good until ten minutes have passed by the clock, and not a moment longer', async () => {
    const late = number()
    const lateCode = await codeOf(late.stub)
    const inTime = number()
    const inTimeCode = await codeOf(inTime.stub)
    vi.setSystemTime(START + 10 * MINUTE - 1)
    expect(await inTime.stub.signIn(inTime.name, inTimeCode)).toMatchObject({ ok: true })
    vi.setSystemTime(START + 10 * MINUTE)
    expect(await late.stub.signIn(late.name, lateCode)).toEqual(failure('code_invalid'))
  })

  it('S14: is burned by the fifth wrong try, also when an eviction lies between the tries', async () => {
    const { name, stub } = number()
    const code = await codeOf(stub)
    for (let tries = 0; tries < 5; tries++) {
      expect(await stub.signIn(name, wrongFor(code))).toEqual(failure('code_invalid'))
      await evictDurableObject(stub)
    }
    expect(await stub.signIn(name, code)).toEqual(failure('code_invalid'))
  })

  it('survives four wrong tries, and any number of texts that cannot be codes', async () => {
    const { name, stub } = number()
    const code = await codeOf(stub)
    for (let tries = 0; tries < 4; tries++) await stub.signIn(name, wrongFor(code))
    for (const slip of ['', '12345', '1234567', 'abcdef', '１２３４５６']) await stub.signIn(name, slip)
    expect(await stub.signIn(name, code)).toMatchObject({ ok: true })
  })

  it('dies when a newer one is made', async () => {
    const { name, stub } = number()
    const older = await codeOf(stub)
    let newer = await codeOf(stub)
    while (newer === older) newer = await codeOf(stub)
    expect(await stub.signIn(name, older)).toEqual(failure('code_invalid'))
    expect(await stub.signIn(name, newer)).toMatchObject({ ok: true })
  })

  it('S14: five are made an hour, and the sixth says how long to wait', async () => {
    const { stub } = number()
    for (let count = 0; count < 5; count++) {
      expect(await stub.issueCode()).toMatchObject({ ok: true })
      vi.setSystemTime(Date.now() + MINUTE)
    }
    expect(await stub.issueCode()).toEqual(failure('rate_limited', { retryAfter: 55 * 60 }))
    vi.setSystemTime(START + HOUR)
    expect(await stub.issueCode()).toMatchObject({ ok: true })
    expect(await stub.issueCode()).toEqual(failure('rate_limited', { retryAfter: 60 }))
  })

  it('is not used up while the account fails to answer, and then opens the same account', async () => {
    const asked: string[] = []
    let fails = true
    restore()
    restore = replaceAccount({
      async signIn(account, named) {
        asked.push(account)
        if (fails) throw new Error('the account is out of reach')
        return success(grantFor(account, named))
      },
      lastUsedAt: async () => START,
    })
    const { name, stub } = number()
    const code = await codeOf(stub)
    const failed = await stub.signIn(name, code).then(
      () => false,
      () => true,
    )
    expect(failed).toBe(true)
    await evictDurableObject(stub)
    fails = false
    expect(await stub.signIn(name, code)).toMatchObject({ ok: true })
    expect(asked[1]).toBe(asked[0])
  })

  it('is not used up by a refusal of the account', async () => {
    let answer = true
    restore()
    restore = replaceAccount({
      signIn: async (account, named) => {
        answer = !answer
        return answer ? success(grantFor(account, named)) : failure('unauthorized')
      },
    })
    const { name, stub } = number()
    const code = await codeOf(stub)
    expect(await stub.signIn(name, code)).toEqual(failure('unauthorized'))
    expect(await stub.signIn(name, code)).toMatchObject({ ok: true })
  })
})

describe("a number's account", () => {
  async function signIn({ name, stub }: ReturnType<typeof number>): Promise<string> {
    const signedIn = await stub.signIn(name, await codeOf(stub))
    if (!signedIn.ok) throw new Error(signedIn.code)
    return signedIn.value.accountId
  }

  it('has an id of our own class, made at the first sign-in and kept over an eviction', async () => {
    const one = number()
    expect(await one.stub.lookUp()).toBeNull()
    const account = await signIn(one)
    expect(() => env.ACCOUNT.idFromString(parseWireId(account) ?? '')).not.toThrow()
    await evictDurableObject(one.stub)
    expect(await one.stub.lookUp()).toBe(account)
    expect(await signIn(one)).toBe(account)
  })

  it('lapses after twelve months unused, so that a recycled number opens a new one', async () => {
    let usedAt: number | null = START
    restore()
    restore = replaceAccount({ lastUsedAt: async () => usedAt })
    const one = number()
    const first = await signIn(one)
    vi.setSystemTime(START + 365 * 24 * HOUR - 1)
    expect(await signIn(one)).toBe(first)
    vi.setSystemTime(START + 365 * 24 * HOUR)
    const second = await signIn(one)
    expect(second).not.toBe(first)
    usedAt = null
    expect(await signIn(one), 'an account that is gone is never opened again').not.toBe(second)
  })

  it('is released by its own account only', async () => {
    const one = number()
    const account = await signIn(one)
    await one.stub.release(await signIn(number()))
    expect(await one.stub.lookUp()).toBe(account)
    await one.stub.release(account)
    await one.stub.release(account)
    expect(await one.stub.lookUp()).toBeNull()
    vi.setSystemTime(START + HOUR)
    expect(await signIn(one)).not.toBe(account)
  })
})

describe("a number's storage", () => {
  it('is empty an hour after the last code when nobody signed in, whenever the alarm comes', async () => {
    const { name, stub } = number()
    const code = await codeOf(stub)
    vi.setSystemTime(START + 5 * MINUTE)
    expect(await runDurableObjectAlarm(stub), 'an early alarm').toBe(true)
    expect(await stub.signIn(name, wrongFor(code))).toEqual(failure('code_invalid'))
    vi.setSystemTime(START + HOUR)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    await runDurableObjectAlarm(stub)
    expect(await runInDurableObject(stub, (_, state) => [...state.storage.kv.list()])).toEqual([])
    expect(await stub.issueCode()).toMatchObject({ ok: true })
  })

  it('keeps the account when the alarm erases the rest', async () => {
    const { name, stub } = number()
    await stub.signIn(name, await codeOf(stub))
    vi.setSystemTime(START + HOUR)
    await runDurableObjectAlarm(stub)
    const keys = await runInDurableObject(stub, (_, state) => [...state.storage.kv.list()].map(([key]) => key))
    expect(keys).toEqual(['account'])
  })

  it('is not written by a try without a code', async () => {
    const { name, stub } = number()
    await stub.signIn(name, '123456')
    expect(await runInDurableObject(stub, (_, state) => [...state.storage.kv.list()])).toEqual([])
  })
})
