/**
 * What waits to go to other accounts: first-in first-out and numbered per peer. Rows point at what they carry, so what
 * goes out is how it stands then. Storage only; `delivery.ts` makes the calls.
 */
import { isDemoContact } from './demo-contact.ts'
import { markPeer } from './conversations.ts'
import { deliverableMedia } from './media.ts'
import { memoryOf } from './memory.ts'
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
  if (isDemoContact(account)) return
  const numbered = first<{ number: number }>(
    sql,
    'UPDATE conversations SET out_last = out_last + 1 WHERE key = ? AND gone = 0 RETURNING out_last AS number',
    key,
  )
  // Else nobody is there any more who would take it.
  if (numbered !== null) putInOutbox(sql, { conversation: key, number: numbered.number, kind, seq, at: now })
}

/** Puts something in under the number that its conversation was given for it. */
export function putInOutbox(sql: SqlStorage, { conversation, number, kind, seq, at }: OutboxRow): void {
  sql.exec('INSERT INTO outbox VALUES (?, ?, ?, ?, ?)', conversation, number, kind, seq, at)
  memoryOf(sql).waiting?.add(conversation)
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
  return waitingConversations(sql).size > 0
}

/** The conversations for whose peers something waits. */
export function waitingConversations(sql: SqlStorage): ReadonlySet<number> {
  const memory = memoryOf(sql)
  memory.waiting ??= new Set(
    sql
      .exec<{ conversation: number }>('SELECT DISTINCT conversation FROM outbox')
      .toArray()
      .map((row) => row.conversation),
  )
  return memory.waiting
}

/** The next things for a peer, from the oldest held on; what was held for too long is given up first. */
export function nextBatch(
  sql: SqlStorage,
  conversation: number,
  now: number,
): { oldest: number; deliveries: Delivery[] } | null {
  const rows = oldestRows(sql, conversation)
  const [oldest] = rows
  if (oldest === undefined) return null
  const keptFrom = now - DELIVERY_KEPT_MS
  if (oldest.at <= keptFrom) {
    const { expired } = sql
      .exec<{ expired: number }>(
        'SELECT max(number) AS expired FROM outbox WHERE conversation = ? AND at <= ?',
        conversation,
        keptFrom,
      )
      .one()
    dropOutbox(sql, conversation, expired)
    return nextBatch(sql, conversation, now)
  }
  return {
    oldest: oldest.number,
    deliveries: rows.map((row) => ({ number: row.number, body: bodyOf(sql, row) })),
  }
}

/** The peer has taken everything up to `upTo`: the messages among it are delivered. */
export function settle(sql: SqlStorage, conversation: number, upTo: number): void {
  const delivered = dropOutbox(sql, conversation, upTo).at(-1)
  if (delivered !== undefined) markPeer(sql, conversation, { delivered })
}

/**
 * Drops what was offered: it was taken, given up, or the peer is gone or has blocked this account. What the owner deleted
 * for themselves while it waited is emptied now.
 * @returns the seqs of the messages among it, rising
 */
export function dropOutbox(sql: SqlStorage, conversation: number, upTo: number): number[] {
  const dropped = sql
    .exec<Pick<OutboxRow, 'kind' | 'seq'>>(
      'DELETE FROM outbox WHERE conversation = ? AND number <= ? RETURNING kind, seq',
      conversation,
      upTo,
    )
    .toArray()
  const seqs = dropped
    .flatMap(({ kind, seq }) => (kind === 'message' && seq !== null ? [seq] : []))
    .toSorted((a, b) => a - b)
  const [oldest] = seqs
  if (oldest !== undefined) {
    // What was deleted between them is empty already, or was among them.
    sql.exec(
      `UPDATE messages SET text = NULL, reply_to = NULL WHERE conversation = ? AND seq BETWEEN ? AND ? AND deleted = 1
       AND (text IS NOT NULL OR reply_to IS NOT NULL)`,
      conversation,
      oldest,
      seqs.at(-1) ?? oldest,
    )
  }
  if (first(sql, 'SELECT 1 FROM outbox WHERE conversation = ? LIMIT 1', conversation) === null) {
    memoryOf(sql).waiting?.delete(conversation)
  }
  return seqs
}

function knownPeers(sql: SqlStorage): ConversationRow[] {
  return sql
    .exec<ConversationRow>(
      'SELECT * FROM conversations WHERE (out_last > (SELECT out_from FROM profile) OR in_last > 0) AND blocked = 0',
    )
    .toArray()
}

function oldestRows(sql: SqlStorage, conversation: number): OutboxRow[] {
  return sql
    .exec<OutboxRow>(
      'SELECT * FROM outbox WHERE conversation = ? ORDER BY number LIMIT ?',
      conversation,
      DELIVERY_BATCH,
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
