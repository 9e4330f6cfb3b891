/** The account's own row: who it is, and what its peers are told of it. Storage only. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import type { PeerCard } from './rpc.ts'
import { deliverableMedia } from './media.ts'
import { memoryOf } from './memory.ts'
import { first, type ProfileRow } from './rows.ts'

/** Digits and what people write between them: long enough to be taken for a number. */
const LIKE_A_NUMBER = /^(?=(?:\P{Nd}*\p{Nd}){7})[+\p{Nd}\s().\-/\u2010-\u2015]+$/u

/** What an account without a number is called until its owner says so. */
const NAMELESS = 'New account'

/** The living account's row. Call it only where the schema is known to be there. */
export function readProfile(sql: SqlStorage): ProfileRow | null {
  const memory = memoryOf(sql)
  memory.profile ??= first<ProfileRow>(sql, 'SELECT * FROM profile')
  return memory.profile
}

/** Makes the account; its name is its international number until set. */
export function createProfile(sql: SqlStorage, id: string, number: string | null, now: number): void {
  delete memoryOf(sql).profile
  const name = number === null ? NAMELESS : (parsePhoneNumberFromString(number)?.formatInternational() ?? number)
  sql.exec(
    'INSERT INTO profile (one, id, name, number, version, told_at, created_at, used_at) VALUES (1, ?, ?, ?, 1, 0, ?, ?)',
    id,
    name,
    number,
    now,
    now,
  )
}

/** Makes a deleted account anew. Its version rises, so that peers take it over. */
export function reviveProfile(sql: SqlStorage, now: number): void {
  delete memoryOf(sql).profile
  sql.exec(
    `UPDATE profile SET name = ?, number = NULL, avatar = NULL, version = version + 1, told_at = 0, created_at = ?,
       used_at = ?, deleted_at = NULL`,
    NAMELESS,
    now,
    now,
  )
}

/**
 * Whether a name would be taken for the number of somebody else: peers without a name are shown by their numbers, so
 * anybody could pass for any of them (S28).
 */
export function isNumberOfAnother(name: string, own: string | null): boolean {
  return LIKE_A_NUMBER.test(name) && name.replaceAll(/[^+\d]/g, '') !== own
}

/** Notes a sign-in or a refresh. */
export function touchProfile(sql: SqlStorage, now: number): void {
  delete memoryOf(sql).profile
  sql.exec('UPDATE profile SET used_at = ?', now)
}

/** Refuses every outside issuer's token that was issued up to now. */
export function refuseTokens(sql: SqlStorage, now: number): void {
  delete memoryOf(sql).profile
  sql.exec('UPDATE profile SET refused_to = ?', now)
}

/** Notes that peers were told of it. */
export function noteTold(sql: SqlStorage, now: number): void {
  delete memoryOf(sql).profile
  sql.exec('UPDATE profile SET told_at = ?', now)
}

/** Applies a change of name or avatar. @returns false when nothing differs from before */
export function changeProfile(sql: SqlStorage, change: { name?: string; avatar?: string | null }): boolean {
  const before = readProfile(sql)
  if (before === null) return false
  const name = change.name ?? before.name
  const avatar = change.avatar === undefined ? before.avatar : change.avatar
  if (name === before.name && avatar === before.avatar) return false
  delete memoryOf(sql).profile
  sql.exec('UPDATE profile SET name = ?, avatar = ?, version = version + 1', name, avatar)
  return true
}

/** What peers are told. */
export function peerCardOf(sql: SqlStorage, profile: ProfileRow): PeerCard {
  const avatar = profile.avatar === null ? null : deliverableMedia(sql, profile.avatar)
  return {
    account: profile.id,
    name: profile.name,
    ...(profile.number === null ? {} : { number: profile.number }),
    ...(avatar === null ? {} : { avatar }),
    version: profile.version,
  }
}
