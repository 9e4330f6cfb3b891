/** Messages: inserting with their event, finding, listing, deleting. Storage only. */
import { utf8Length } from '../protocol/bytes.ts'
import { appendEvent, headOf } from './event-log.ts'
import { memoryOf } from './memory.ts'
import { leavingIndex } from './search-index.ts'
import { eraOf, first, ME, MESSAGE_QUERY, type ConversationRow, type MessageRow } from './rows.ts'

export interface NewMessage {
  conversation: Pick<ConversationRow, 'key' | 'id' | 'account'>
  /** {@link ME}, or the conversation's key for its peer. */
  author: number
  id: string
  sentAt: number
  text: string | null
  media: string | null
  replyTo: string | null
}

/**
 * Appends a message and its event. Its seq is the event's cursor, so it rises and is unique in the account.
 * @param isNumbered - it goes out to the peer: its number is drawn in the same row that is written anyway
 * @returns its row, and the number
 */
export function insertMessage(
  sql: SqlStorage,
  { conversation: { key, id: conversationId, account }, author, id, sentAt, text, media, replyTo }: NewMessage,
  isNumbered = false,
): { row: MessageRow; number: number } {
  const seq = headOf(sql) + 1
  const { unread, era, number } = sql
    .exec<{ unread: number; era: number; number: number }>(
      `UPDATE conversations SET activity = ?, unread = unread + ?, out_last = out_last + ? WHERE key = ?
       RETURNING unread, era, out_last AS number`,
      seq,
      author === ME ? 0 : 1,
      isNumbered ? 1 : 0,
      key,
    )
    .one()
  const textBytes = text === null ? 0 : utf8Length(JSON.stringify(text))
  appendEvent(sql, { kind: 'message', conversation: key, a: unread, textBytes })
  sql.exec(
    'INSERT INTO messages (conversation, seq, author, id, sent_at, text, media, reply_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    key,
    seq,
    author,
    id,
    sentAt,
    text,
    media,
    replyTo,
  )
  // Apart, because a column that an UPDATE names has its index written, changed or not.
  const newest = eraOf(seq)
  if (newest !== era) sql.exec('UPDATE conversations SET era = ? WHERE key = ?', newest, key)
  const row: MessageRow = {
    conversation: key,
    seq,
    author,
    id,
    sent_at: sentAt,
    text,
    media,
    reply_to: replyTo,
    deleted: 0,
    conversation_id: conversationId,
    account,
  }
  return { row, number }
}

/** By its key: who wrote it, and the id that they gave it. */
export function messageBy(sql: SqlStorage, author: number, id: string): MessageRow | null {
  return first<MessageRow>(sql, `${MESSAGE_QUERY} WHERE m.author = ? AND m.id = ?`, author, id)
}

export function messageAt(sql: SqlStorage, conversation: number, seq: number): MessageRow | null {
  return first<MessageRow>(sql, `${MESSAGE_QUERY} WHERE m.conversation = ? AND m.seq = ?`, conversation, seq)
}

/** A message of this conversation by either side. */
export function messageIn(sql: SqlStorage, conversation: number, id: string): MessageRow | null {
  const mine = messageBy(sql, ME, id)
  return mine?.conversation === conversation ? mine : messageBy(sql, conversation, id)
}

export function lastMessage(sql: SqlStorage, conversation: number): MessageRow | null {
  return first<MessageRow>(sql, `${MESSAGE_QUERY} WHERE m.conversation = ? ORDER BY m.seq DESC LIMIT 1`, conversation)
}

/** Newest first, before `before`. */
export function messagesBefore(sql: SqlStorage, conversation: number, before: number, limit: number): MessageRow[] {
  return sql
    .exec<MessageRow>(
      `${MESSAGE_QUERY} WHERE m.conversation = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`,
      conversation,
      before,
      limit,
    )
    .toArray()
}

/**
 * Empties a message and tells of it. The row stays: its id can never be used again. So does the name of its author's
 * own media until it is deleted everywhere, because the other side still shows it. One that its author deleted for
 * themselves while it waits to be delivered keeps what it carries until then (`outbox.ts`); it is shown to nobody here.
 * @param everywhere - by its author, for both sides
 * @returns false if that was done before
 */
export function emptyMessage(sql: SqlStorage, row: MessageRow, everywhere: boolean): boolean {
  const { conversation, seq } = row
  const deleted = everywhere ? 2 : 1
  if (row.deleted >= deleted) return false
  // Its words are not sent again.
  delete memoryOf(sql).recentEvents
  const waits =
    !everywhere &&
    first(sql, "SELECT 1 FROM outbox WHERE conversation = ? AND seq = ? AND kind = 'message'", conversation, seq) !==
      null
  const reindex = leavingIndex(sql, row)
  sql.exec(
    'UPDATE messages SET text = ?, media = ?, reply_to = ?, deleted = ? WHERE conversation = ? AND seq = ?',
    waits ? row.text : null,
    everywhere || row.author !== ME ? null : row.media,
    waits ? row.reply_to : null,
    deleted,
    conversation,
    seq,
  )
  reindex()
  if (row.deleted === 0) appendEvent(sql, { kind: 'deleted', conversation, a: seq })
  return true
}
