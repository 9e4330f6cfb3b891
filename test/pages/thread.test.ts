import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createStream } from '../../src/client/stream.ts'
import {
  boundedThreads,
  EMPTY_THREAD,
  isKnown,
  THREAD_MESSAGES,
  withMessage,
  withPage,
  type Thread,
} from '../../src/client/thread.ts'
import type { Message } from '../../src/protocol/model.ts'
import { conversation, message, snapshot } from './support.ts'

/** How a service answers `history` over these messages. */
function pageOf(seqs: readonly number[], before: number | undefined, limit: number) {
  const older = seqs.filter((seq) => before === undefined || seq < before)
  return { messages: older.slice(-limit).map((seq) => message(seq)), more: older.length > limit, before }
}

const seqsOf = ({ messages }: Thread): number[] => messages.map(({ seq }) => seq)

describe('a thread in stretches', () => {
  test('has a gap between the newest messages and those around one that was sought, and none once it is loaded', () => {
    const seqs = Array.from({ length: 100 }, (_, index) => index + 1)
    let thread = withPage(EMPTY_THREAD, pageOf(seqs, undefined, 10))
    thread = withPage(thread, pageOf(seqs, 41, 10))
    expect(seqsOf(thread)).toEqual([...seqs.slice(30, 40), ...seqs.slice(90)])
    expect(thread).toMatchObject({ more: true, gaps: [{ after: 40, before: 91 }] })
    thread = withPage(thread, pageOf(seqs, 91, 60))
    expect(thread.gaps).toEqual([])
    expect(withPage(thread, pageOf(seqs, 31, 60))).toMatchObject({ more: false, gaps: [] })
  })

  test('whatever pages come, in whatever order: what counts as known is there, and nothing is there twice', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 80 }),
        fc.array(
          fc.tuple(fc.option(fc.integer({ min: 1, max: 301 }), { nil: undefined }), fc.integer({ min: 1, max: 20 })),
        ),
        (unordered, asked) => {
          const seqs = unordered.toSorted((a, b) => a - b)
          let thread = withPage(EMPTY_THREAD, pageOf(seqs, undefined, 5))
          for (const [before, limit] of asked) thread = withPage(thread, pageOf(seqs, before, limit))
          const held = seqsOf(thread)
          expect(held).toEqual([...new Set(held)].toSorted((a, b) => a - b))
          for (const seq of seqs) if (isKnown(thread, seq)) expect(held).toContain(seq)
          for (const seq of held) expect(isKnown(thread, seq)).toBe(true)
          const bounds = thread.gaps.flatMap(({ after, before }) => [after, before])
          expect(bounds).toEqual(bounds.toSorted((a, b) => a - b))
          for (let pages = 0; thread.more || thread.gaps.length > 0; pages++) {
            expect(pages).toBeLessThan(100)
            const before = thread.gaps[0]?.before ?? thread.messages[0]!.seq
            thread = withPage(thread, pageOf(seqs, before, 5))
          }
          expect(seqsOf(thread)).toEqual(seqs)
        },
      ),
    )
  })

  test('stays bounded: what is far from the reader leaves, the newest stay', () => {
    const seqs = Array.from({ length: THREAD_MESSAGES + 2_000 }, (_, index) => index + 1)
    let thread = withPage(EMPTY_THREAD, pageOf(seqs, undefined, THREAD_MESSAGES))
    const [oldest] = seqsOf(thread)
    // Reading on towards the beginning: a stretch before the newest leaves.
    thread = withPage(thread, pageOf(seqs, oldest, 100))
    expect(thread.messages.length).toBeLessThanOrEqual(THREAD_MESSAGES)
    expect(thread.gaps).toHaveLength(1)
    expect(isKnown(thread, seqs.at(-1)!)).toBe(true)
    expect(isKnown(thread, oldest! - 1)).toBe(true)
    // Messages that arrive: the oldest leave.
    let busy = withPage(EMPTY_THREAD, pageOf(seqs.slice(0, THREAD_MESSAGES), undefined, THREAD_MESSAGES))
    busy = withMessage(busy, message(THREAD_MESSAGES + 1))
    expect(busy.messages.length).toBeLessThan(THREAD_MESSAGES)
    expect(busy).toMatchObject({ more: true, gaps: [] })
    expect(busy.messages.at(-1)!.seq).toBe(THREAD_MESSAGES + 1)
  })

  test('all threads together stay bounded: the one that was loaded longest ago leaves', () => {
    const long = withPage(
      EMPTY_THREAD,
      pageOf(
        Array.from({ length: 12_000 }, (_, index) => index),
        undefined,
        12_000,
      ),
    )
    const threads = new Map([
      ['a', long],
      ['b', long],
      ['c', long],
    ])
    expect([...boundedThreads(threads, 'c').keys()]).toEqual(['b', 'c'])
    expect([...boundedThreads(threads, 'a').keys()]).toEqual(['a', 'c'])
  })
})

describe('on the stream', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
  afterEach(() => void vi.useRealTimers())

  /** A stream whose service holds these messages. */
  function served(seqs: readonly number[]) {
    const sent: Record<string, unknown>[] = []
    const stream = createStream({ onGap: () => undefined })
    stream.ready((text) => {
      const request = JSON.parse(text) as { ref: string; before?: number; limit: number }
      sent.push(request)
      const { messages, more } = pageOf(seqs, request.before, request.limit)
      queueMicrotask(() => stream.receive({ type: 'ok', ref: request.ref, messages, more }))
    })
    stream.receive(snapshot(10, [conversation('c', { last: message(seqs.at(-1)!) })]))
    return { stream, sent, thread: () => stream.state.threads.get('c')! }
  }

  test('a message far back is reached with a few requests, with what comes before and after it', async () => {
    const { stream, sent, thread } = served(Array.from({ length: 50_000 }, (_, index) => index + 1))
    expect(await stream.reveal('c', 20_000)).toBe(true)
    expect(sent.length).toBeLessThan(12)
    for (const seq of [19_970, 20_030, 50_000]) expect(isKnown(thread(), seq)).toBe(true)
    expect(thread().messages.length).toBeLessThan(1_000)
    expect(thread().gaps).toHaveLength(1)
  })

  test('a gap closes from its older side, however the numbers of its messages skip', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5_000 })), {
          minLength: 300,
          maxLength: 600,
        }),
        async (steps) => {
          let seq = 0
          const seqs = steps.map((step) => (seq += step))
          const { stream, sent, thread } = served(seqs)
          expect(await stream.reveal('c', seqs[40]!)).toBe(true)
          while (thread().gaps[0] !== undefined) {
            const before = thread()
            await stream.loadGap('c', before.gaps[0]!, 'older')
            expect(thread()).not.toBe(before)
            expect(sent.length).toBeLessThan(400)
          }
          const held = thread().messages.map((known: Message) => known.seq)
          expect(held).toEqual(seqs.filter((known) => known >= held[0]!))
        },
      ),
      { numRuns: 30 },
    )
  })

  test('a gap closes from its newer side', async () => {
    const seqs = Array.from({ length: 2_000 }, (_, index) => index * 3 + 1)
    const { stream, thread } = served(seqs)
    await stream.reveal('c', seqs[300]!)
    const [gap] = thread().gaps
    await stream.loadGap('c', gap!, 'newer')
    expect(thread().gaps[0]).toMatchObject({ after: gap!.after })
    expect(thread().gaps[0]!.before).toBeLessThan(gap!.before)
  })
})

test('what was read is said up to the message that was seen, and once', () => {
  const sent: Record<string, unknown>[] = []
  const stream = createStream({ onGap: () => undefined })
  stream.ready((text) => void sent.push(JSON.parse(text) as Record<string, unknown>))
  stream.receive(snapshot(10, [conversation('c', { last: message(9), unread: 5, readUpTo: 4 })]))
  for (const seen of [3, 4, 6, 6, 5, 9]) stream.markRead('c', seen)
  expect(sent.map(({ upTo }) => upTo)).toEqual([6, 9])
})
