import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { signAccessToken } from '../../src/http/access-token.ts'
import { ACCESS_TOKEN_MS, CLIENT_FRAME_BYTES, PHONE_SOCKETS } from '../../src/protocol/limits.ts'
import { advance, useFakeDate } from '../support/clock.ts'
import { createAccount, createPair, evict, openPhone, sendText, snapshotOf, type TestAccount } from './support.ts'

async function tokenOf({ id, caller }: TestAccount): Promise<string> {
  return (await signAccessToken(env, { account: id, session: caller.session ?? '', now: Date.now() })).accessToken
}

describe('the phone’s socket', () => {
  it('begins with a snapshot, or with the events after a cursor that is of use', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const { cursor } = await phoneA.frame('snapshot')
    await sendText(phoneA, conversation.id, 'one')
    const { seq } = await sendText(phoneA, conversation.id, 'two')
    await phoneA.event('status', ({ deliveredUpTo }) => deliveredUpTo === seq)
    const head = (await snapshotOf(ada)).cursor
    const caughtUp = await openPhone(ada, cursor)
    await caughtUp.request({ type: 'conversations' })
    const cursors = caughtUp.frames.flatMap((frame) => (frame.type === 'event' ? [frame.cursor] : []))
    expect(cursors).toEqual(Array.from({ length: head - cursor }, (_, index) => cursor + 1 + index))
    expect(caughtUp.frames.some(({ type }) => type === 'snapshot')).toBe(false)
    const fresh = await openPhone(ada, head)
    await fresh.request({ type: 'conversations' })
    expect(fresh.frames.filter(({ type }) => type === 'event' || type === 'snapshot')).toEqual([])
    expect(await (await openPhone(ada, head + 1)).frame('snapshot')).toMatchObject({ cursor: head })
  })

  it('goes on where it was after the object hibernated', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await evict(ada, bo)
    await sendText(phoneA, conversation.id, 'one')
    await phoneB.event('message')
    await phoneA.event('status')
    await evict(ada, bo)
    await sendText(phoneA, conversation.id, 'two')
    await phoneB.event('message', ({ unread }) => unread === 2)
    await phoneA.event('status', ({ deliveredUpTo }) => deliveredUpTo > 3)
    for (const phone of [phoneA, phoneB]) {
      const cursors = phone.frames.flatMap((frame) => (frame.type === 'event' ? [frame.cursor] : []))
      expect(cursors).toEqual(cursors.map((_, index) => index + 1))
    }
  })

  it('shows what one phone does on the other', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const second = await openPhone(ada)
    const sent = await sendText(phoneA, conversation.id, 'from the first')
    expect((await second.event('message')).message).toEqual(sent)
    expect((await phoneA.event('message')).message).toEqual(sent)
  })

  it('answers ping with pong and the client’s close with its code', async () => {
    const phone = await openPhone(await createAccount())
    phone.send('ping')
    await phone.frame('idle')
    phone.close(3001)
    expect(await phone.closed()).toBe(3001)
  })

  it('is one of four at most: the oldest is closed 4409', async () => {
    const ada = await createAccount()
    const phones = []
    for (let count = 0; count <= PHONE_SOCKETS; count++) phones.push(await openPhone(ada))
    expect(await phones[0]?.closed()).toBe(4409)
    expect(phones.slice(1).map((phone) => phone.closedWith)).toEqual([null, null, null, null])
    await evict(ada)
    await openPhone(ada)
    expect(await phones[1]?.closed()).toBe(4409)
  })

  it('closes 4400 on what is no frame, after saying so', async () => {
    for (const bad of ['{', '[]', '"text"', 'null', new ArrayBuffer(3)]) {
      const phone = await openPhone(await createAccount())
      phone.send(bad)
      expect(await phone.frame('error')).toMatchObject({ code: 'bad_request' })
      expect(await phone.closed()).toBe(4400)
    }
  })

  it('stays open on an unknown type or bad fields, with the ref in the answer', async () => {
    const phone = await openPhone(await createAccount())
    phone.send({ type: 'history', ref: 'mine', conversation: 5 })
    expect(await phone.frame('error')).toMatchObject({ code: 'bad_request', ref: 'mine' })
    expect(await phone.request({ type: 'conversations' })).toMatchObject({ type: 'ok' })
  })

  it('closes 4413 on a frame over 64 KiB of UTF-8, and the object lives on (S15)', async () => {
    const ada = await createAccount()
    const [large, wide] = [await openPhone(ada), await openPhone(ada)]
    large.send('x'.repeat(1024 * 1024))
    expect(await large.closed()).toBe(4413)
    wide.send(JSON.stringify({ type: 'x', pad: 'é'.repeat(CLIENT_FRAME_BYTES / 2) }))
    expect(await wide.closed()).toBe(4413)
    const exact = await openPhone(ada)
    const frame = { type: 'conversations', ref: 'r', pad: '' }
    frame.pad = 'x'.repeat(CLIENT_FRAME_BYTES - JSON.stringify(frame).length)
    exact.send(frame)
    expect(await exact.frame('ok')).toMatchObject({ ref: 'r' })
  })

  it('is refused for another account, an ended session and no session of this account', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    await expect(openPhone({ ...ada, caller: bo.caller })).rejects.toThrow('401')
    await expect(openPhone(ada, null, { session: 'made-up' })).rejects.toThrow('401')
    await ada.stub.signOut(ada.caller)
    await expect(openPhone(ada)).rejects.toThrow('401')
  })

  it('closes 4401 when its session is signed out, and the others stay', async () => {
    const ada = await createAccount()
    const grant = await ada.stub.signIn(ada.id, ada.number)
    if (!grant.ok) throw new Error(grant.code)
    const [leaving, staying] = [await openPhone(ada), await openPhone(ada, null, { session: grant.value.session })]
    await evict(ada)
    await ada.stub.signOut(ada.caller)
    expect(await leaving.closed()).toBe(4401)
    expect(await staying.request({ type: 'conversations' })).toMatchObject({ type: 'ok' })
  })

  it('keeps no socket in memory or storage after it closed', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    phone.close(1000)
    await phone.closed()
    await runInDurableObject(ada.stub, (_, state) => {
      expect(state.getWebSockets().filter(({ readyState }) => readyState === 1)).toEqual([])
    })
  })
})

describe('the token of a phone’s socket', () => {
  useFakeDate()

  it('ends it: after expiry nothing is accepted', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada, null, { expiresAt: Date.now() + 1000 })
    advance(999)
    expect(await phone.request({ type: 'conversations' })).toMatchObject({ type: 'ok' })
    advance(1)
    phone.send({ type: 'conversations', ref: 'late' })
    expect(await phone.closed()).toBe(4401)
    expect(phone.frames.some((frame) => frame.type === 'ok' && frame.ref === 'late')).toBe(false)
  })

  it('ends it: after expiry nothing is sent', async () => {
    const { bo, phoneA, conversation } = await createPair()
    const expiring = await openPhone(bo, null, { expiresAt: Date.now() + 1000 })
    advance(1000)
    await sendText(phoneA, conversation.id, 'too late')
    expect(await expiring.closed()).toBe(4401)
    expect(expiring.frames.filter(({ type }) => type === 'event')).toEqual([])
  })

  it('is extended by a new one of the same account', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    const phone = await openPhone(ada, null, { expiresAt: Date.now() + 1000 })
    const give = (accessToken: string) => phone.request({ type: 'token', accessToken })
    expect(await give(await tokenOf(bo))).toMatchObject({ code: 'not_allowed' })
    expect(await give('not.a.token')).toMatchObject({ code: 'not_allowed' })
    expect(await give(await tokenOf({ ...ada, caller: { ...ada.caller, session: 'other' } }))).toMatchObject({
      code: 'not_allowed',
    })
    const token = await tokenOf(ada)
    expect(await give(token)).toMatchObject({ type: 'ok' })
    await evict(ada)
    advance(ACCESS_TOKEN_MS - 2000)
    expect(await phone.request({ type: 'conversations' })).toMatchObject({ type: 'ok' })
    advance(2000)
    phone.send({ type: 'conversations', ref: 'late' })
    expect(await phone.closed()).toBe(4401)
  })
})
