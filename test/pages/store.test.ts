import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  EMPTY_STATE,
  listConversations,
  reduce,
  tickOf,
  totalUnread,
  type Outgoing,
  type StreamState,
} from '../../src/client/store.ts'
import type { Message, StreamEvent } from '../../src/protocol/model.ts'
import { conversation, message, snapshot } from './support.ts'

const start = (...conversations: Parameters<typeof snapshot>[1]): StreamState =>
  reduce(EMPTY_STATE, { type: 'snapshot', frame: snapshot(10, conversations) })

const loaded = (state: StreamState, messages: Message[] = []): StreamState =>
  reduce(state, { type: 'history', conversation: 'c', messages, more: false })

const event = (state: StreamState, told: StreamEvent): StreamState =>
  reduce(state, { type: 'event', cursor: state.cursor! + 1, event: told })

const seqs = (state: StreamState): number[] => state.threads.get('c')!.messages.map(({ seq }) => seq)

describe('a snapshot', () => {
  test('replaces all that was known, but not what is on its way out', () => {
    let state = loaded(start(conversation('c'), conversation('old')), [message(1)])
    state = reduce(state, {
      type: 'outgoing',
      message: { id: 'x', conversation: 'c', text: 'hi', sentAt: 1, state: 'sending' },
    })
    state = reduce(state, { type: 'typing', conversation: 'c', on: true })
    state = reduce(state, { type: 'snapshot', frame: snapshot(99, [conversation('new')], 'page') })
    expect([...state.conversations.keys()]).toEqual(['new'])
    expect(state.threads.size).toBe(0)
    expect(state.typing.size).toBe(0)
    expect(state).toMatchObject({ cursor: 99, more: 'page' })
    expect([...state.outgoing.keys()]).toEqual(['x'])
  })
})

describe('an event', () => {
  test('that was taken already changes nothing', () => {
    const state = event(start(conversation('c')), { kind: 'message', message: message(1), unread: 1 })
    for (const cursor of [11, 10, 0]) {
      const again: StreamEvent = { kind: 'message', message: message(2), unread: 9 }
      expect(reduce(state, { type: 'event', cursor, event: again })).toBe(state)
    }
  })

  test('after a gap changes nothing', () => {
    const state = start(conversation('c'))
    const told: StreamEvent = { kind: 'message', message: message(1), unread: 1 }
    expect(reduce(state, { type: 'event', cursor: 12, event: told })).toBe(state)
    expect(reduce(EMPTY_STATE, { type: 'event', cursor: 1, event: told })).toBe(EMPTY_STATE)
  })

  test('of a kind that is not known yet moves the cursor and nothing else', () => {
    const state = start(conversation('c'))
    const next = event(state, { kind: 'reaction' } as unknown as StreamEvent)
    expect(next).toEqual({ ...state, cursor: 11 })
  })

  test('of a message tells unread, the last message, and ends its typing', () => {
    let state = reduce(start(conversation('c')), { type: 'typing', conversation: 'c', on: true })
    state = event(state, { kind: 'message', message: message(5), unread: 7 })
    expect(state.conversations.get('c')).toMatchObject({ unread: 7, last: { seq: 5 } })
    expect(state.typing.has('c')).toBe(false)
    expect(totalUnread(state)).toBe(7)
  })

  test('of a conversation that is not known makes it one to ask for', () => {
    const state = event(start(), { kind: 'message', message: message(1), unread: 1 })
    expect([...state.missing]).toEqual(['c'])
    const told = reduce(state, { type: 'conversations', conversations: [conversation('c')], asked: ['c'] })
    expect(told.missing.size).toBe(0)
    expect(told.conversations.has('c')).toBe(true)
  })

  test('of marks never moves them back', () => {
    let state = start(conversation('c'))
    state = event(state, { kind: 'status', conversation: 'c', deliveredUpTo: 8, readUpTo: 5 })
    state = event(state, { kind: 'status', conversation: 'c', deliveredUpTo: 6, readUpTo: 2 })
    state = event(state, { kind: 'read', conversation: 'c', upTo: 9, unread: 0 })
    state = event(state, { kind: 'read', conversation: 'c', upTo: 4, unread: 3 })
    expect(state.conversations.get('c')).toMatchObject({
      peer: { deliveredUpTo: 8, readUpTo: 5 },
      readUpTo: 9,
      unread: 3,
    })
  })

  test('of a deletion leaves nothing of the words, in the thread and in the list', () => {
    let state = loaded(start(conversation('c', { last: message(2) })), [message(1), message(2)])
    state = event(state, { kind: 'deleted', conversation: 'c', id: 'm2' })
    expect(JSON.stringify([...state.threads.values(), ...state.conversations.values()])).not.toContain('text 2')
    expect(state.conversations.get('c')!.last).toMatchObject({ deleted: true })
  })

  test('of my profile changes the account', () => {
    const state = event(start(), { kind: 'profile', account: { id: 'me-account', name: 'New' } })
    expect(state.account?.name).toBe('New')
  })
})

describe('a message that I send', () => {
  const out = { id: 'x', conversation: 'c', text: 'hi', sentAt: 1, state: 'sending' as const }
  const mine = message(1, { id: 'x', from: 'me', text: 'hi' })

  test('is there once, whichever of its ok and its event comes first', () => {
    const before = reduce(loaded(start(conversation('c'))), { type: 'outgoing', message: out })
    const told: StreamEvent = { kind: 'message', message: mine, unread: 0 }
    const okFirst = event(reduce(before, { type: 'sent', message: mine }), told)
    const eventFirst = reduce(event(before, told), { type: 'sent', message: mine })
    for (const state of [okFirst, eventFirst]) {
      expect(state.outgoing.size).toBe(0)
      expect(seqs(state)).toEqual([1])
    }
  })

  test('stays on its way when a stranger uses the same id', () => {
    const before = reduce(loaded(start(conversation('c'))), { type: 'outgoing', message: out })
    const state = event(before, { kind: 'message', message: message(1, { id: 'x' }), unread: 1 })
    expect(state.outgoing.has('x')).toBe(true)
    expect(event(state, { kind: 'message', message: { ...mine, seq: 2 }, unread: 1 }).outgoing.size).toBe(0)
  })

  test('can fail, and be forgotten', () => {
    let state = reduce(start(), { type: 'outgoing', message: out })
    state = reduce(state, { type: 'outgoing-state', id: 'x', state: 'failed' })
    expect(state.outgoing.get('x')?.state).toBe('failed')
    expect(reduce(state, { type: 'outgoing-dropped', id: 'x' }).outgoing.size).toBe(0)
  })
})

describe('history', () => {
  test('that was asked for takes in what happens before its answer', () => {
    let state = reduce(start(conversation('c')), { type: 'history-asked', conversation: 'c' })
    state = event(state, { kind: 'message', message: message(9), unread: 1 })
    state = reduce(state, { type: 'history', conversation: 'c', messages: [message(7), message(8)], more: true })
    expect(seqs(state)).toEqual([7, 8, 9])
  })

  test('does not bring back an older last message', () => {
    let state = start(conversation('c', { last: message(9), unread: 2 }))
    state = reduce(state, {
      type: 'conversations',
      conversations: [conversation('c', { last: message(8), unread: 1 })],
    })
    expect(state.conversations.get('c')).toMatchObject({ last: { seq: 9 }, unread: 2 })
  })
})

test('ticks follow from the marks of the peer', () => {
  const known = conversation('c', { peer: { account: 'peer', deliveredUpTo: 5, readUpTo: 3 } })
  expect([3, 4, 5, 6].map((seq) => tickOf(known, message(seq)))).toEqual(['read', 'delivered', 'delivered', 'sent'])
})

test('the list shows the newest first, and before all what has no message yet', () => {
  const state = start(
    conversation('a', { last: message(1) }),
    conversation('b', { last: message(3) }),
    conversation('e'),
  )
  expect(listConversations(state).map(({ id }) => id)).toEqual(['e', 'b', 'a'])
})

test('a message on its way out, also one that was refused, counts as the last of its chat', () => {
  const state = start(conversation('a', { last: message(1) }), conversation('b', { last: message(3) }))
  const out: Outgoing = { id: 'm', conversation: 'a', text: 'Hello', sentAt: message(4).sentAt, state: 'sending' }
  const sending = reduce(state, { type: 'outgoing', message: out })
  expect(listConversations(sending).map(({ id }) => id)).toEqual(['a', 'b'])
  const failed = reduce(sending, { type: 'outgoing-state', id: 'm', state: 'failed' })
  expect(listConversations(failed).map(({ id }) => id)).toEqual(['a', 'b'])
  // A page's clock may be late: a chat never falls behind for what one writes in it.
  const late = reduce(state, { type: 'outgoing', message: { ...out, conversation: 'b', sentAt: 0 } })
  expect(listConversations(late).map(({ id }) => id)).toEqual(['b', 'a'])
})

/** A small world: one conversation, messages by seq, their authors fixed by it. */
const worldMessage = (seq: number): Message => message(seq, { from: seq % 3 === 0 ? 'me' : 'peer' })

describe('whatever the order', () => {
  test('a thread holds each message once, by rising seq, as pages and events overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 8 }), { maxLength: 12 }), (pages) => {
        let state = loaded(start(conversation('c')))
        for (const [index, page] of pages.entries()) {
          const messages = page.map(worldMessage)
          if (index % 2 === 0) state = loaded(state, messages)
          else for (const told of messages) state = event(state, { kind: 'message', message: told, unread: 0 })
        }
        const expected = [...new Set(pages.flat())].toSorted((a, b) => a - b)
        expect(seqs(state)).toEqual(expected)
      }),
    )
  })

  test('events repeated, or repeated from before, leave the same state as the log read once', () => {
    const log = fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 20 }).map((seq): StreamEvent => {
          return { kind: 'message', message: worldMessage(seq), unread: seq }
        }),
        fc.tuple(fc.nat(20), fc.nat(20)).map(([deliveredUpTo, readUpTo]): StreamEvent => {
          return { kind: 'status', conversation: 'c', deliveredUpTo, readUpTo }
        }),
        fc.nat(20).map((upTo): StreamEvent => ({ kind: 'read', conversation: 'c', upTo, unread: 0 })),
        fc.integer({ min: 1, max: 20 }).map((seq): StreamEvent => {
          return { kind: 'deleted', conversation: 'c', id: `m${seq}` }
        }),
      ),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(log, fc.array(fc.nat(19), { maxLength: 20 }), (events, rewinds) => {
        const first = loaded(start(conversation('c')))
        const apply = (state: StreamState, index: number): StreamState =>
          reduce(state, { type: 'event', cursor: 11 + index, event: events[index]! })
        const once = events.reduce((state, _event, index) => apply(state, index), first)
        let state = first
        for (const [index] of events.entries()) {
          state = apply(state, index)
          const back = Math.min(rewinds[index] ?? index, index)
          for (let again = back; again <= index; again++) state = apply(state, again)
        }
        expect(state).toEqual(once)
      }),
    )
  })

  test('no state is ever changed in place', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 9 }), (list) => {
        let state = loaded(start(conversation('c')))
        for (const seq of list) {
          const before = state
          const copy = structuredClone(before)
          state = event(state, { kind: 'message', message: worldMessage(seq), unread: seq })
          expect(before).toEqual(copy)
        }
      }),
    )
  })
})
