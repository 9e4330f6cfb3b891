/** Many times over the object's one alarm: a small table of what is due when. Storage only; `clock.ts` arms the alarm. */

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
}

/** Sets when `what` is due unless it is set already. */
export function setDueOnce(sql: SqlStorage, what: Due, at: number): void {
  sql.exec('INSERT OR IGNORE INTO due VALUES (?, ?, 0)', what, at)
}

export function clearDue(sql: SqlStorage, what: Due): void {
  sql.exec('DELETE FROM due WHERE what = ?', what)
}

export function readDue(sql: SqlStorage, what: Due): { at: number; tries: number } | null {
  return sql.exec<DueRow>('SELECT * FROM due WHERE what = ?', what).toArray()[0] ?? null
}

/** Everything due at `now`, earliest first. */
export function dueAt(sql: SqlStorage, now: number): { what: Due; tries: number }[] {
  return sql.exec<DueRow>('SELECT * FROM due WHERE at <= ? ORDER BY at', now).toArray()
}

/** When the earliest is due; null when nothing is. */
export function earliestDue(sql: SqlStorage): number | null {
  return sql.exec<{ at: number | null }>('SELECT min(at) AS at FROM due').one().at
}
