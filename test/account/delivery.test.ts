import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { forgetAll } from '../../src/account/memory.ts'
import { Account } from '../../src/account/account.ts'
import type { DeliveredMessage, Delivery, PeerCard } from '../../src/account/rpc.ts'
import { DELIVERY_BATCH, DELIVERY_KEPT_MS, DELIVERY_RETRY_MS } from '../../src/protocol/limits.ts'
import { accountOf } from '../support/service.ts'
import { advance, alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { createAccount, createPair, evict, openPhone, sendText, snapshotOf, type TestAccount } from './support.ts'

afterEach(() => vi.restoreAllMocks())

function message(id: string, text: string): DeliveredMessage {
  return { id, sentAt: 1, text }
}

function numbered(number: number, id = crypto.randomUUID()): Delivery {
  return { number, body: { kind: 'message', message: message(id, `text ${number}`) } }
}

function stranger(version = 1, name = 'Stranger'): PeerCard {
  return { account: 'S'.repeat(43), name, version }
}

async function textsOf(account: TestAccount): Promise<(string | undefined)[]> {
  const phone = await openPhone(account)
  const { conversations } = await phone.frame('snapshot')
  const answers = await Promise.all(
    conversations.map(({ id }) => phone.request({ type: 'history', conversation: id, limit: 100 })),
  )
  return answers.flatMap((answer) => (answer.type === 'ok' ? (answer.messages ?? []) : [])).map(({ text }) => text)
}

function outboxOf(account: TestAccount): Promise<number> {
  return runInDurableObject(
    account.stub,
    (_, { storage }) => storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM outbox').one().count,
  )
}

describe('delivery between accounts', () => {
  it('carries a message to the other phone and the ticks back', async () => {
    const { ada, phoneA, phoneB, conversation } = await createPair()
    const sent = await sendText(phoneA, conversation.id, 'Hello')
    expect(sent).toMatchObject({ from: 'me', text: 'Hello', conversation: conversation.id })

    const begun = await phoneB.event('conversation')
    expect(begun.conversation).toMatchObject({ peer: { account: ada.id, number: ada.number }, unread: 0, last: null })
    const arrived = await phoneB.event('message')
    expect(arrived).toMatchObject({ unread: 1, message: { id: sent.id, from: ada.id, text: 'Hello' } })

    const delivered = await phoneA.event('status')
    expect(delivered).toMatchObject({ conversation: conversation.id, deliveredUpTo: sent.seq, readUpTo: 0 })
    await phoneB.request({ type: 'read', conversation: begun.conversation.id, upTo: arrived.message.seq })
    expect(await phoneB.event('read')).toMatchObject({ upTo: arrived.message.seq, unread: 0 })
    expect(await phoneA.event('status', (event) => event.readUpTo > 0)).toMatchObject({ readUpTo: sent.seq })
  })

  it('goes on with both accounts evicted between every two steps', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await evict(ada, bo)
    const sent = await sendText(phoneA, conversation.id, 'One')
    const arrived = await phoneB.event('message')
    await phoneA.event('status')
    await evict(ada, bo)
    await phoneB.request({ type: 'read', conversation: arrived.message.conversation, upTo: arrived.message.seq })
    await phoneA.event('status', ({ readUpTo }) => readUpTo === sent.seq)
    await evict(ada, bo)
    await sendText(phoneB, arrived.message.conversation, 'Two', { replyTo: sent.id })
    expect(await phoneA.event('message', ({ message: { text } }) => text === 'Two')).toMatchObject({
      unread: 1,
      message: { from: bo.id, replyTo: sent.id },
    })
    await phoneB.event('status')
    await evict(ada, bo)
    await phoneA.request({ type: 'delete', conversation: conversation.id, id: sent.id, for: 'all' })
    expect(await phoneB.event('deleted')).toMatchObject({ id: sent.id })
    await evict(ada, bo)
    // An answer may have been lost with its object: the alarm asks again and hears that all was taken.
    for (const { stub } of [ada, bo]) await runDurableObjectAlarm(stub)
    expect(await outboxOf(ada)).toBe(0)
    expect(await outboxOf(bo)).toBe(0)
  })

  it('carries a message that its author deleted for themselves before it could be delivered', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    const failing = vi.spyOn(Account.prototype, 'deliver').mockRejectedValue(new Error('down'))
    const { id } = await sendText(phoneA, conversation.id, 'still yours')
    await vi.waitFor(() => expect(failing).toHaveBeenCalled())
    await phoneA.request({ type: 'delete', conversation: conversation.id, id, for: 'me' })
    expect(await phoneA.request({ type: 'search', text: 'still yours' })).toMatchObject({ messages: [] })
    expect(await textsOf(ada)).toEqual([undefined])
    failing.mockRestore()
    await runDurableObjectAlarm(ada.stub)
    expect(await phoneB.event('message')).toMatchObject({ message: { id, text: 'still yours' } })
    expect(await textsOf(bo)).toEqual(['still yours'])
    await vi.waitFor(async () => expect(await outboxOf(ada)).toBe(0))
    const kept = await runInDurableObject(ada.stub, (_, { storage }) =>
      storage.sql.exec('SELECT text, deleted FROM messages').one(),
    )
    expect(kept).toEqual({ text: null, deleted: 1 })
  })

  it('keeps the order of many messages that were sent without waiting', async () => {
    const { ada, bo, phoneA, conversation } = await createPair()
    const texts = Array.from({ length: DELIVERY_BATCH + 30 }, (_, index) => `message ${index}`)
    await Promise.all(texts.map((text) => sendText(phoneA, conversation.id, text)))
    await vi.waitFor(async () => expect(await outboxOf(ada)).toBe(0))
    expect(await textsOf(bo)).toEqual(texts.slice(-100))
  })

  it('carries both directions at once', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'first')
    const { conversation: other } = (await phoneB.event('message')).message
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => [
        sendText(phoneA, conversation.id, `a${index}`),
        sendText(phoneB, other, `b${index}`),
      ]).flat(),
    )
    await phoneB.event('message', ({ message: { text } }) => text === 'a19')
    await phoneA.event('message', ({ message: { text } }) => text === 'b19')
    await phoneB.event('status', ({ deliveredUpTo }) => deliveredUpTo > 0)
    const sent = Array.from({ length: 20 }, (_, index) => index)
    for (const account of [ada, bo]) {
      const texts = await textsOf(account)
      for (const name of ['a', 'b']) {
        expect(texts.filter((text) => text?.startsWith(name))).toEqual(sent.map((index) => `${name}${index}`))
      }
    }
  })
})

describe('a delivery that fails', () => {
  useFakeDate()

  for (const when of ['before', 'after'] as const) {
    it(`${when} the other account took it is repeated by the alarm, and taken once`, async () => {
      const { ada, bo, phoneA, phoneB, conversation } = await createPair()
      const original = Account.prototype.deliver
      vi.spyOn(Account.prototype, 'deliver').mockImplementationOnce(async function (this: Account, ...args) {
        if (when === 'after') await Reflect.apply(original, this, args)
        throw new Error('the network between the objects failed')
      })
      await sendText(phoneA, conversation.id, 'Hello')
      await vi.waitFor(async () => expect(await outboxOf(ada)).toBe(1))
      await evict(ada)
      await fireAlarm(ada.stub)
      await phoneA.event('status')
      await phoneB.event('message')
      expect(await textsOf(bo)).toEqual(['Hello'])
      expect(await outboxOf(ada)).toBe(0)
    })
  }

  it('again and again is repeated with growing waits, and what is sent meanwhile stays behind it', async () => {
    const { ada, bo, phoneA, conversation } = await createPair()
    const failing = vi.spyOn(Account.prototype, 'deliver').mockRejectedValue(new Error('out of reach'))
    await sendText(phoneA, conversation.id, 'one')
    const waits: number[] = []
    for (let round = 0; round < 3; round++) {
      await vi.waitFor(() => expect(failing).toHaveBeenCalledTimes(round + 1))
      const due = await vi.waitFor(() => retryAt(ada, round + 1))
      waits.push(Math.round((due - Date.now()) / DELIVERY_RETRY_MS))
      vi.setSystemTime(due)
      await runDurableObjectAlarm(ada.stub)
    }
    expect(waits).toEqual([1, 2, 4])
    await sendText(phoneA, conversation.id, 'two')
    expect(failing).toHaveBeenCalledTimes(4)
    failing.mockRestore()
    vi.setSystemTime(await retryAt(ada, 4))
    await runDurableObjectAlarm(ada.stub)
    expect(await textsOf(bo)).toEqual(['one', 'two'])
  })

  it('whose first call was lost with the object is made by the alarm within ten seconds', async () => {
    const { ada, bo, phoneA, conversation } = await createPair()
    // What is left when the object is lost between its commit and the call: the row, and the alarm.
    vi.spyOn(Account.prototype, 'deliver').mockImplementationOnce(() => new Promise(() => undefined))
    await sendText(phoneA, conversation.id, 'Hello')
    const due = await alarmAt(ada.stub)
    expect(due).toBeLessThanOrEqual(Date.now() + 10_000)
    await abortAllDurableObjects()
    // Stubs made before are broken with their objects.
    await fireAlarm(accountOf(ada.id))
    expect(await textsOf({ ...bo, stub: accountOf(bo.id) })).toEqual(['Hello'])
  })

  it('is given up after 30 days, and what follows is taken all the same', async () => {
    const { ada, bo, phoneA, conversation } = await createPair()
    const failing = vi.spyOn(Account.prototype, 'deliver').mockRejectedValue(new Error('out of reach'))
    await sendText(phoneA, conversation.id, 'old')
    await vi.waitFor(() => retryAt(ada, 1))
    advance(DELIVERY_KEPT_MS)
    await runDurableObjectAlarm(ada.stub)
    expect(await outboxOf(ada)).toBe(0)
    failing.mockRestore()
    const again = await openPhone(ada, null, { expiresAt: Date.now() + 900_000 })
    await sendText(again, conversation.id, 'new')
    await again.event('status')
    const phone = await openPhone(bo, null, { expiresAt: Date.now() + 900_000 })
    expect((await phone.frame('snapshot')).conversations).toMatchObject([{ unread: 1, last: { text: 'new' } }])
  })

  it('does nothing more when the alarm comes twice, late, or with nothing due', async () => {
    const { ada, bo, phoneA, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'Hello')
    await phoneA.event('status')
    const { cursor } = await snapshotOf(bo)
    for (const account of [ada, bo]) {
      await runInDurableObject(account.stub, async (instance) => {
        await instance.alarm()
        await instance.alarm()
      })
      advance(120_000)
      await runInDurableObject(account.stub, (instance) => instance.alarm())
    }
    expect((await snapshotOf(bo)).cursor).toBe(cursor)
  })
})

async function retryAt(account: TestAccount, tries: number): Promise<number> {
  return runInDurableObject(account.stub, (_, { storage }) => {
    const [row] = storage.sql
      .exec<{ at: number; tries: number }>("SELECT at, tries FROM due WHERE what LIKE 'deliver:%'")
      .toArray()
    expect(row?.tries).toBe(tries)
    return row?.at ?? 0
  })
}

describe('what an account takes from another', () => {
  it('is numbered: repeated ones are passed over, a gap is refused, one given up is not waited for', async () => {
    const bo = await createAccount()
    expect(await bo.stub.deliver(stranger(), 1, [numbered(1), numbered(2)])).toEqual({ outcome: 'taken', upTo: 2 })
    expect(await bo.stub.deliver(stranger(), 1, [numbered(1), numbered(2)])).toEqual({ outcome: 'taken', upTo: 2 })
    expect(await bo.stub.deliver(stranger(), 1, [numbered(5)])).toEqual({ outcome: 'gap', expected: 3 })
    expect(await bo.stub.deliver(stranger(), 5, [numbered(5), numbered(7)])).toEqual({ outcome: 'gap', expected: 6 })
    expect(await bo.stub.deliver(stranger(), 9, [])).toEqual({ outcome: 'taken', upTo: 8 })
    expect(await textsOf(bo)).toEqual(['text 1', 'text 2', 'text 5'])
  })

  it('is keyed by sender and id: a stranger cannot suppress or overwrite what another sent', async () => {
    const bo = await createAccount()
    const id = crypto.randomUUID()
    const other: PeerCard = { account: 'T'.repeat(43), name: 'Other', version: 1 }
    await bo.stub.deliver(stranger(), 1, [{ number: 1, body: { kind: 'message', message: message(id, 'mine') } }])
    await bo.stub.deliver(other, 1, [{ number: 1, body: { kind: 'message', message: message(id, 'theirs') } }])
    await bo.stub.deliver(other, 1, [{ number: 2, body: { kind: 'message', message: message(id, 'again') } }])
    expect(new Set(await textsOf(bo))).toEqual(new Set(['mine', 'theirs']))
    await bo.stub.deliver(other, 1, [{ number: 3, body: { kind: 'deleted', id } }])
    expect((await textsOf(bo)).filter((text) => text !== undefined)).toEqual(['mine'])
  })

  it('shows no conversation before the first message, whatever else comes', async () => {
    const bo = await createAccount()
    const id = crypto.randomUUID()
    expect(
      await bo.stub.deliver(stranger(), 1, [
        { number: 1, body: { kind: 'marks', readUpTo: id } },
        { number: 2, body: { kind: 'deleted', id } },
        { number: 3, body: { kind: 'profile', card: stranger() } },
      ]),
    ).toEqual({ outcome: 'taken', upTo: 3 })
    expect(await snapshotOf(bo)).toMatchObject({ cursor: 0, conversations: [] })
    await bo.stub.deliver(stranger(), 4, [numbered(4)])
    expect((await snapshotOf(bo)).conversations).toHaveLength(1)
  })

  it('marks only what was said to that peer, and never back', async () => {
    const { bo, phoneA, conversation } = await createPair()
    const [one, two] = [await sendText(phoneA, conversation.id, '1'), await sendText(phoneA, conversation.id, '2')]
    await phoneA.event('status', ({ deliveredUpTo }) => deliveredUpTo === two.seq)
    const ada = (await phoneA.frame('snapshot')).account.id
    const card = await bo.stub.peerCard()
    if (card === null) throw new Error('no card')
    const stub = accountOf(ada)
    await stub.deliver(card, 1, [{ number: 1, body: { kind: 'marks', readUpTo: two.id } }])
    await stub.deliver(card, 1, [{ number: 2, body: { kind: 'marks', readUpTo: one.id, deliveredUpTo: one.id } }])
    await stub.deliver(stranger(), 1, [{ number: 1, body: { kind: 'marks', readUpTo: two.id } }])
    const answer = await phoneA.request({ type: 'conversations', ids: [conversation.id] })
    expect(answer).toMatchObject({ conversations: [{ peer: { deliveredUpTo: two.seq, readUpTo: two.seq } }] })
  })

  it('takes over the newest card of a peer and no older one', async () => {
    const bo = await createAccount()
    await bo.stub.deliver(stranger(3, 'Third'), 1, [numbered(1)])
    await bo.stub.deliver(stranger(2, 'Second'), 2, [numbered(2)])
    expect((await snapshotOf(bo)).conversations).toMatchObject([{ title: 'Third' }])
    const phone = await openPhone(bo, (await snapshotOf(bo)).cursor)
    await bo.stub.deliver(stranger(4, 'Fourth'), 3, [{ number: 3, body: { kind: 'profile', card: stranger(4) } }])
    expect(await phone.event('conversation')).toMatchObject({ conversation: { title: 'Fourth', unread: 2 } })
  })
})

describe('a peer that blocks', () => {
  it('takes nothing more, and after unblocking only what is new', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'before')
    const { conversation: other } = (await phoneB.event('message')).message
    expect(await phoneB.request({ type: 'block', account: ada.id, on: true })).toMatchObject({ type: 'ok' })
    expect(await phoneB.event('conversation', (event) => event.conversation.peer.blocked === true)).toBeDefined()
    const blocked = await sendText(phoneA, conversation.id, 'while blocked')
    await vi.waitFor(async () => expect(await outboxOf(ada)).toBe(0))
    expect(
      await phoneB.request({ type: 'send', id: crypto.randomUUID(), conversation: other, text: 'x' }),
    ).toMatchObject({
      code: 'not_allowed',
    })
    await evict(ada, bo)
    await phoneB.request({ type: 'block', account: ada.id, on: false })
    const after = await sendText(phoneA, conversation.id, 'after')
    await phoneB.event('message', ({ message: { text } }) => text === 'after')
    expect(await textsOf(bo)).toEqual(['before', 'after'])
    expect(await phoneA.event('status', ({ deliveredUpTo }) => deliveredUpTo === after.seq)).toBeDefined()
    expect(blocked.seq).toBeLessThan(after.seq)
  })
})

describe('a peer that is gone', () => {
  it('says so, and the rows are dropped', async () => {
    const { ada, bo, phoneA, conversation } = await createPair()
    await runInDurableObject(bo.stub, (_, { storage }) => {
      storage.sql.exec('UPDATE profile SET deleted_at = ?', Date.now())
      forgetAll(storage.sql)
    })
    await sendText(phoneA, conversation.id, 'anybody there?')
    await vi.waitFor(async () => expect(await outboxOf(ada)).toBe(0))
    const answer = await phoneA.request({ type: 'conversations', ids: [conversation.id] })
    expect(answer).toMatchObject({ conversations: [{ peer: { deliveredUpTo: 0 } }] })
  })
})

describe('typing', () => {
  it('is shown to the peer, is not logged, and not to somebody who blocked', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'hi')
    const { conversation: other } = (await phoneB.event('message')).message
    const { cursor } = await snapshotOf(bo)
    phoneA.send({ type: 'typing', conversation: conversation.id, on: true })
    expect(await phoneB.frame('typing')).toEqual({ type: 'typing', conversation: other, on: true })
    expect((await snapshotOf(bo)).cursor).toBe(cursor)
    await phoneB.request({ type: 'block', account: ada.id, on: true })
    const shown = phoneB.frames.filter(({ type }) => type === 'typing').length
    phoneA.send({ type: 'typing', conversation: conversation.id, on: false })
    await phoneA.request({ type: 'conversations' })
    await bo.stub.peerTyping(ada.id, false)
    await phoneB.request({ type: 'conversations' })
    expect(phoneB.frames.filter(({ type }) => type === 'typing')).toHaveLength(shown)
  })

  it('in a conversation of nobody is dropped, and the socket lives on', async () => {
    const phone = await openPhone(await createAccount())
    phone.send({ type: 'typing', conversation: 'nobody', on: true })
    expect(await phone.request({ type: 'conversations' })).toMatchObject({ type: 'ok' })
  })
})
