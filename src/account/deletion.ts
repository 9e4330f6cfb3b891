/**
 * Deleting the account, and what remains of it (S32).
 *
 * One transaction takes away everything that its owner had here and leaves a tombstone, which refuses every token issued
 * before. What others must still learn is due, and done by the alarm in steps that may each be repeated: companions end,
 * peers are told once, the number is free, the objects leave R2 page by page, and last the rows that were needed for it.
 * A message that was answered `ok` and still waits for its receiver is delivered first: it is theirs.
 */
import { ERASED_AT_ONCE } from '../protocol/limits.ts'
import { backoff } from './backoff.ts'
import type { AccountCore } from './core.ts'
import { endOf } from './devices.ts'
import { clearDue, readDue, setDue } from './due.ts'
import { headOf } from './event-log.ts'
import { forgetAll } from './memory.ts'
import { numberOf } from './others.ts'
import { enqueueGone, isWaiting } from './outbox.ts'
import { readProfile, reviveProfile } from './profile.ts'
import { clearIndex } from './search-index.ts'

/** Deletes the account. @returns the devices that were living, whose companions are still to be told */
export function buryAccount(core: AccountCore): string[] {
  core.phones.closeAll()
  return core.commit((now) => bury(core.sql, now))
}

/** The number opens this account no more. */
export async function releaseNumber(core: AccountCore): Promise<void> {
  const number = readProfile(core.sql)?.number ?? null
  if (number !== null) await numberOf(core.env, number).release(core.id)
  core.commit(() => clearDue(core.sql, 'release'))
}

/** Removes the next page of the account's objects from R2. */
export async function eraseObjects(core: AccountCore): Promise<void> {
  const bucket: R2Bucket | undefined = core.env.MEDIA
  const page = await bucket?.list({ prefix: objectPrefix(core.id), limit: ERASED_AT_ONCE })
  const keys = page?.objects.map(({ key }) => key) ?? []
  if (bucket !== undefined && keys.length > 0) await bucket.delete(keys)
  core.commit((now) => (keys.length > 0 ? setDue(core.sql, 'erase', now) : clearDue(core.sql, 'erase')))
}

/** Takes away the rows that telling others needed, once everybody was told. */
export function forget(core: AccountCore, tries: number): void {
  const { sql } = core
  core.commit((now) => {
    const { others } = sql.exec<{ others: number }>("SELECT count(*) AS others FROM due WHERE what <> 'forget'").one()
    if (others > 0 || isWaiting(sql)) {
      setDue(sql, 'forget', now + backoff(tries + 1), tries + 1)
      return
    }
    wipe(sql)
    sql.exec('DELETE FROM devices')
    sql.exec("UPDATE profile SET name = '', number = NULL")
    forgetAll(sql)
    clearDue(sql, 'forget')
  })
}

/**
 * Makes a deleted account anew: for an outside issuer's token that was issued afterwards. Numbers, versions and cursors go
 * on from where they were, so that neither a peer nor a client takes what is new for what it had.
 * @returns whether it was done; not while objects of the old one are still being removed
 */
export function revive(sql: SqlStorage, issuedAt: number, now: number): boolean {
  const deletedAt = readProfile(sql)?.deleted_at ?? null
  if (deletedAt === null || issuedAt <= deletedAt || readDue(sql, 'erase') !== null) return false
  wipe(sql)
  sql.exec("DELETE FROM due WHERE what NOT LIKE 'end:%'")
  reviveProfile(sql, now)
  // One cursor is left out, so that whoever has the last one of the old account gets a snapshot.
  const head = headOf(sql)
  sql.exec('DELETE FROM events')
  sql.exec("INSERT INTO events (cursor, kind, bytes) VALUES (?, 'profile', 0)", head + 2)
  forgetAll(sql)
  return true
}

/** What an account's objects in R2 are called by. */
export function objectPrefix(account: string): string {
  return `${account}/`
}

/** @returns the devices that were living */
function bury(sql: SqlStorage, now: number): string[] {
  const devices = sql
    .exec<{ id: string }>(
      "UPDATE devices SET online = 0, ended_at = ?, reason = 'account' WHERE ended_at IS NULL RETURNING id",
      now,
    )
    .toArray()
    .map(({ id }) => id)
  enqueueGone(sql, now)
  sql.exec(
    `UPDATE profile SET deleted_at = ?1, refused_to = ?1, avatar = NULL,
       out_from = max(out_from, (SELECT coalesce(max(out_last), 0) FROM conversations))`,
    now,
  )
  // What waits for its receiver stays until it was taken, or is given up.
  sql.exec(
    'DELETE FROM messages WHERE (conversation, seq) NOT IN (SELECT conversation, seq FROM outbox WHERE seq IS NOT NULL)',
  )
  sql.exec('DELETE FROM media WHERE id NOT IN (SELECT media FROM messages WHERE media IS NOT NULL)')
  sql.exec('DELETE FROM conversations WHERE key NOT IN (SELECT conversation FROM outbox)')
  sql.exec("UPDATE conversations SET title = '', number = NULL, avatar = NULL")
  // The newest cursor is what another life of this account would go on from.
  sql.exec('DELETE FROM events WHERE cursor < (SELECT max(cursor) FROM events)')
  sql.exec('DELETE FROM sessions')
  sql.exec('DELETE FROM counters')
  clearIndex(sql)
  sql.exec("DELETE FROM due WHERE what NOT LIKE 'end:%'")
  forgetAll(sql)
  for (const device of devices) setDue(sql, endOf(device), now + backoff(1))
  setDue(sql, 'release', now)
  setDue(sql, 'erase', now)
  setDue(sql, 'forget', now + backoff(1))
  return devices
}

function wipe(sql: SqlStorage): void {
  for (const table of ['outbox', 'messages', 'media', 'conversations']) sql.exec(`DELETE FROM ${table}`)
}
