/** Rows of media: what a message or an avatar shows. The bytes are in R2; nothing here touches them. */
import { randomBytes } from '../http/secrets.ts'
import { toBase64Url } from '../protocol/bytes.ts'
import { MEDIA_ID_BYTES } from '../protocol/limits.ts'
import type { DeliveredMedia } from './rpc.ts'
import { first, type MediaRow } from './rows.ts'

export function findMedia(sql: SqlStorage, id: string): MediaRow | null {
  return first<MediaRow>(sql, 'SELECT * FROM media WHERE id = ?', id)
}

/**
 * Keeps media under an id of this account's own, so that no peer's choice of id meets another's.
 * @param mine - whether the owner may send it
 */
export function insertMedia(sql: SqlStorage, media: Omit<DeliveredMedia, 'id'>, mine: boolean): string {
  const id = toBase64Url(randomBytes(MEDIA_ID_BYTES))
  sql.exec(
    'INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    mine ? 1 : 0,
    media.object,
    media.thumbObject ?? null,
    media.contentType,
    media.bytes,
    media.name ?? null,
    media.width ?? null,
    media.height ?? null,
    media.duration ?? null,
  )
  return id
}

export function deleteMedia(sql: SqlStorage, id: string): void {
  sql.exec('DELETE FROM media WHERE id = ?', id)
}

/** Media as it travels to another account. */
export function deliverableMedia(sql: SqlStorage, id: string): DeliveredMedia | null {
  const row = findMedia(sql, id)
  if (row === null) return null
  return {
    id: row.id,
    object: row.object,
    ...(row.thumb_object === null ? {} : { thumbObject: row.thumb_object }),
    contentType: row.content_type,
    bytes: row.bytes,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.width === null ? {} : { width: row.width }),
    ...(row.height === null ? {} : { height: row.height }),
    ...(row.duration === null ? {} : { duration: row.duration }),
  }
}
