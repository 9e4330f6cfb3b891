import { runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appendEvent, canCatchUp, eventsAfter, headOf } from '../../src/account/event-log.ts'
import type { EventRow } from '../../src/account/rows.ts'
import type { EventFrame } from '../../src/protocol/frames.ts'
import { CATCH_UP_BYTES, CATCH_UP_EVENTS, SERVER_FRAME_BYTES, TEXT_BYTES } from '../../src/protocol/limits.ts'
import { createAccount, createPair, cursorsOf, openPhone, sendText } from './support.ts'

/** Runs against the tables of an account that nothing has happened to. */
async function inLog(test: (sql: SqlStorage) => void): Promise<void> {
  const { stub } = await createAccount()
  await runInDurableObject(stub, (_, { storage }) => storage.transactionSync(() => test(storage.sql)))
}

function grow(sql: SqlStorage, count: number, textBytes = 0): void {
  for (let index = 0; index < count; index++) appendEvent(sql, { kind: 'profile', textBytes })
}

function frameOf({ cursor }: EventRow): EventFrame {
  return { type: 'event', cursor, event: { kind: 'profile', account: { id: 'a', name: 'A' } } }
}

describe('the event log', () => {
  it('is dense, whatever happens', async () => {
    await inLog((sql) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 700 }), (count) => {
          const before = headOf(sql)
          grow(sql, count)
          const held = sql
            .exec<{ cursor: number }>('SELECT cursor FROM events WHERE cursor > ? ORDER BY cursor', before)
            .toArray()
          expect(headOf(sql)).toBe(before + count)
          expect(held.at(-1)?.cursor).toBe(before + count)
          expect(held.map(({ cursor }) => cursor)).toEqual(held.map((_, index) => (held[0]?.cursor ?? 0) + index))
        }),
        { numRuns: 20 },
      )
    })
  })

  it('brings a client up to date that is 1,000 events behind, and not one that is 1,001', async () => {
    await inLog((sql) => {
      grow(sql, CATCH_UP_EVENTS + 1)
      expect(canCatchUp(sql, 1)).toBe(true)
      expect(canCatchUp(sql, 0)).toBe(false)
    })
  })

  it('holds every event that a catch-up may ask for, wherever it was swept', async () => {
    await inLog((sql) => {
      for (let round = 0; round < 33; round++) {
        grow(sql, 100)
        const head = headOf(sql)
        const behind = Math.max(0, head - CATCH_UP_EVENTS)
        expect(canCatchUp(sql, behind)).toBe(true)
        expect(cursorsOf(eventsAfter(sql, behind, round * 10_000, frameOf))[0]).toBe(behind + 1)
      }
      expect(sql.exec<{ count: number }>('SELECT count(*) AS count FROM events').one().count).toBeLessThan(
        2 * CATCH_UP_EVENTS,
      )
    })
  })

  it('does not bring a client up to date that is more than 1 MiB behind', async () => {
    await inLog((sql) => {
      grow(sql, 70, TEXT_BYTES)
      expect(canCatchUp(sql, 0)).toBe(false)
      expect(canCatchUp(sql, 70 - Math.floor(CATCH_UP_BYTES / (TEXT_BYTES + 512)))).toBe(true)
    })
  })

  it('takes no cursor that is absent or in the future', async () => {
    await inLog((sql) => {
      grow(sql, 3)
      expect(canCatchUp(sql, null)).toBe(false)
      expect(canCatchUp(sql, 4)).toBe(false)
      expect(canCatchUp(sql, 3)).toBe(true)
      expect(eventsAfter(sql, 3, 0, frameOf)).toEqual({ after: 3, frames: [] })
    })
  })

  it('is read in pages that fit a frame, one event at least', async () => {
    await inLog((sql) => {
      grow(sql, 40)
      const large = (row: EventRow) => ({ ...frameOf(row), pad: 'x'.repeat(20_000) })
      const { frames } = eventsAfter(sql, 0, 0, large)
      expect(frames.join('').length).toBeLessThanOrEqual(SERVER_FRAME_BYTES)
      expect(frames).toHaveLength(13)
      expect(cursorsOf(eventsAfter(sql, 13, 0, large))).toEqual([14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26])
      const huge = (row: EventRow) => ({ ...frameOf(row), pad: 'x'.repeat(SERVER_FRAME_BYTES) })
      expect(eventsAfter(sql, 0, 10_000, huge).frames).toHaveLength(1)
    })
  })
})

describe('an account further behind', () => {
  it('gets a snapshot that holds what the events would have told', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const { cursor } = await phoneA.frame('snapshot')
    await runInDurableObject(ada.stub, (_, { storage }) =>
      storage.transactionSync(() => grow(storage.sql, CATCH_UP_EVENTS)),
    )
    const sent = await sendText(phoneA, conversation.id, 'after a thousand')
    const late = await openPhone(ada, cursor)
    const snapshot = await late.frame('snapshot')
    expect(snapshot.conversations).toMatchObject([{ last: { id: sent.id } }])
    await sendText(phoneA, conversation.id, 'next')
    await late.event('message', ({ message: { text } }) => text === 'next')
    const cursors = late.frames.flatMap((frame) => (frame.type === 'event' ? [frame.cursor] : []))
    expect(cursors[0]).toBe(snapshot.cursor + 1)
  })
})
