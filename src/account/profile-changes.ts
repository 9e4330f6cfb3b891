/** Changes of the profile: told to the owner's devices at once, and to peers at most once a minute. Storage only. */
import type { HttpErrorCode } from '../protocol/errors.ts'
import { AVATAR_BYTES, PROFILE_EVERY_MS, UPLOAD_KEPT_MS } from '../protocol/limits.ts'
import { mediaKind } from '../protocol/media-types.ts'
import { clearDue, setDueOnce } from './due.ts'
import { appendEvent } from './event-log.ts'
import { enqueueProfile } from './outbox.ts'
import { changeProfile, noteTold, readProfile } from './profile.ts'
import { releaseMedia, unfinishedParts, usableMedia, useMedia } from './uploads.ts'

export interface ProfileChange {
  name?: string
  /** The id of a picture of the owner's own; null takes the avatar away. */
  avatar?: string | null
}

/** Applies a change. @returns why it cannot be, or null */
export function applyProfileChange(sql: SqlStorage, change: ProfileChange, now: number): HttpErrorCode | null {
  const before = readProfile(sql)?.avatar ?? null
  const refused = change.avatar == null || change.avatar === before ? null : refusalOf(sql, change.avatar)
  if (refused !== null) return refused
  if (!changeProfile(sql, change)) return null
  if (change.avatar !== undefined && change.avatar !== before) {
    if (change.avatar !== null) useMedia(sql, change.avatar)
    // Peers are told within a minute or when they can be reached; until then they show the one before.
    if (before !== null) releaseMedia(sql, before, UPLOAD_KEPT_MS, now)
  }
  appendEvent(sql, { kind: 'profile' })
  const toldAt = readProfile(sql)?.told_at ?? 0
  if (toldAt + PROFILE_EVERY_MS <= now) tellPeers(sql, now)
  else setDueOnce(sql, 'profile', toldAt + PROFILE_EVERY_MS)
  return null
}

/** Puts the profile into every peer's outbox. */
export function tellPeers(sql: SqlStorage, now: number): void {
  noteTold(sql, now)
  clearDue(sql, 'profile')
  enqueueProfile(sql, now)
}

/** What stands against an avatar: it is a raster picture of the owner's own, in R2, and small. */
function refusalOf(sql: SqlStorage, id: string): HttpErrorCode | null {
  const picture = usableMedia(sql, id)
  if (picture === null || mediaKind(picture.content_type) !== 'image') return 'not_found'
  if (unfinishedParts(sql, id).length > 0) return 'not_found'
  return picture.bytes > AVATAR_BYTES ? 'payload_too_large' : null
}
