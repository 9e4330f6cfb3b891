/**
 * The ordered event log. A cursor is the row's INTEGER PRIMARY KEY: dense, because each is the newest + 1 and the newest
 * is never deleted. Rows point at what changed; `render.ts` makes them events when they are read.
 */
import { CATCH_UP_BYTES, CATCH_UP_EVENTS, SEARCH_BLOCK, SERVER_FRAME_BYTES } from '../protocol/limits.ts'
import type { EventFrame } from '../protocol/frames.ts'
import { utf8Length } from '../protocol/bytes.ts'
import type { EventRow } from './rows.ts'
import { blockOf, indexBlock } from './search-index.ts'

/** An event without text (ids, numbers, signed URLs) takes about this much as a frame. */
const POINTER_BYTES = 512

/** What an event is of; the parts that its kind does not have are left out. */
export type NewEvent = Pick<EventRow, 'kind'> & Partial<Omit<EventRow, 'kind' | 'cursor'>> & { textBytes?: number }

/** Appends an event, in the caller's transaction. @returns its cursor */
export function appendEvent(sql: SqlStorage, event: NewEvent): number {
  const { cursor } = sql
    .exec<{ cursor: number }>(
      'INSERT INTO events (kind, conversation, device, a, b, bytes) VALUES (?, ?, ?, ?, ?, ?) RETURNING cursor',
      event.kind,
      event.conversation ?? null,
      event.device ?? null,
      event.a ?? null,
      event.b ?? null,
      POINTER_BYTES + (event.textBytes ?? 0),
    )
    .one()
  // The block before is whole: what its messages are is known, and their events are still there.
  if (cursor % SEARCH_BLOCK === 1 && cursor > 1) indexBlock(sql, blockOf(cursor) - 1)
  // A deletion is a row written too: one sweep in a thousand events, of what no catch-up could use any more.
  if (cursor % CATCH_UP_EVENTS === 0) sql.exec('DELETE FROM events WHERE cursor <= ?', cursor - CATCH_UP_EVENTS)
  return cursor
}

/** The newest cursor, 0 when nothing has happened yet. */
export function headOf(sql: SqlStorage): number {
  return sql.exec<{ head: number }>('SELECT coalesce(max(cursor), 0) AS head FROM events').one().head
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

/** The next page of events after `cursor`: as many as fit into {@link SERVER_FRAME_BYTES}, one at least. */
export function eventsAfter(sql: SqlStorage, cursor: number, render: (row: EventRow) => EventFrame): EventFrame[] {
  const page: EventFrame[] = []
  let bytes = 0
  for (const row of sql.exec<EventRow>('SELECT * FROM events WHERE cursor > ? ORDER BY cursor', cursor)) {
    const frame = render(row)
    bytes += utf8Length(JSON.stringify(frame)) + 1
    if (bytes > SERVER_FRAME_BYTES && page.length > 0) break
    page.push(frame)
  }
  return page
}
