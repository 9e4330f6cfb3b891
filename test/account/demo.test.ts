import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { DEMO_CONTACTS } from '../../src/account/demo-content.ts'
import { runInDurableObject } from 'cloudflare:test'
import { DEMO_READS_MS } from '../../src/protocol/limits.ts'
import { fireAlarm, useFakeDate } from '../support/clock.ts'
import { createAccount, evict, openPhone, sendText } from './support.ts'

// Parsed once, at the first account: every account of this file gets the demo's content.
;(env as { DEMO: string }).DEMO = 'on'

describe('the demo', () => {
  useFakeDate()

  it('fills a new account with conversations of the last days, newest first, some unread', async () => {
    const ada = await createAccount()
    const { conversations, cursor } = await (await openPhone(ada)).frame('snapshot')
    expect(new Map(conversations.map(({ title, unread }) => [title, unread]))).toEqual(
      new Map(DEMO_CONTACTS.map(({ name, unread }) => [name, unread])),
    )
    const times = conversations.map(({ last }) => last?.sentAt ?? 0)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect(Math.min(...times)).toBeGreaterThan(Date.now() - 7 * 86_400_000)
    expect(cursor).toBeLessThan(200)
    await ada.stub.signIn(ada.id, ada.number)
    await evict(ada)
    expect((await (await openPhone(ada)).frame('snapshot')).cursor).toBe(cursor)
  })

  it('has a contact that reads, types and answers, with the account evicted in between', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const { conversations } = await phone.frame('snapshot')
    const robin = conversations.find(({ title }) => title === 'Robin')
    if (robin === undefined) throw new Error('no Robin')
    const sent = await sendText(phone, robin.id, 'Hello')
    const sentAt = Date.now()
    await evict(ada)
    await fireAlarm(ada.stub)
    expect(Date.now()).toBe(sentAt + DEMO_READS_MS)
    expect(await phone.event('status', ({ readUpTo }) => readUpTo === sent.seq)).toMatchObject({
      deliveredUpTo: sent.seq,
    })
    expect(await phone.frame('typing')).toMatchObject({ conversation: robin.id, on: true })
    await evict(ada)
    await fireAlarm(ada.stub)
    expect(Date.now()).toBeLessThanOrEqual(sentAt + 2000)
    const answer = await phone.event('message', ({ message }) => message.from === 'demo-1')
    const text = DEMO_CONTACTS[0]?.answers[0]
    expect(answer).toMatchObject({ unread: 3, message: { conversation: robin.id, text } })
    await runInDurableObject(ada.stub, async (instance) => {
      await instance.alarm()
      await instance.alarm()
    })
    const history = await phone.request({ type: 'history', conversation: robin.id })
    expect(history).toMatchObject({ messages: [{}, {}, { id: sent.id }, { from: 'demo-1' }] })
  })

  it('has contacts that only read, and none that answers when it is blocked', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const { conversations } = await phone.frame('snapshot')
    const quiet = conversations.find(({ title }) => title === 'Jun Sato')
    const robin = conversations.find(({ title }) => title === 'Robin')
    if (quiet === undefined || robin === undefined) throw new Error('no contacts')
    const sent = await sendText(phone, quiet.id, 'Hello')
    await sendText(phone, robin.id, 'Hello')
    await phone.request({ type: 'block', account: robin.peer.account, on: true })
    await fireAlarm(ada.stub)
    await phone.event('status', ({ readUpTo }) => readUpTo === sent.seq)
    await runInDurableObject(ada.stub, (instance) => instance.alarm())
    expect(phone.frames.filter((frame) => frame.type === 'event' && frame.event.kind === 'message')).toHaveLength(2)
    expect(phone.frames.some(({ type }) => type === 'typing')).toBe(false)
  })

  it('leaves nothing for other accounts: no row waits to go out', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const { conversations } = await phone.frame('snapshot')
    for (const { id } of conversations) {
      const { id: message } = await sendText(phone, id, 'x')
      await phone.request({ type: 'read', conversation: id, upTo: 10_000 })
      await phone.request({ type: 'delete', conversation: id, id: message, for: 'all' })
    }
    await ada.stub.updateProfile(ada.caller, { name: 'Ada' })
    await runInDurableObject(ada.stub, (_, { storage }) => {
      expect(storage.sql.exec('SELECT * FROM outbox').toArray()).toEqual([])
    })
  })
})
