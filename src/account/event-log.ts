/**
 * The ordered event log. A cursor is the row's INTEGER PRIMARY KEY: dense, because each is the newest + 1 and the newest
 * is never deleted. Rows point at what changed; `render.ts` makes them events when they are read.
 */
import { CATCH_UP_BYTES, CATCH_UP_EVENTS, SEARCH_BLOCK, SERVER_FRAME_BYTES } from '../protocol/limits.ts'
import type { EventFrame } from '../protocol/frames.ts'
import { utf8Length } from '../protocol/bytes.ts'
import { memoryOf } from './memory.ts'
import type { EventPage } from './rpc.ts'
import type { EventRow } from './rows.ts'
import { blockOf, indexBlock } from './search-index.ts'

/** An event without text (ids, numbers, signed URLs) takes about this much as a frame. */
const POINTER_BYTES = 512

/** How long what was written out serves: its media URLs are good for an hour at least. */
const RECENT_MS = 1_000

/** The newest events as they are sent. */
export interface RecentEvents {
  since: number
  /** The cursor before the first. */
  after: number
  frames: string[]
  bytes: number
  /** The next one did not fit. */
  isFull: boolean
}

/** What an event is of; the parts that its kind does not have are left out. */
export type NewEvent = Pick<EventRow, 'kind'> & Partial<Omit<EventRow, 'kind' | 'cursor'>> & { textBytes?: number }

/** Appends an event, in the caller's transaction. @returns its cursor */
export function appendEvent(sql: SqlStorage, event: NewEvent): number {
  const cursor = headOf(sql) + 1
  sql.exec(
    'INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)',
    cursor,
    event.kind,
    event.conversation ?? null,
    event.device ?? null,
    event.a ?? null,
    event.b ?? null,
    POINTER_BYTES + (event.textBytes ?? 0),
  )
  memoryOf(sql).head = cursor
  // The block before is whole: what its messages are is known, and their events are still there.
  if (cursor % SEARCH_BLOCK === 1 && cursor > 1) indexBlock(sql, blockOf(cursor) - 1)
  // A deletion is a row written too: one sweep in a thousand events, of what no catch-up could use any more.
  if (cursor % CATCH_UP_EVENTS === 0) sql.exec('DELETE FROM events WHERE cursor <= ?', cursor - CATCH_UP_EVENTS)
  return cursor
}

/** The newest cursor, 0 when nothing has happened yet. */
export function headOf(sql: SqlStorage): number {
  const memory = memoryOf(sql)
  memory.head ??= sql.exec<{ head: number }>('SELECT coalesce(max(cursor), 0) AS head FROM events').one().head
  return memory.head
}

/** Whether the events after `cursor` bring a client up to date; if not, it needs a snapshot (contract, section 2). */
export function canCatchUp(sql: SqlStorage, cursor: number | null): cursor is number {
  if (cursor === null) return false
  const head = headOf(sql)
  if (cursor > head || head - cursor > CATCH_UP_EVENTS) return false
  const { count, bytes } = sql
    .exec<{ count: number; bytes: number }>(
      'SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM events WHERE cursor > ?',
      cursor,
    )
    .one()
  return count === head - cursor && bytes <= CATCH_UP_BYTES
}

/**
 * The next page of events after `cursor`: as many as fit into {@link SERVER_FRAME_BYTES}, one at least. Each event is read
 * and written out once, however many devices and phones take it within {@link RECENT_MS}.
 * @param render - an event as it is to be shown now
 */
export function eventsAfter(
  sql: SqlStorage,
  cursor: number,
  now: number,
  render: (row: EventRow) => EventFrame,
): EventPage {
  const memory = memoryOf(sql)
  const kept = memory.recentEvents
  const isOfUse =
    kept !== undefined &&
    now - kept.since <= RECENT_MS &&
    cursor >= kept.after &&
    !(kept.isFull && cursor >= kept.after + kept.frames.length)
  const recent = isOfUse ? kept : { since: now, after: cursor, frames: [], bytes: 0, isFull: false }
  memory.recentEvents = recent
  if (!recent.isFull) readOn(sql, recent, render)
  return { after: cursor, frames: recent.frames.slice(cursor - recent.after) }
}

/** Reads what is new, up to the end of the page. */
function readOn(sql: SqlStorage, recent: RecentEvents, render: (row: EventRow) => EventFrame): void {
  const end = recent.after + recent.frames.length
  if (end >= headOf(sql)) return
  for (const row of sql.exec<EventRow>('SELECT * FROM events WHERE cursor > ? ORDER BY cursor', end)) {
    // Cursors are dense, but for the one left out where an account begins anew.
    if (row.cursor !== recent.after + recent.frames.length + 1) return
    const frame = JSON.stringify(render(row))
    recent.bytes += utf8Length(frame) + 1
    recent.isFull = recent.bytes > SERVER_FRAME_BYTES && recent.frames.length > 0
    if (recent.isFull) return
    recent.frames.push(frame)
  }
}
