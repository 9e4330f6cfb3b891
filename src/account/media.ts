/** Rows of media: what a message or an avatar shows. The bytes are in R2; nothing here touches them. */
import { randomBytes } from '../http/secrets.ts'
import { toBase64Url } from '../protocol/bytes.ts'
import { MEDIA_ID_BYTES } from '../protocol/limits.ts'
import type { DeliveredMedia } from './rpc.ts'
import { first, MediaState, type MediaRow } from './rows.ts'

export function findMedia(sql: SqlStorage, id: string): MediaRow | null {
  return first<MediaRow>(sql, 'SELECT * FROM media WHERE id = ?', id)
}

/** An id of this account's own. */
export function createMediaId(): string {
  return toBase64Url(randomBytes(MEDIA_ID_BYTES))
}

/**
 * Keeps media that is in R2 under an id of this account's own, so that no peer's choice of id meets another's.
 * @param mine - whether the owner may send it; it is then shown by whatever it is kept for
 */
export function insertMedia(sql: SqlStorage, media: Omit<DeliveredMedia, 'id'>, mine: boolean): string {
  const id = createMediaId()
  insertMediaRow(sql, {
    id,
    mine: mine ? 1 : 0,
    object: media.object,
    thumb_object: media.thumbObject ?? null,
    content_type: media.contentType,
    bytes: media.bytes,
    name: media.name ?? null,
    width: media.width ?? null,
    height: media.height ?? null,
    duration: media.duration ?? null,
    state: MediaState.ready,
    uses: mine ? 1 : 0,
    thumb: null,
    sweep_at: null,
  })
  return id
}

export function insertMediaRow(sql: SqlStorage, row: MediaRow): void {
  sql.exec(
    `INSERT INTO media (id, mine, object, thumb_object, content_type, bytes, name, width, height, duration,
       state, uses, thumb, sweep_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.mine,
    row.object,
    row.thumb_object,
    row.content_type,
    row.bytes,
    row.name,
    row.width,
    row.height,
    row.duration,
    row.state,
    row.uses,
    row.thumb,
    row.sweep_at,
  )
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
