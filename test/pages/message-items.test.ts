import { describe, expect, test } from 'vitest'
import type { Outgoing } from '../../src/client/store.ts'
import type { Thread } from '../../src/client/thread.ts'
import {
  ABOVE,
  arrivedSince,
  indexOfItem,
  indexOfUnread,
  itemsOf,
  keyOf,
  standingOf,
  type Item,
} from '../../src/web/shared/message-items.ts'
import { stepOf } from '../../src/web/shared/message-keys.ts'
import { message } from './support.ts'

const MINUTE = 60_000
const NOON = new Date(2026, 4, 5, 12).getTime()

const thread = (seqs: readonly number[], more: Partial<Thread> = {}): Thread => ({
  messages: seqs.map((seq) => message(seq, { sentAt: NOON + seq * MINUTE, from: seq % 2 === 0 ? 'me' : 'peer' })),
  loaded: true,
  more: false,
  gaps: [],
  ...more,
})

const sending = (id: string): Outgoing => ({ id, conversation: 'c', text: 'hi', sentAt: NOON, state: 'sending' })
const keys = (items: readonly Item[]): string[] => items.map(keyOf)

describe('the items of a list', () => {
  test('stand in order: what is above, messages with the gaps between them, what is on its way out', () => {
    const gaps = [{ after: 2, before: 7 }]
    const items = itemsOf(thread([1, 2, 7, 8], { more: true, gaps }), [sending('x')], false)
    expect(keys(items)).toEqual(['above', 'peer m1', 'me m2', 'gap 7', 'peer m7', 'me m8', 'me x'])
    expect(itemsOf(undefined, [], false)).toEqual([ABOVE])
    expect(keys(itemsOf(thread([1]), [], false))).toEqual(['peer m1'])
    expect(itemsOf(thread([]), [], false)).toEqual([ABOVE])
  })

  test('are found again by their place, when others came before them, and when the server has what was on its way', () => {
    const before = itemsOf(thread([5, 6]), [sending('x')], false)
    expect(indexOfItem(before, 6, 'me m6')).toBe(1)
    expect(indexOfItem(itemsOf(thread([1, 2, 3, 5, 6]), [], false), 6, 'me m6')).toBe(4)
    const { messages } = thread([5, 6])
    const after: Item[] = [...messages, message(9, { id: 'x', from: 'me' })]
    expect(indexOfItem(before, Infinity, 'me x')).toBe(2)
    expect(indexOfItem(after, Infinity, 'me x')).toBe(2)
    // One that is gone: the next that is there.
    expect(indexOfItem(itemsOf(thread([1, 9]), [], false), 6, 'me m6')).toBe(1)
    expect(indexOfItem(itemsOf(thread([1, 2]), [], false), 6, 'me m6')).toBe(1)
  })
})

describe('a message among its neighbours', () => {
  const at = (minutes: number, from: string) => message(minutes, { sentAt: NOON + minutes * MINUTE, from })
  const standing = (items: Item[], unread = -1) => items.map((_, index) => standingOf(items, index, unread))

  test('stands with those that its author wrote within five minutes of each other, on one day', () => {
    const items = [at(1, 'peer'), at(2, 'peer'), at(3, 'me'), at(10, 'me'), at(24 * 60, 'me')]
    expect(standing(items).map(({ first, last }) => [first, last])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
      [true, true],
    ])
    expect(standing(items).map(({ day }) => day)).toEqual([true, false, false, false, true])
  })

  test('begins anew below the line of the unread ones, and after a gap', () => {
    const items: Item[] = [at(1, 'peer'), at(2, 'peer'), { after: 2, before: 4 }, at(4, 'peer')]
    expect(standing(items, 1).map(({ first, last, unread }) => [first, last, unread])).toEqual([
      [true, true, false],
      [true, true, true],
      [true, true, false],
      [true, true, false],
    ])
  })

  test('is the first unread one when it is the first of theirs after what was read', () => {
    const items = itemsOf(thread([1, 2, 3, 4, 5]), [], false)
    expect(indexOfUnread(items, { after: 1, unread: 2 })).toBe(2)
    expect(indexOfUnread(items, { after: 5, unread: 0 })).toBe(-1)
    expect(indexOfUnread([], { after: 5, unread: 0 })).toBe(-1)
  })
})

test('what arrives is what came at the end since, a few at once, and never what was caught up with', () => {
  const before = itemsOf(thread([1, 2, 3]), [], false)
  expect(arrivedSince(before, itemsOf(thread([1, 2, 3, 4]), [sending('x')], false), 5)).toEqual(['me x', 'me m4'])
  const sent = [...thread([1, 2, 3]).messages, message(4, { id: 'x', from: 'me' })]
  expect(arrivedSince([...before, sending('x')], sent, 5)).toEqual([])
  expect(arrivedSince(before, itemsOf(thread([0, 1, 2, 3]), [], false), 5)).toEqual([])
  expect(arrivedSince(before, itemsOf(thread([7, 8, 9, 10, 11, 12, 13]), [], false), 5)).toEqual([])
})

test('the arrow keys lead from what is seen to its neighbours, Home and End to the ends; with others they do nothing', () => {
  const items = itemsOf(thread([1, 2, 3, 4, 5], { more: true }), [], false)
  const key = (name: string, at: number | null) =>
    stepOf({ key: name, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false }, items, at, {
      start: 2,
      end: 5,
    })
  expect(key('ArrowUp', null)).toBe(4)
  expect(key('ArrowDown', null)).toBe(2)
  expect(key('ArrowUp', 4)).toBe(3)
  expect(key('ArrowDown', 5)).toBe(5)
  expect(key('ArrowUp', 1)).toBe(1)
  expect(key('Home', 4)).toBe(1)
  expect(key('End', 2)).toBe(5)
  expect(key('a', 2)).toBeNull()
  const held = { key: 'ArrowUp', altKey: true, ctrlKey: false, metaKey: false, shiftKey: false }
  expect(stepOf(held, items, 3, { start: 0, end: 3 })).toBeNull()
})
