/**
 * What an instance remembers of its tables. Nobody but this instance writes to its database, so what it has read or written
 * once stays true until it writes again: the module that writes a table keeps its part of this up to date with it. Each
 * statement that a message does not need is a hundredth of its time (2026-11-22: 57 of them before, 30 now).
 */
import type { Due } from './due.ts'
import type { RecentEvents } from './event-log.ts'
import type { DeviceRow, ProfileRow } from './rows.ts'

/** Each part is absent until it is asked for. */
export interface Memory {
  profile?: ProfileRow | null
  /** The newest cursor. */
  head?: number
  recentEvents?: RecentEvents
  onlineDevices?: readonly DeviceRow[]
  /** The conversations for whose peers something waits. */
  waiting?: Set<number>
  due?: Map<Due, { at: number; tries: number }>
}

const memories = new WeakMap<SqlStorage, Memory>()

export function memoryOf(sql: SqlStorage): Memory {
  const known = memories.get(sql)
  if (known !== undefined) return known
  const memory: Memory = {}
  memories.set(sql, memory)
  return memory
}

/** To be called when a transaction was rolled back, and by what writes tables other than row by row. */
export function forgetAll(sql: SqlStorage): void {
  memories.delete(sql)
}
