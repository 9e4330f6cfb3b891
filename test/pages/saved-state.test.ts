import { describe, expect, test } from 'vitest'
import {
  changesBetween,
  recordsOf,
  SAVED_CONVERSATIONS,
  SAVED_MESSAGES,
  SAVED_THREADS,
  stateOf,
} from '../../src/client/saved-state.ts'
import { EMPTY_STATE, reduce, type StreamAction, type StreamState } from '../../src/client/store.ts'
import { conversation, message, snapshot } from './support.ts'

const none = (): null => null

function after(...actions: StreamAction[]): StreamState {
  return actions.reduce(reduce, EMPTY_STATE)
}

function withThread(messages: number, more = false): StreamState {
  const last = message(messages)
  return after(
    { type: 'snapshot', frame: snapshot(10, [conversation('c', { last })]) },
    {
      type: 'history',
      conversation: 'c',
      messages: Array.from({ length: messages }, (_, at) => message(at + 1)),
      more,
    },
  )
}

describe('what is kept of a state', () => {
  test('reads back as the same state, with its cursor', () => {
    const state = withThread(3)
    expect(stateOf(recordsOf(state, 'D', none)!, 'D', 0)).toEqual(state)
  })

  test('is nothing before the first snapshot and after a gap', () => {
    expect(recordsOf(EMPTY_STATE, 'D', none)).toBeNull()
    expect(recordsOf(reduce(withThread(3), { type: 'gap' }), 'D', none)).toBeNull()
  })

  test('leaves out pictures whose addresses have expired, and asks for them', () => {
    const avatar = { id: 'a', contentType: 'image/webp', bytes: 1, url: '/m/a', expiresAt: 100 }
    const state = after({
      type: 'snapshot',
      frame: snapshot(1, [conversation('c', { avatar }), conversation('d', { avatar: { ...avatar, expiresAt: 300 } })]),
    })
    const restored = stateOf(recordsOf(state, 'D', none)!, 'D', 200)!
    expect(restored.conversations.get('c')).not.toHaveProperty('avatar')
    expect(restored.conversations.get('d')).toHaveProperty('avatar')
    expect([...restored.missing]).toEqual(['c'])
  })

  test('is of no use to another device or account, in another form, or when there is none', () => {
    const records = recordsOf(withThread(3), 'D', none)!
    expect(stateOf(records, 'E', 0)).toBeNull()
    const head = records.get('head') as object
    expect(stateOf(new Map([...records, ['head', { ...head, version: 0 }]]), 'D', 0)).toBeNull()
    expect(stateOf(new Map(), 'D', 0)).toBeNull()
  })

  test('holds the newest messages of a chat, and knows that there are older ones', () => {
    const restored = stateOf(recordsOf(withThread(SAVED_MESSAGES + 20), 'D', none)!, 'D', 0)!
    const { messages, more } = restored.threads.get('c')!
    expect([messages.length, messages[0]!.seq, messages.at(-1)!.seq, more]).toEqual([
      SAVED_MESSAGES,
      21,
      SAVED_MESSAGES + 20,
      true,
    ])
  })

  test('holds the messages of the chats that were active last, and all chats of the list', () => {
    const chats = Array.from({ length: SAVED_THREADS + 10 }, (_, at) =>
      conversation(`c${at}`, { last: message(at + 1, { conversation: `c${at}` }) }),
    )
    const state = after(
      { type: 'snapshot', frame: snapshot(1, chats) },
      ...chats.map(({ id }): StreamAction => ({ type: 'history', conversation: id, messages: [], more: false })),
    )
    const restored = stateOf(recordsOf(state, 'D', none)!, 'D', 0)!
    expect(restored.conversations.size).toBe(SAVED_THREADS + 10)
    expect(restored.threads.size).toBe(SAVED_THREADS)
    expect(restored.threads.has('c0')).toBe(false)
    expect(restored.threads.has(`c${SAVED_THREADS + 9}`)).toBe(true)
  })

  test('has no cursor where the list was too long to be kept whole: a snapshot follows', () => {
    const chats = Array.from({ length: SAVED_CONVERSATIONS + 1 }, (_, at) => conversation(`c${at}`))
    const restored = stateOf(recordsOf(after({ type: 'snapshot', frame: snapshot(5, chats) }), 'D', none)!, 'D', 0)!
    expect(restored.cursor).toBeNull()
    expect(restored.account).not.toBeNull()
    expect(restored.conversations.size).toBe(SAVED_CONVERSATIONS)
  })

  test('holds what was on its way out in its order, and files without the page’s own addresses', () => {
    const file = { contentType: 'image/png', bytes: 3, progress: 0.5 }
    const body = new Blob(['abc'])
    const state = after(
      { type: 'snapshot', frame: snapshot(1, [conversation('c')]) },
      ...['z', 'a'].map((id): StreamAction => ({
        type: 'outgoing',
        message: { id, conversation: 'c', text: id, sentAt: 1, state: 'sending', file: { ...file, preview: 'blob:x' } },
      })),
    )
    const records = recordsOf(state, 'D', (id) =>
      id === 'z' ? { body, contentType: 'image/png', preview: 'blob:x', release: () => undefined } : null,
    )!
    const restored = stateOf(records, 'D', 0)!
    expect([...restored.outgoing.keys()]).toEqual(['z', 'a'])
    expect(restored.outgoing.get('z')!.file).toEqual(file)
    expect(records.get('file/z')).toEqual({ body, contentType: 'image/png' })
    expect(records.has('file/a')).toBe(false)
  })
})

describe('what is written', () => {
  test('is what changed, the cursor with it, and makes the store equal', () => {
    const before = withThread(3)
    const event = { kind: 'message', message: message(4), unread: 1 } as const
    const next = reduce(before, { type: 'event', cursor: 11, event })
    const [first, second] = [recordsOf(before, 'D', none)!, recordsOf(next, 'D', none)!]
    const changes = changesBetween(first, second)
    expect([...changes.keys()].toSorted()).toEqual(['conversation/c', 'head', 'thread/c'])
    expect(stateOf(applied(first, changes), 'D', 0)).toEqual(next)
  })

  test('is nothing when nothing changed that is kept', () => {
    const before = withThread(SAVED_MESSAGES + 5)
    const next = reduce(before, { type: 'typing', conversation: 'c', on: true })
    expect(changesBetween(recordsOf(before, 'D', none)!, recordsOf(next, 'D', none)!).size).toBe(0)
  })

  test('takes away what is gone', () => {
    const outgoing = { id: 'o', conversation: 'c', text: 'x', sentAt: 1, state: 'sending' } as const
    const before = reduce(withThread(1), { type: 'outgoing', message: outgoing })
    const next = reduce(before, { type: 'outgoing-dropped', id: 'o' })
    const changes = changesBetween(recordsOf(before, 'D', none)!, recordsOf(next, 'D', none)!)
    expect([...changes]).toEqual([['outgoing', undefined]])
  })
})

function applied(records: ReadonlyMap<string, unknown>, changes: ReadonlyMap<string, unknown>): Map<string, unknown> {
  const next = new Map(records)
  for (const [key, value] of changes) {
    if (value === undefined) next.delete(key)
    else next.set(key, value)
  }
  return next
}
