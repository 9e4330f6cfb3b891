/**
 * The account's data for its owner, in pages that a reader asks for one after the other: a slow reader keeps nothing
 * waiting here, and an eviction between two pages changes nothing. Storage only; `export-archive.ts` makes the archive.
 */
import { utf8Length } from '../protocol/bytes.ts'
import { EXPORT_PAGE, EXPORT_PAGE_BYTES } from '../protocol/limits.ts'
import { deviceDetail, livingDevices } from './devices.ts'
import { parsePosition } from './paging.ts'
import { readProfile } from './profile.ts'
import type { ExportedMedia, ExportPage, ExportPart } from './rpc.ts'
import { ME, MediaState, MESSAGE_QUERY, type ConversationRow, type MediaRow, type MessageRow } from './rows.ts'

/** The next page of a part after a position that an earlier page handed out; null for the first. */
export function exportPage(sql: SqlStorage, part: ExportPart, after: string | null): ExportPage {
  switch (part) {
    case 'account':
      return { part, items: [JSON.stringify(account(sql), null, 2)], next: null }
    case 'conversations':
      return { part, ...conversations(sql, parsePosition(after ?? '0') ?? 0) }
    case 'messages':
      return { part, ...messages(sql, after) }
    case 'media':
      return { part, ...media(sql, after ?? '') }
  }
}

/** The file of a piece of media within the archive. */
export function mediaFile(id: string, contentType: string): string {
  const extension = /^[a-z]+\/([a-z0-9]{1,8})$/.exec(contentType)?.[1] ?? 'bin'
  return `media/${id}.${extension}`
}

function account(sql: SqlStorage): unknown {
  const profile = readProfile(sql)
  if (profile === null) throw new Error('there is no account to export')
  const { id, name, number, avatar } = profile
  return { id, name, number, avatar, devices: livingDevices(sql).map(deviceDetail) }
}

function conversations(sql: SqlStorage, after: number): { items: string[]; next: string | null } {
  const rows = sql
    .exec<ConversationRow>(
      'SELECT * FROM conversations WHERE key > ? AND shown = 1 ORDER BY key LIMIT ?',
      after,
      EXPORT_PAGE,
    )
    .toArray()
  const items = rows.map((row) =>
    JSON.stringify({
      id: row.id,
      title: row.title,
      account: row.account,
      number: row.number,
      avatar: row.avatar,
      blocked: row.blocked === 1,
      unread: row.unread,
      readUpTo: row.read_up_to,
      peer: { deliveredUpTo: row.peer_delivered_up_to, readUpTo: row.peer_read_up_to },
    }),
  )
  return { items, next: rows.length < EXPORT_PAGE ? null : String(rows.at(-1)?.key) }
}

/** A position is `<conversation>.<seq>`, the key of the last message. */
function messages(sql: SqlStorage, after: string | null): { items: string[]; next: string | null } {
  const [conversation = 0, seq = 0] = (after ?? '0.0').split('.').map((part) => parsePosition(part) ?? 0)
  const items: string[] = []
  let bytes = 0
  let last: MessageRow | null = null
  const rows = sql.exec<MessageRow>(
    `${MESSAGE_QUERY} WHERE (m.conversation, m.seq) > (?, ?) ORDER BY m.conversation, m.seq`,
    conversation,
    seq,
  )
  for (const row of rows) {
    if (items.length >= EXPORT_PAGE || bytes >= EXPORT_PAGE_BYTES) {
      return { items, next: `${last?.conversation}.${last?.seq}` }
    }
    bytes += utf8Length(row.text ?? '')
    last = row
    items.push(
      JSON.stringify({
        id: row.id,
        conversation: row.conversation_id,
        seq: row.seq,
        from: row.author === ME ? 'me' : row.account,
        sentAt: row.sent_at,
        // What was deleted here may wait for the other side still; it is the owner's no more.
        text: row.deleted === 0 ? row.text : null,
        media: row.deleted === 0 ? row.media : null,
        replyTo: row.reply_to,
        deleted: row.deleted !== 0,
      }),
    )
  }
  return { items, next: null }
}

function media(sql: SqlStorage, after: string): { items: string[]; next: string | null } {
  const rows = sql
    .exec<MediaRow>(
      'SELECT * FROM media WHERE id > ? AND state = ? ORDER BY id LIMIT ?',
      after,
      MediaState.ready,
      EXPORT_PAGE,
    )
    .toArray()
  const items = rows.map((row): ExportedMedia => ({
    id: row.id,
    file: mediaFile(row.id, row.content_type),
    object: row.object,
    contentType: row.content_type,
    bytes: row.bytes,
    name: row.name,
  }))
  return {
    items: items.map((item) => JSON.stringify(item)),
    next: rows.length < EXPORT_PAGE ? null : (rows.at(-1)?.id ?? null),
  }
}
