/** Conversations and their peers: finding, beginning, listing, marking. Storage only, in the caller's transaction. */
import { randomBytes } from '../http/secrets.ts'
import { toBase64Url } from '../protocol/bytes.ts'
import { CONVERSATION_ID_BYTES } from '../protocol/limits.ts'
import { appendEvent } from './event-log.ts'
import { deleteMedia, insertMedia } from './media.ts'
import type { PeerCard } from './rpc.ts'
import { eraOf, first, ME, type ConversationRow } from './rows.ts'

export function conversationByKey(sql: SqlStorage, key: number): ConversationRow | null {
  return first<ConversationRow>(sql, 'SELECT * FROM conversations WHERE key = ?', key)
}

/** Its id alone: a row's width is most of what reading it costs. */
export function conversationId(sql: SqlStorage, key: number): string | null {
  return first<{ id: string }>(sql, 'SELECT id FROM conversations WHERE key = ?', key)?.id ?? null
}

/** One that the owner sees. */
export function conversationById(sql: SqlStorage, id: string): ConversationRow | null {
  return first<ConversationRow>(sql, 'SELECT * FROM conversations WHERE id = ? AND shown = 1', id)
}

/** Whether it is shown or not. */
export function conversationWith(sql: SqlStorage, account: string): ConversationRow | null {
  return first<ConversationRow>(sql, 'SELECT * FROM conversations WHERE account = ?', account)
}

/** Newest first, by eras: the index leads to the newest few, which are sorted by what they hold. */
export function conversationsPage(sql: SqlStorage, after: number | null, limit: number): ConversationRow[] {
  return sql
    .exec<ConversationRow>(
      `SELECT * FROM conversations WHERE shown = 1 AND era <= ? AND activity < ?
       ORDER BY era DESC, activity DESC LIMIT ?`,
      eraOf(after ?? Number.MAX_SAFE_INTEGER),
      after ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    .toArray()
}

/** Keeps a peer that was not known; its conversation is not shown yet. */
export function insertPeer(sql: SqlStorage, card: PeerCard): ConversationRow {
  const avatar = card.avatar === undefined ? null : insertMedia(sql, card.avatar, false)
  return sql
    .exec<ConversationRow>(
      `INSERT INTO conversations (id, account, title, number, avatar, version, shown, out_last)
       VALUES (?, ?, ?, ?, ?, ?, 0, (SELECT out_from FROM profile)) RETURNING *`,
      toBase64Url(randomBytes(CONVERSATION_ID_BYTES)),
      card.account,
      card.name,
      card.number ?? null,
      avatar,
      card.version,
    )
    .one()
}

/** Shows a conversation and tells of it, once. */
export function showConversation(sql: SqlStorage, key: number): void {
  const cursor = appendEvent(sql, { kind: 'conversation', conversation: key, a: 1 })
  sql.exec('UPDATE conversations SET shown = 1, activity = ?, era = ? WHERE key = ?', cursor, eraOf(cursor), key)
}

/** Takes over what a peer says of itself, if it is newer, and tells of it where the conversation is shown. */
export function updatePeer(sql: SqlStorage, before: ConversationRow, card: PeerCard): void {
  if (card.version <= before.version) return
  if (before.avatar !== null) deleteMedia(sql, before.avatar)
  const avatar = card.avatar === undefined ? null : insertMedia(sql, card.avatar, false)
  sql.exec(
    'UPDATE conversations SET title = ?, number = ?, avatar = ?, version = ?, gone = 0 WHERE key = ?',
    card.name,
    card.number ?? null,
    avatar,
    card.version,
    before.key,
  )
  if (before.shown === 1) appendEvent(sql, { kind: 'conversation', conversation: before.key })
}

/** The peer's account was deleted. What was said stays; the picture was theirs and goes. */
export function setGone(sql: SqlStorage, { key, avatar, gone, shown }: ConversationRow): void {
  if (gone === 1) return
  if (avatar !== null) deleteMedia(sql, avatar)
  sql.exec('UPDATE conversations SET gone = 1, avatar = NULL WHERE key = ?', key)
  if (shown === 1) appendEvent(sql, { kind: 'conversation', conversation: key })
}

/** Blocks or unblocks a peer. */
export function setBlocked(sql: SqlStorage, { key, blocked }: ConversationRow, on: boolean): void {
  if ((blocked === 1) === on) return
  sql.exec('UPDATE conversations SET blocked = ? WHERE key = ?', on ? 1 : 0, key)
  appendEvent(sql, { kind: 'conversation', conversation: key })
}

/**
 * The owner has read up to `upTo`: clamped to what is there, never goes back.
 * @returns the newest of the peer's messages that became read, whose author is told; null if there is none
 */
export function markRead(sql: SqlStorage, conversation: ConversationRow, upTo: number): number | null {
  const { key, read_up_to: before } = conversation
  const { newest } = sql
    .exec<{ newest: number | null }>(
      'SELECT max(seq) AS newest FROM messages WHERE conversation = ? AND seq <= ?',
      key,
      upTo,
    )
    .one()
  if (newest === null || newest <= before) return null
  const { unread, seen } = sql
    .exec<{ unread: number; seen: number | null }>(
      `SELECT coalesce(sum(seq > ?2), 0) AS unread, max(CASE WHEN seq <= ?2 THEN seq END) AS seen
       FROM messages WHERE conversation = ?1 AND seq > ?3 AND author <> ${ME}`,
      key,
      newest,
      before,
    )
    .one()
  sql.exec('UPDATE conversations SET read_up_to = ?, unread = ? WHERE key = ?', newest, unread, key)
  appendEvent(sql, { kind: 'read', conversation: key, a: newest, b: unread })
  return seen
}

/** The peer's marks on the owner's messages. They never go back, and what was read was delivered. */
export function markPeer(sql: SqlStorage, key: number, marks: { delivered?: number; read?: number }): void {
  const row = conversationByKey(sql, key)
  if (row === null) return
  const read = Math.max(row.peer_read_up_to, marks.read ?? 0)
  const delivered = Math.max(row.peer_delivered_up_to, marks.delivered ?? 0, read)
  if (read === row.peer_read_up_to && delivered === row.peer_delivered_up_to) return
  sql.exec('UPDATE conversations SET peer_delivered_up_to = ?, peer_read_up_to = ? WHERE key = ?', delivered, read, key)
  appendEvent(sql, { kind: 'status', conversation: key, a: delivered, b: read })
}
