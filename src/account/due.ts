/** Many times over the object's one alarm: a small table of what is due when. Storage only; `clock.ts` arms the alarm. */
import { memoryOf, type Memory } from './memory.ts'

/** What can be due. The part after the colon names a device or a conversation's key. */
export type Due =
  | 'idle'
  | 'profile'
  | 'media'
  | 'search'
  | 'release'
  | 'erase'
  | 'forget'
  | `end:${string}`
  | `deliver:${number}`
  | `demo:${number}`

type DueRow = { what: Due; at: number; tries: number }

/** Sets when `what` is due, in place of any earlier setting. */
export function setDue(sql: SqlStorage, what: Due, at: number, tries = 0): void {
  sql.exec('INSERT OR REPLACE INTO due VALUES (?, ?, ?)', what, at, tries)
  all(sql).set(what, { at, tries })
}

/** Sets when `what` is due unless it is set already. */
export function setDueOnce(sql: SqlStorage, what: Due, at: number): void {
  if (!all(sql).has(what)) setDue(sql, what, at)
}

export function clearDue(sql: SqlStorage, what: Due): void {
  if (all(sql).delete(what)) sql.exec('DELETE FROM due WHERE what = ?', what)
}

export function readDue(sql: SqlStorage, what: Due): { at: number; tries: number } | null {
  return all(sql).get(what) ?? null
}

/** Everything due at `now`, earliest first. */
export function dueAt(sql: SqlStorage, now: number): { what: Due; tries: number }[] {
  return [...all(sql)]
    .filter(([, { at }]) => at <= now)
    .toSorted(([, a], [, b]) => a.at - b.at)
    .map(([what, { tries }]) => ({ what, tries }))
}

/** When the earliest is due; null when nothing is. */
export function earliestDue(sql: SqlStorage): number | null {
  let earliest: number | null = null
  for (const { at } of all(sql).values()) if (earliest === null || at < earliest) earliest = at
  return earliest
}

function all(sql: SqlStorage): NonNullable<Memory['due']> {
  const memory = memoryOf(sql)
  memory.due ??= new Map(
    sql
      .exec<DueRow>('SELECT * FROM due')
      .toArray()
      .map(({ what, at, tries }) => [what, { at, tries }]),
  )
  return memory.due
}
