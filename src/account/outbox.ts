/**
 * What waits to go to other accounts: first-in first-out and numbered per peer. Rows point at what they carry, so what
 * goes out is how it stands then. Storage only; `delivery.ts` makes the calls.
 */
import { isDemoContact, noteForDemo } from './demo-contact.ts'
import { markPeer } from './conversations.ts'
import { deliverableMedia } from './media.ts'
import { messageAt, messageIn } from './messages.ts'
import { DELIVERY_BATCH, DELIVERY_KEPT_MS } from '../protocol/limits.ts'
import type { DeliveredMessage, Delivery } from './rpc.ts'
import { first, ME, type ConversationRow, type MessageRow, type OutboxRow } from './rows.ts'

/** Puts something into the outbox of `conversation`, in the transaction of the change that it tells of. */
export function enqueue(
  sql: SqlStorage,
  { key, account }: Pick<ConversationRow, 'key' | 'account'>,
  kind: OutboxRow['kind'],
  seq: number | null,
  now: number,
): void {
  if (isDemoContact(account)) {
    if (kind === 'message') noteForDemo(sql, key, now)
    return
  }
  const { number } = sql
    .exec<{ number: number | null }>(
      'UPDATE conversations SET out_last = out_last + 1 WHERE key = ? AND gone = 0 RETURNING out_last AS number',
      key,
    )
    .toArray()[0] ?? { number: null }
  // Nobody is there any more who would take it.
  if (number === null) return
  sql.exec('INSERT INTO outbox VALUES (?, ?, ?, ?, ?)', key, number, kind, seq, now)
}

/** The profile goes to every peer with whom anything was exchanged; the card itself travels with each call. */
export function enqueueProfile(sql: SqlStorage, now: number): void {
  for (const peer of knownPeers(sql)) enqueue(sql, peer, 'profile', null, now)
}

/** The account is deleted, which the same peers are told, after everything that waits for them. */
export function enqueueGone(sql: SqlStorage, now: number): void {
  for (const peer of knownPeers(sql)) enqueue(sql, peer, 'gone', null, now)
}

/** Whether anything waits for anybody. */
export function isWaiting(sql: SqlStorage): boolean {
  return first(sql, 'SELECT 1 FROM outbox LIMIT 1') !== null
}

/** The conversations for whose peers something waits. */
export function waitingConversations(sql: SqlStorage): number[] {
  return sql
    .exec<{ conversation: number }>('SELECT DISTINCT conversation FROM outbox')
    .toArray()
    .map((row) => row.conversation)
}

/** The next things for a peer, from the oldest held on; what was held for too long is given up first. */
export function nextBatch(
  sql: SqlStorage,
  conversation: number,
  now: number,
): { oldest: number; deliveries: Delivery[] } | null {
  const { expired } = sql
    .exec<{ expired: number | null }>(
      'SELECT max(number) AS expired FROM outbox WHERE conversation = ? AND at <= ?',
      conversation,
      now - DELIVERY_KEPT_MS,
    )
    .one()
  if (expired !== null) dropOutbox(sql, conversation, expired)
  const rows = sql
    .exec<OutboxRow>(
      'SELECT * FROM outbox WHERE conversation = ? ORDER BY number LIMIT ?',
      conversation,
      DELIVERY_BATCH,
    )
    .toArray()
  const [oldest] = rows
  if (oldest === undefined) return null
  return {
    oldest: oldest.number,
    deliveries: rows.map((row) => ({ number: row.number, body: bodyOf(sql, row) })),
  }
}

/** The peer has taken everything up to `upTo`: the messages among it are delivered. */
export function settle(sql: SqlStorage, conversation: number, upTo: number): void {
  const { delivered } = sql
    .exec<{ delivered: number | null }>(
      "SELECT max(seq) AS delivered FROM outbox WHERE conversation = ? AND number <= ? AND kind = 'message'",
      conversation,
      upTo,
    )
    .one()
  dropOutbox(sql, conversation, upTo)
  if (delivered !== null) markPeer(sql, conversation, { delivered })
}

/**
 * Drops what was offered: it was taken, given up, or the peer is gone or has blocked this account. What the owner deleted
 * for themselves while it waited is emptied now.
 */
export function dropOutbox(sql: SqlStorage, conversation: number, upTo: number): void {
  sql.exec(
    `UPDATE messages SET text = NULL, reply_to = NULL WHERE conversation = ?1 AND deleted = 1
     AND seq IN (SELECT seq FROM outbox WHERE conversation = ?1 AND number <= ?2 AND kind = 'message')`,
    conversation,
    upTo,
  )
  sql.exec('DELETE FROM outbox WHERE conversation = ? AND number <= ?', conversation, upTo)
}

function knownPeers(sql: SqlStorage): ConversationRow[] {
  return sql
    .exec<ConversationRow>(
      'SELECT * FROM conversations WHERE (out_last > (SELECT out_from FROM profile) OR in_last > 0) AND blocked = 0',
    )
    .toArray()
}

function bodyOf(sql: SqlStorage, { conversation, kind, seq }: OutboxRow): Delivery['body'] {
  const message = seq === null ? null : messageAt(sql, conversation, seq)
  // Marks of nothing: the card that goes with every call is all that there is to tell.
  if (kind === 'gone') return { kind }
  if (kind === 'profile' || message === null) return { kind: 'marks' }
  if (kind === 'marks') return { kind, readUpTo: message.id }
  // Deleted for all before it went out: the number is used up all the same.
  if (kind === 'deleted' || message.deleted === 2) return { kind: 'deleted', id: message.id }
  return { kind, message: travelling(sql, message) }
}

function travelling(sql: SqlStorage, row: MessageRow): DeliveredMessage {
  const media = row.media === null ? null : deliverableMedia(sql, row.media)
  const replied = row.reply_to === null ? null : messageIn(sql, row.conversation, row.reply_to)
  return {
    id: row.id,
    sentAt: row.sent_at,
    ...(row.text === null ? {} : { text: row.text }),
    ...(media === null ? {} : { media }),
    ...(replied === null ? {} : { replyTo: { id: replied.id, mine: replied.author === ME } }),
  }
}
