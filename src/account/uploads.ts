/**
 * Media of the owner's own, from its announcement to its removal. What shows an upload counts as a use of it; what has
 * none is removed when its time has come. Storage only; `media-objects.ts` speaks to R2.
 *
 * An upload's object is named by its account and its id, so the PUT finds both in its signed address and an account's
 * objects have one prefix.
 */
import type { FrameErrorCode } from '../protocol/errors.ts'
import { cleanFileName } from '../protocol/file-names.ts'
import {
  HOUR_MS,
  MEDIA_BYTES,
  REMOVED_AT_ONCE,
  THUMB_BYTES,
  UPLOAD_KEPT_MS,
  UPLOADS_AN_HOUR,
} from '../protocol/limits.ts'
import { isThumbType, parseMediaType } from '../protocol/media-types.ts'
import type { Request } from '../protocol/requests.ts'
import { countUse } from './counters.ts'
import { clearDue, readDue, setDue } from './due.ts'
import { createMediaId, deleteMedia, findMedia, insertMediaRow } from './media.ts'
import type { UploadAdmission } from './rpc.ts'
import { ME, MediaState, type MediaRow, type MessageRow } from './rows.ts'

/** @returns the upload's row, or why it is not taken */
export function announceUpload(
  sql: SqlStorage,
  account: string,
  announced: Extract<Request, { type: 'upload' }>,
  now: number,
): MediaRow | { code: FrameErrorCode; retryAfter?: number } {
  const contentType = parseMediaType(announced.contentType)
  if (contentType === null) return { code: 'bad_request' }
  if (announced.bytes > MEDIA_BYTES) return { code: 'payload_too_large' }
  const thumb = announced.thumb === undefined ? null : usableMedia(sql, announced.thumb)
  if (announced.thumb !== undefined) {
    if (thumb === null) return { code: 'not_found' }
    if (!isThumbType(thumb.content_type)) return { code: 'bad_request' }
    if (thumb.bytes > THUMB_BYTES) return { code: 'payload_too_large' }
  }
  const wait = countUse(sql, 'uploads', UPLOADS_AN_HOUR, HOUR_MS, now)
  if (wait > 0) return { code: 'rate_limited', retryAfter: wait }
  const id = createMediaId()
  const name = cleanFileName(announced.name?.toWellFormed())
  const row: MediaRow = {
    id,
    mine: 1,
    object: `${account}/${id}`,
    thumb_object: thumb?.object ?? null,
    content_type: contentType,
    bytes: announced.bytes,
    name: name ?? null,
    width: announced.width ?? null,
    height: announced.height ?? null,
    duration: announced.duration ?? null,
    state: MediaState.announced,
    uses: 0,
    thumb: thumb?.id ?? null,
    sweep_at: now + UPLOAD_KEPT_MS,
  }
  insertMediaRow(sql, row)
  if (thumb !== null) useMedia(sql, thumb.id)
  planSweep(sql)
  return row
}

/** What a PUT to an upload's address must bring now. */
export function admissionOf(sql: SqlStorage, id: string): UploadAdmission {
  const row = usableMedia(sql, id)
  if (row === null) return { outcome: 'gone' }
  if (row.state === MediaState.ready) return { outcome: 'done' }
  const { content_type: contentType, bytes, name } = row
  return { outcome: 'open', contentType, bytes, ...(name === null ? {} : { name }) }
}

/** The bytes are in R2. @returns false when the upload is not wanted any more */
export function markReady(sql: SqlStorage, id: string): boolean {
  const row = usableMedia(sql, id)
  if (row?.state === MediaState.announced) sql.exec('UPDATE media SET state = ? WHERE id = ?', MediaState.ready, id)
  return row !== null
}

/** The owner's own, unless it is being removed. */
export function usableMedia(sql: SqlStorage, id: string): MediaRow | null {
  const row = findMedia(sql, id)
  return row?.mine === 1 && row.state !== MediaState.doomed ? row : null
}

/** The upload and its thumbnail, as far as they are not known to be in R2. */
export function unfinishedParts(sql: SqlStorage, id: string): MediaRow[] {
  const row = usableMedia(sql, id)
  const thumb = row?.thumb == null ? null : usableMedia(sql, row.thumb)
  return [row, thumb].filter((part) => part !== null).filter(({ state }) => state === MediaState.announced)
}

/** Something shows the upload from now on. */
export function useMedia(sql: SqlStorage, id: string): void {
  sql.exec('UPDATE media SET uses = uses + 1, sweep_at = NULL WHERE id = ?', id)
}

/** Something does not show it any more. @param keptMs - for how long it stays when nothing else shows it */
export function releaseMedia(sql: SqlStorage, id: string, keptMs: number, now: number): void {
  release(sql, id, keptMs, now)
  planSweep(sql)
}

/**
 * A message is about to be emptied. Media is its uploader's: that goes from R2 when its author deletes it everywhere, and
 * stays for the other side when they delete it for themselves. What was received is a row to be forgotten.
 */
export function forgetMediaOf(sql: SqlStorage, message: MessageRow, everywhere: boolean, now: number): void {
  if (message.media === null) return
  if (message.author !== ME) deleteMedia(sql, message.media)
  else if (everywhere) releaseMedia(sql, message.media, 0, now)
}

/** Marks what is due to be removed, which nothing can use from then on. @returns the ids and objects of some of it */
export function doomDueMedia(sql: SqlStorage, now: number): { id: string; object: string }[] {
  const due = sql.exec<MediaRow>('SELECT * FROM media WHERE sweep_at <= ? LIMIT ?', now, REMOVED_AT_ONCE).toArray()
  for (const row of due) doom(sql, row, now)
  return due.map(({ id, object }) => ({ id, object }))
}

/** Sets the alarm's next look at what is to be removed. */
export function planSweep(sql: SqlStorage): void {
  const { at } = sql
    .exec<{ at: number | null }>('SELECT min(sweep_at) AS at FROM media WHERE sweep_at IS NOT NULL')
    .one()
  const planned = readDue(sql, 'media')?.at ?? null
  if (at === null) {
    if (planned !== null) clearDue(sql, 'media')
  } else if (at !== planned) setDue(sql, 'media', at)
}

function release(sql: SqlStorage, id: string, keptMs: number, now: number): void {
  const row = usableMedia(sql, id)
  if (row === null) return
  if (row.uses > 1) sql.exec('UPDATE media SET uses = uses - 1 WHERE id = ?', id)
  else if (keptMs > 0) sql.exec('UPDATE media SET uses = 0, sweep_at = ? WHERE id = ?', now + keptMs, id)
  else doom(sql, row, now)
}

function doom(sql: SqlStorage, { id, state, thumb }: MediaRow, now: number): void {
  if (state === MediaState.doomed) return
  sql.exec('UPDATE media SET state = ?, uses = 0, sweep_at = ? WHERE id = ?', MediaState.doomed, now, id)
  if (thumb !== null) release(sql, thumb, 0, now)
}
