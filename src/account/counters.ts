/** Exact limits that belong to one account: uses of something within a window that begins at the first use. */
import { first } from './rows.ts'

type CounterRow = { began_at: number; used: number }

/** @returns 0 when another use would be admitted, else the whole seconds until it would be */
export function waitFor(sql: SqlStorage, what: string, limit: number, windowMs: number, now: number): number {
  const row = first<CounterRow>(sql, 'SELECT began_at, used FROM counters WHERE what = ?', what)
  if (row === null || row.used < limit || now >= row.began_at + windowMs) return 0
  return Math.max(1, Math.ceil((row.began_at + windowMs - now) / 1000))
}

/** Counts one use, if it is admitted. @returns what {@link waitFor} says of it */
export function countUse(sql: SqlStorage, what: string, limit: number, windowMs: number, now: number): number {
  const wait = waitFor(sql, what, limit, windowMs, now)
  if (wait > 0) return wait
  sql.exec(
    `INSERT INTO counters VALUES (?1, ?2, 1) ON CONFLICT (what) DO UPDATE SET
       used = CASE WHEN began_at + ?3 <= ?2 THEN 1 ELSE used + 1 END,
       began_at = CASE WHEN began_at + ?3 <= ?2 THEN ?2 ELSE began_at END`,
    what,
    now,
    windowMs,
  )
  return 0
}

/** Takes a use back that was counted at `countedAt`, if its window still runs. */
export function uncountUse(sql: SqlStorage, what: string, countedAt: number): void {
  sql.exec('UPDATE counters SET used = used - 1 WHERE what = ? AND began_at <= ? AND used > 0', what, countedAt)
}
