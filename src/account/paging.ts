/** Lists that must fit into one frame: fewer items than asked for, and where to go on. Pure. */
import { utf8Length } from '../protocol/bytes.ts'
import { SERVER_FRAME_BYTES } from '../protocol/limits.ts'

/** Left free of a frame for its other fields, the account's card among them. */
const RESERVED_BYTES = 8 * 1024

/**
 * Renders `rows` in their order until `limit` are taken or the frame is full; one is always taken.
 * @param rows - one more than `limit`, if there are more
 * @returns how many were taken, and whether any was left
 */
export function fittingItems<Row, Item>(
  rows: readonly Row[],
  limit: number,
  render: (row: Row) => Item,
): { items: Item[]; left: boolean } {
  const items: Item[] = []
  let bytes = RESERVED_BYTES
  for (const row of rows) {
    if (items.length === limit) break
    const item = render(row)
    bytes += utf8Length(JSON.stringify(item)) + 1
    if (bytes > SERVER_FRAME_BYTES && items.length > 0) break
    items.push(item)
  }
  return { items, left: items.length < rows.length }
}

/** The same for conversations: `more` is the position to go on after. */
export function fitting<Row extends { activity: number }, Item>(
  rows: readonly Row[],
  limit: number,
  render: (row: Row) => Item,
): { items: Item[]; more: string | null } {
  const { items, left } = fittingItems(rows, limit, render)
  const last = rows[items.length - 1]
  return { items, more: left && last !== undefined ? String(last.activity) : null }
}

/** A position that a list handed out; null for anything else. */
export function parsePosition(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}
