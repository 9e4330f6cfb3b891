import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { objectPrefix } from '../../src/account/deletion.ts'
import { wireId } from '../../src/protocol/ids.ts'
import { ERASED_AT_ONCE } from '../../src/protocol/limits.ts'
import { alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { link, Phone, refusal } from '../support/service.ts'
import { callerFor, createAccount, createPair, evict, openPhone, sendText, type TestAccount } from './support.ts'

const ACCOUNT_TABLES = ['conversations', 'messages', 'media', 'outbox', 'devices', 'sessions', 'counters', 'due']

afterEach(() => vi.restoreAllMocks())

/** What the account's object still stores, and its tombstone. */
function remains(account: Pick<TestAccount, 'stub'>) {
  return runInDurableObject(account.stub, (_, { storage: { sql } }) => ({
    rows: ACCOUNT_TABLES.filter((table) => sql.exec(`SELECT 1 FROM ${table} LIMIT 1`).toArray().length > 0),
    events: sql.exec('SELECT count(*) AS n FROM events').one().n,
    profile: sql.exec('SELECT name, number, avatar FROM profile').one(),
  }))
}

/** Fires the account's alarm, evicted before each time, until nothing is due. */
async function settle(account: TestAccount): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await evict(account)
    if ((await alarmAt(account.stub)) === null) return
    await fireAlarm(account.stub)
  }
  throw new Error('there is always something due')
}

function putObjects(account: string, count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, async (_, i) => env.MEDIA?.put(`${objectPrefix(account)}${i}`, 'x')))
}

async function objectsOf(account: string): Promise<number> {
  return (await env.MEDIA?.list({ prefix: objectPrefix(account) }))?.objects.length ?? 0
}

describe('a deleted account', () => {
  useFakeDate()

  it('ends its devices, sockets and tokens at once, and its number opens a new one', async () => {
    const phone = await Phone.signIn()
    const { socket, browser, device } = await link(phone)
    const stream = await phone.openStream()
    await stream.next('snapshot')
    expect((await phone.call('DELETE', '/v1/account')).status).toBe(204)
    await socket.find(({ type, reason }) => type === 'unlinked' && reason === 'account')
    expect(await socket.closed()).toBe(4410)
    expect(await stream.closed()).toBe(4401)
    for (const [method, path] of [
      ['GET', '/v1/account'],
      ['DELETE', '/v1/account'],
      ['GET', '/v1/devices'],
      ['GET', '/v1/account/export'],
    ] as const) {
      expect(await refusal(await phone.call(method, path)), `${method} ${path}`).toBe('401 unauthorized')
    }
    expect(await refusal(await phone.post('/v1/phone/refresh', { refreshToken: phone.refreshToken }))).toBe(
      '401 unauthorized',
    )
    const back = await browser.resume(device.id)
    await back.find(({ type, reason }) => type === 'unlinked' && reason === 'account')
    const again = await Phone.signIn(phone.number)
    expect(again.account.id).not.toBe(phone.account.id)
    expect(await refusal(await phone.call('GET', '/v1/account'))).toBe('401 unauthorized')
  })

  it('leaves a tombstone and nothing else, evicted between every two steps', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'remember me')
    await phoneB.event('message')
    await putObjects(ada.id, ERASED_AT_ONCE + 3)
    await putObjects(bo.id, 1)
    expect(await ada.stub.deleteAccount(ada.caller)).toEqual({ ok: true, value: null })
    expect(await phoneA.closed()).toBe(4401)
    expect(await ada.stub.deleteAccount(ada.caller)).toEqual({ ok: false, code: 'unauthorized' })
    await settle(ada)
    expect(await remains(ada)).toEqual({
      rows: [],
      events: 1,
      profile: { name: '', number: null, avatar: null },
    })
    expect([await objectsOf(ada.id), await objectsOf(bo.id)]).toEqual([0, 1])
    expect(await env.NUMBER.getByName(ada.number).lookUp()).toBeNull()
    expect(await ada.stub.peerCard()).toBeNull()
    expect(await ada.stub.signIn(ada.id, ada.number)).toEqual({ ok: false, code: 'unauthorized' })
  })

  it('is told to its peers once: the conversation stays, and nothing can be sent to it', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'remember me')
    const { message } = await phoneB.event('message')
    await ada.stub.deleteAccount(ada.caller)
    const told = await phoneB.event('conversation', (event) => event.conversation.peer.gone === true)
    expect(told.conversation).toMatchObject({ id: message.conversation, last: { text: 'remember me' } })
    await settle(ada)
    await evict(bo)
    const send = { type: 'send', conversation: message.conversation, text: 'still there?' } as const
    expect(await phoneB.request({ ...send, id: crypto.randomUUID() })).toMatchObject({ code: 'not_found' })
    const history = await phoneB.request({ type: 'history', conversation: message.conversation })
    expect(history).toMatchObject({ messages: [{ text: 'remember me' }] })
    await phoneB.request({ type: 'read', conversation: message.conversation, upTo: message.seq })
    const tellings = phoneB.frames.filter(
      (frame) =>
        frame.type === 'event' && frame.event.kind === 'conversation' && frame.event.conversation.peer.gone === true,
    )
    expect(tellings).toHaveLength(1)
    expect(await remains(bo)).toMatchObject({ rows: expect.not.arrayContaining(['outbox']) })
  })

  it('delivers what was answered ok before, however long that takes', async () => {
    const { ada, phoneA, phoneB, conversation } = await createPair()
    const failing = vi.spyOn(Account.prototype, 'deliver').mockRejectedValue(new Error('out of reach'))
    await sendText(phoneA, conversation.id, 'my last words')
    await vi.waitFor(() => expect(failing).toHaveBeenCalled())
    await ada.stub.deleteAccount(ada.caller)
    await evict(ada)
    await fireAlarm(ada.stub)
    expect((await remains(ada)).rows).toEqual(expect.arrayContaining(['conversations', 'messages', 'outbox']))
    failing.mockRestore()
    await settle(ada)
    const { message } = await phoneB.event('message')
    expect(message).toMatchObject({ text: 'my last words' })
    await phoneB.event('conversation', (event) => event.conversation.peer.gone === true)
    expect((await remains(ada)).rows).toEqual([])
  })

  it('of an outside issuer is made anew by a later token only, and its peers hear of it again', async () => {
    const stub = env.ACCOUNT.get(env.ACCOUNT.newUniqueId())
    const bo = await createAccount()
    const id = wireId(stub.id.toString())
    const ada: TestAccount = { stub, id, number: '', caller: callerFor(id, null), refreshToken: '' }
    await stub.updateProfile(ada.caller, { name: 'Ada' })
    const [phoneA, phoneB] = [await openPhone(ada), await openPhone(bo)]
    const begun = await phoneA.request({ type: 'start', account: bo.id })
    if (begun.type !== 'ok') throw new Error('not begun')
    for (const text of ['one', 'two', 'three']) await sendText(phoneA, begun.conversation?.id ?? '', text)
    await phoneB.event('message', ({ message }) => message.text === 'three')
    const { cursor: before } = await (await openPhone(ada)).frame('snapshot')

    await stub.deleteAccount(ada.caller)
    await settle(ada)
    expect(await stub.profile(ada.caller)).toEqual({ ok: false, code: 'unauthorized' })
    const later = { ...ada.caller, issuedAt: Date.now() + 1_000 }
    expect(await stub.profile(later)).toEqual({ ok: true, value: { id, name: 'New account' } })
    expect(await stub.profile(ada.caller)).toEqual({ ok: false, code: 'unauthorized' })

    const again = await openPhone(ada, before, later)
    expect(await again.frame('snapshot')).toMatchObject({ conversations: [] })
    const anew = await again.request({ type: 'start', account: bo.id })
    if (anew.type !== 'ok') throw new Error('not begun')
    await sendText(again, anew.conversation?.id ?? '', 'hello again')
    const { message } = await phoneB.event('message', (event) => event.message.text === 'hello again')
    const { conversations } = await (await openPhone(bo)).frame('snapshot')
    expect(conversations).toHaveLength(1)
    expect(conversations[0]?.peer).not.toHaveProperty('gone')
    expect(message.conversation).toBe(conversations[0]?.id)
    const reply = await phoneB.request({
      type: 'send',
      id: crypto.randomUUID(),
      conversation: message.conversation,
      text: 'welcome back',
    })
    expect(reply.type).toBe('ok')
    await again.event('message', (event) => event.message.text === 'welcome back')
  })
})
