import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { REFRESH_REUSE_MS, SCANS_A_MINUTE, SESSION_IDLE_MS } from '../../src/protocol/limits.ts'
import { advance, useFakeDate } from '../support/clock.ts'
import { createAccount, evict, openPhone, type TestAccount } from './support.ts'

const REFUSED = { ok: false, code: 'unauthorized' }

async function refresh({ stub }: TestAccount, token: string): Promise<string> {
  const result = await stub.refresh(token)
  if (!result.ok) throw new Error(result.code)
  return result.value.refreshToken
}

describe('a session', () => {
  useFakeDate()

  it('of a first sign-in makes the account, named by its number; of a second one opens the same', async () => {
    const ada = await createAccount()
    const again = await ada.stub.signIn(ada.id, ada.number)
    if (!again.ok) throw new Error(again.code)
    expect(again.value.account).toMatchObject({ id: ada.id, number: ada.number })
    expect(again.value.account.name.replaceAll(/[ -]/g, '')).toBe(ada.number)
    expect(again.value.session).not.toBe(ada.caller.session)
    expect(again.value.refreshToken.split('.')).toHaveLength(3)
    expect(again.value.refreshToken.startsWith(`${ada.id}.`)).toBe(true)
  })

  it('rotates its refresh token, which is kept as a hash only (S20)', async () => {
    const ada = await createAccount()
    const second = await refresh(ada, ada.refreshToken)
    expect(second).not.toBe(ada.refreshToken)
    await evict(ada)
    const third = await refresh(ada, second)
    await runInDurableObject(ada.stub, (_, { storage }) => {
      const rows = JSON.stringify(storage.sql.exec('SELECT * FROM sessions').toArray())
      for (const token of [ada.refreshToken, second, third]) {
        expect(rows).not.toContain(token)
        expect(rows).not.toContain(token.split('.')[2])
      }
    })
    expect(await ada.stub.profile(ada.caller)).toMatchObject({ ok: true })
  })

  it('takes the old token once more within 60 s while its successor is unused (S19)', async () => {
    const ada = await createAccount()
    await refresh(ada, ada.refreshToken)
    advance(REFRESH_REUSE_MS - 1)
    const another = await refresh(ada, ada.refreshToken)
    expect(await refresh(ada, another)).toBeDefined()
  })

  for (const [what, reuse] of [
    ['after 60 s', async () => advance(REFRESH_REUSE_MS)],
    ['a third time', async (ada: TestAccount) => refresh(ada, ada.refreshToken)],
  ] as const) {
    it(`ends, with its sockets, when the old token is used ${what} (S19)`, async () => {
      const ada = await createAccount()
      const phone = await openPhone(ada)
      const second = await refresh(ada, ada.refreshToken)
      await reuse(ada)
      await evict(ada)
      expect(await ada.stub.refresh(ada.refreshToken)).toEqual(REFUSED)
      expect(await phone.closed()).toBe(4401)
      expect(await ada.stub.refresh(second)).toEqual(REFUSED)
      expect(await ada.stub.profile(ada.caller)).toEqual(REFUSED)
    })
  }

  it('ends when the old token is used after its successor (S19)', async () => {
    const ada = await createAccount()
    const third = await refresh(ada, await refresh(ada, ada.refreshToken))
    expect(await ada.stub.refresh(ada.refreshToken)).toEqual(REFUSED)
    expect(await ada.stub.refresh(third)).toEqual(REFUSED)
  })

  it('of another phone lives on when one ends', async () => {
    const ada = await createAccount()
    const other = await ada.stub.signIn(ada.id, ada.number)
    if (!other.ok) throw new Error(other.code)
    await ada.stub.signOut(ada.caller)
    await ada.stub.signOut(ada.caller)
    expect(await ada.stub.profile(ada.caller)).toEqual(REFUSED)
    expect(await ada.stub.refresh(ada.refreshToken)).toEqual(REFUSED)
    expect(await ada.stub.profile({ ...ada.caller, session: other.value.session })).toMatchObject({ ok: true })
  })

  it('that nobody refreshes for 180 days is over', async () => {
    const ada = await createAccount()
    advance(SESSION_IDLE_MS - 1)
    expect(await ada.stub.profile(ada.caller)).toMatchObject({ ok: true })
    advance(1)
    expect(await ada.stub.profile(ada.caller)).toEqual(REFUSED)
    expect(await ada.stub.refresh(ada.refreshToken)).toEqual(REFUSED)
  })

  it('is not opened by anything that only looks like its token', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    for (const token of ['', 'x', '..', `${ada.id}..x`, `${ada.id}.unknown.secret`, bo.refreshToken, 'a.b.c.d']) {
      expect(await ada.stub.refresh(token)).toEqual(REFUSED)
    }
    expect(await refresh(ada, ada.refreshToken)).toBeDefined()
  })

  it('notes when the account was last used', async () => {
    const ada = await createAccount()
    const signedInAt = await ada.stub.lastUsedAt()
    expect(signedInAt).toBe(Date.now())
    advance(5000)
    await refresh(ada, ada.refreshToken)
    expect(await ada.stub.lastUsedAt()).toBe(Date.now())
  })
})

describe('scans', () => {
  useFakeDate()

  it('are twenty a minute, whatever is evicted between them (S14)', async () => {
    const ada = await createAccount()
    for (let count = 0; count < SCANS_A_MINUTE; count++) {
      expect(await ada.stub.admitScan(ada.caller)).toEqual({ ok: true, value: null })
    }
    await evict(ada)
    expect(await ada.stub.admitScan(ada.caller)).toEqual({ ok: false, code: 'rate_limited', retryAfter: 60 })
    advance(60_000)
    expect(await ada.stub.admitScan(ada.caller)).toMatchObject({ ok: true })
    await ada.stub.signOut(ada.caller)
    expect(await ada.stub.admitScan(ada.caller)).toEqual(REFUSED)
  })
})
