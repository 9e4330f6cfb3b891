/**
 * What a list of messages is made of, in order: the messages, the gaps between those that are loaded, our own on their
 * way out, and what stands above all. Pure. Ten thousand of them are common, so nothing is made for each.
 */
import type { Outgoing } from '../../client/store.ts'
import { indexOfSeq, type Gap, type Thread } from '../../client/thread.ts'
import type { Message } from '../../protocol/model.ts'

/** Items among which a known one is looked for. */
const RECENT = 20

/** Messages of one author within this time of each other stand together. */
const TOGETHER_MS = 5 * 60_000

/** What stands before the first message: that more is being loaded, that it failed, that there is none. */
export const ABOVE = { above: true } as const

export type Item = Message | Outgoing | Gap | typeof ABOVE

/** Where reading began. */
export interface Divider {
  /** The `seq` up to which was read. */
  after: number
  /** How many were unread. */
  unread: number
}

/** How a message stands among its neighbours. */
export interface Standing {
  /** The first of its day. */
  day: boolean
  /** The first that was unread. */
  unread: boolean
  /** The first, and the last, of those of one author that stand together. */
  first: boolean
  last: boolean
}

export function itemsOf(thread: Thread | undefined, outgoing: readonly Outgoing[], failed: boolean): Item[] {
  const { messages = [], gaps = [], more = true } = thread ?? {}
  const items: Item[] = []
  if (more || failed || messages.length + outgoing.length === 0) items.push(ABOVE)
  let at = 0
  for (const gap of gaps) {
    const end = indexOfSeq(messages, gap.before)
    for (; at < end; at++) items.push(messages[at]!)
    items.push(gap)
  }
  for (; at < messages.length; at++) items.push(messages[at]!)
  items.push(...outgoing)
  return items
}

export function isMessage(item: Item | undefined): item is Message {
  return item !== undefined && 'seq' in item
}

export function isOutgoing(item: Item | undefined): item is Outgoing {
  return item !== undefined && 'state' in item
}

export function isGap(item: Item | undefined): item is Gap {
  return item !== undefined && 'after' in item
}

/** The same for a message of our own before and after the server has it. */
export function keyOf(item: Item): string {
  if (isMessage(item)) return `${item.from} ${item.id}`
  if (isOutgoing(item)) return `me ${item.id}`
  return isGap(item) ? `gap ${item.before}` : 'above'
}

/** Rises with the list; what is on its way out comes after all. */
export function orderOf(item: Item): number {
  if (isMessage(item)) return item.seq
  if (isOutgoing(item)) return Infinity
  return isGap(item) ? item.after + 0.5 : -1
}

/** The item with this key, or else the first that is not before `order`; the last one when all are. */
export function indexOfItem(items: readonly Item[], order: number, key: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (orderOf(items[middle]!) < order) low = middle + 1
    else high = middle
  }
  const found = items[low]
  if (found !== undefined && keyOf(found) === key) return low
  // One of our own gets its place only when the server has it: it is near the end.
  if (order === Infinity) {
    const sent = items.findLastIndex((item) => keyOf(item) === key)
    if (sent !== -1) return sent
  }
  return Math.max(0, Math.min(low, items.length - 1))
}

/** The first unread message, or -1. */
export function indexOfUnread(items: readonly Item[], divider: Divider): number {
  let index = items.length === 0 ? 0 : indexOfItem(items, divider.after + 0.25, '')
  for (; index < items.length; index++) {
    const item = items[index]
    if (isMessage(item) && item.from !== 'me' && item.seq > divider.after) return index
  }
  return -1
}

/** @param unread the index of the first unread message, or -1 */
export function standingOf(items: readonly Item[], index: number, unread: number): Standing {
  const item = items[index]
  const day = isWritten(item) && !isSameDayAs(items[index - 1], item)
  return {
    day,
    unread: index === unread,
    first: day || index === unread || !isTogether(items[index - 1], item),
    last: index + 1 === unread || !isTogether(item, items[index + 1]),
  }
}

/** Messages that arrived at the end since `before`, by key: not history, not what was caught up with after a while. */
export function arrivedSince(before: readonly Item[], items: readonly Item[], most: number): string[] {
  const known = new Set(before.slice(-2 * most).map(keyOf))
  const arrived: string[] = []
  for (const item of items.toReversed().slice(0, most + 1)) {
    const key = keyOf(item)
    if (known.has(key)) return arrived
    arrived.push(key)
  }
  return []
}

/** Whether the newest item is the owner's own and new, wherever it was written. */
export function isOwnNews(before: readonly Item[], items: readonly Item[]): boolean {
  const last = items.at(-1)
  if (last === undefined || !(isOutgoing(last) || (isMessage(last) && last.from === 'me'))) return false
  const key = keyOf(last)
  return !before.slice(-RECENT).some((item) => keyOf(item) === key)
}

function isWritten(item: Item | undefined): item is Message | Outgoing {
  return isMessage(item) || isOutgoing(item)
}

function isTogether(item: Item | undefined, next: Item | undefined): boolean {
  return (
    isWritten(item) &&
    isWritten(next) &&
    authorOf(item) === authorOf(next) &&
    Math.abs(next.sentAt - item.sentAt) < TOGETHER_MS &&
    dayOf(item) === dayOf(next)
  )
}

function isSameDayAs(before: Item | undefined, item: Message | Outgoing): boolean {
  return isWritten(before) && dayOf(before) === dayOf(item)
}

function authorOf(item: Message | Outgoing): string {
  return isMessage(item) ? item.from : 'me'
}

/** When the day of each began: a date costs more than a look. */
const days = new WeakMap<Message | Outgoing, number>()

/** When the item's day began, here. */
export function dayOf(item: Message | Outgoing): number {
  const known = days.get(item)
  if (known !== undefined) return known
  const day = new Date(item.sentAt).setHours(0, 0, 0, 0)
  days.set(item, day)
  return day
}
