/** Changes of the profile: told to the owner's devices at once, and to peers at most once a minute. Storage only. */
import { PROFILE_EVERY_MS } from '../protocol/limits.ts'
import { clearDue, setDueOnce } from './due.ts'
import { appendEvent } from './event-log.ts'
import { findMedia } from './media.ts'
import { enqueueProfile } from './outbox.ts'
import { changeProfile, readProfile } from './profile.ts'

export interface ProfileChange {
  name?: string
  /** The id of a picture of the owner's own; null takes the avatar away. */
  avatar?: string | null
}

/** Applies a change. @returns false when the avatar is not a picture of the owner's own */
export function applyProfileChange(sql: SqlStorage, change: ProfileChange, now: number): boolean {
  if (change.avatar != null) {
    const picture = findMedia(sql, change.avatar)
    if (picture?.mine !== 1 || !picture.content_type.startsWith('image/')) return false
  }
  if (!changeProfile(sql, change)) return true
  appendEvent(sql, { kind: 'profile' })
  const toldAt = readProfile(sql)?.told_at ?? 0
  if (toldAt + PROFILE_EVERY_MS <= now) tellPeers(sql, now)
  else setDueOnce(sql, 'profile', toldAt + PROFILE_EVERY_MS)
  return true
}

/** Puts the profile into every peer's outbox. */
export function tellPeers(sql: SqlStorage, now: number): void {
  sql.exec('UPDATE profile SET told_at = ?', now)
  clearDue(sql, 'profile')
  enqueueProfile(sql, now)
}
