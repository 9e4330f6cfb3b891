import { describe, expect, it } from 'vitest'
import { createAccount, openPhone, startWith } from './support.ts'

describe('delivery between accounts', () => {
  it('carries a message to the other phone and the tick back', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    const [phoneA, phoneB] = [await openPhone(ada), await openPhone(bo)]
    const conversation = await startWith(phoneA, bo)
    const id = crypto.randomUUID()
    const sent = await phoneA.request({ type: 'send', id, conversation: conversation.id, text: 'Hello' })
    expect(sent).toMatchObject({ type: 'ok', message: { id, from: 'me', text: 'Hello' } })

    const begun = await phoneB.event('conversation')
    expect(begun.conversation).toMatchObject({ peer: { account: ada.id, number: ada.number }, unread: 0, last: null })
    const arrived = await phoneB.event('message')
    expect(arrived).toMatchObject({ unread: 1, message: { id, from: ada.id, text: 'Hello' } })

    const delivered = await phoneA.event('status')
    expect(delivered).toMatchObject({ conversation: conversation.id, readUpTo: 0 })
    await phoneB.request({ type: 'read', conversation: begun.conversation.id, upTo: arrived.message.seq })
    const read = await phoneA.event('status', (event) => event.readUpTo > 0)
    expect(read.readUpTo).toBe(delivered.deliveredUpTo)
  })
})
