/**
 * What is known of one conversation's messages, as pure functions: pages and events in, the next thread out. A thread
 * always reaches up to the newest message; before that it may be known in stretches, with gaps between them that are
 * loaded from either side. It is bounded: beyond {@link THREAD_MESSAGES} what is furthest from the reader becomes a gap.
 */
import type { Message } from '../protocol/model.ts'

/** Messages that one thread holds, about 500 bytes each; a person who reads on for longer loads the others again. */
export const THREAD_MESSAGES = 15_000
/** Messages that leave at once when there are more, so that it happens rarely. */
const LEAVING = 5_000
/** The newest ones that always stay: one tap leads to them. */
const STAYING = 500
/** Messages of all threads together; the ones that were not read for longest go. */
export const ALL_MESSAGES = 30_000
/** Below every `seq`: the beginning of a conversation. */
const BEGINNING = -1

/** Between these two `seq`, exclusive of both, there may be messages that were not loaded. */
export interface Gap {
  after: number
  before: number
}

export interface Thread {
  /** By rising `seq`. */
  messages: readonly Message[]
  /** An answer to `history` has been taken in. */
  loaded: boolean
  /** There are older ones before the first. */
  more: boolean
  /** By rising `seq`. */
  gaps: readonly Gap[]
}

/** An answer to `history`. */
export interface HistoryPage {
  messages: readonly Message[]
  more: boolean
  /** What was asked with it: the page holds all from its first message up to here. Without it: up to the newest. */
  before?: number | undefined
}

export const EMPTY_THREAD: Thread = { messages: [], loaded: false, more: true, gaps: [] }

/** Takes a page in, wherever it belongs. */
export function withPage(thread: Thread, { messages: told, more, before }: HistoryPage): Thread {
  const end = before ?? Infinity
  // The order and the uniqueness are what all else rests on: not left to a service's word.
  const messages = [...new Map(told.map((message) => [message.seq, message])).values()].toSorted(
    (a, b) => a.seq - b.seq,
  )
  const first = more ? (messages[0]?.seq ?? end) : BEGINNING + 1
  const merged = mergeMessages(thread.messages, messages)
  const unknown = unknownOf(thread).flatMap((gap) => [
    ...piece(gap.after, Math.min(gap.before, first)),
    ...piece(Math.max(gap.after, end - 1), gap.before),
  ])
  const [oldest] = unknown
  const isOpen = oldest?.after === BEGINNING
  const next = { messages: merged, loaded: true, more: isOpen, gaps: isOpen ? unknown.slice(1) : unknown }
  return bounded(next, messages[0]?.seq ?? end)
}

/**
 * Puts one message in its place. Author and id are a message's key: a stranger who takes the id of another's message
 * replaces nothing.
 */
export function withMessage(thread: Thread, message: Message): Thread {
  const { messages } = thread
  const known = messages.findLastIndex(({ id, from }) => id === message.id && from === message.from)
  const others = known === -1 ? messages : messages.toSpliced(known, 1)
  const at = others.findLastIndex(({ seq }) => seq < message.seq) + 1
  return bounded({ ...thread, messages: others.toSpliced(at, 0, message) }, message.seq)
}

/** Whether nothing is missing at `seq`. */
export function isKnown(thread: Thread, seq: number): boolean {
  return thread.loaded && !unknownOf(thread).some(({ after, before }) => after < seq && seq < before)
}

/** The index of the first message that is not older than `seq`; the length when all are. */
export function indexOfSeq(messages: readonly Message[], seq: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (messages[middle]!.seq < seq) low = middle + 1
    else high = middle
  }
  return low
}

/** The threads without the ones that were loaded longest ago, as long as there is too much of all. @param stays its id */
export function boundedThreads(threads: ReadonlyMap<string, Thread>, stays: string): ReadonlyMap<string, Thread> {
  let total = 0
  for (const { messages } of threads.values()) total += messages.length
  if (total <= ALL_MESSAGES) return threads
  const next = new Map(threads)
  for (const [id, { messages }] of threads) {
    if (id === stays || total <= ALL_MESSAGES) continue
    total -= messages.length
    next.delete(id)
  }
  return next
}

/** What is not known, the part before the first message included. */
function unknownOf(thread: Thread): readonly Gap[] {
  if (!thread.loaded) return [{ after: BEGINNING, before: Infinity }]
  return thread.more ? [{ after: BEGINNING, before: thread.messages[0]?.seq ?? Infinity }, ...thread.gaps] : thread.gaps
}

/** Nothing when no `seq` lies between. */
function piece(after: number, before: number): Gap[] {
  return before - after > 1 ? [{ after, before }] : []
}

/** Both by rising `seq`; of two with the same one, the second's. */
function mergeMessages(known: readonly Message[], page: readonly Message[]): readonly Message[] {
  const first = page[0]
  if (first === undefined) return known
  const merged = known.slice(0, indexOfSeq(known, first.seq))
  let at = merged.length
  for (const message of page) {
    while (at < known.length && known[at]!.seq < message.seq) merged.push(known[at++]!)
    if (known[at]?.seq === message.seq) at++
    merged.push(message)
  }
  for (; at < known.length; at++) merged.push(known[at]!)
  return merged
}

/** What is furthest from `seq` leaves a thread that grew too long, the newest excepted. */
function bounded(thread: Thread, seq: number): Thread {
  const { messages, gaps } = thread
  if (messages.length <= THREAD_MESSAGES) return thread
  if (indexOfSeq(messages, seq) > messages.length / 2) {
    const rest = messages.slice(LEAVING)
    const first = rest[0]!.seq
    return { ...thread, messages: rest, more: true, gaps: gaps.filter(({ after }) => after >= first) }
  }
  const end = messages.length - STAYING
  const gap = { after: messages[end - LEAVING - 1]!.seq, before: messages[end]!.seq }
  const others = gaps.filter(({ after, before }) => before <= gap.after || after >= gap.before)
  return {
    ...thread,
    messages: messages.toSpliced(end - LEAVING, LEAVING),
    gaps: [...others, gap].toSorted((a, b) => a.after - b.after),
  }
}
