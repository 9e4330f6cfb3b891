/** What other accounts deliver: numbered per sender, taken once, in order. Storage only, in one transaction. */
import { conversationWith, insertPeer, markPeer, setGone, showConversation, updatePeer } from './conversations.ts'
import { deleteMedia, insertMedia } from './media.ts'
import { emptyMessage, insertMessage, messageBy } from './messages.ts'
import { readProfile } from './profile.ts'
import type { DeliveredMessage, DeliverResult, Delivery, PeerCard } from './rpc.ts'
import { ME, type ConversationRow } from './rows.ts'

/**
 * Takes deliveries from `from`, whose lowest held number is `oldest`: what it gave up before that is not waited for.
 * Numbers taken before are passed over; a skipped one refuses the rest.
 */
export function receive(sql: SqlStorage, from: PeerCard, oldest: number, deliveries: Delivery[]): DeliverResult {
  const profile = readProfile(sql)
  if (profile === null || profile.deleted_at !== null) return { outcome: 'gone' }
  const known = conversationWith(sql, from.account)
  if (known?.blocked === 1) return { outcome: 'blocked' }
  const peer = known ?? insertPeer(sql, from)
  if (known !== null) updatePeer(sql, known, from)

  let taken = Math.max(peer.in_last, oldest - 1)
  for (const { number, body } of deliveries) {
    if (number <= taken) continue
    if (number > taken + 1) break
    take(sql, peer, body)
    taken = number
  }
  if (taken !== peer.in_last) sql.exec('UPDATE conversations SET in_last = ? WHERE key = ?', taken, peer.key)
  const newest = deliveries.at(-1)?.number ?? 0
  return newest > taken ? { outcome: 'gap', expected: taken + 1 } : { outcome: 'taken', upTo: taken }
}

function take(sql: SqlStorage, peer: ConversationRow, body: Delivery['body']): void {
  switch (body.kind) {
    case 'message':
      return takeMessage(sql, peer, body.message)
    case 'marks': {
      const delivered = seqOfMine(sql, peer, body.deliveredUpTo)
      const read = seqOfMine(sql, peer, body.readUpTo)
      return markPeer(sql, peer.key, { delivered, read })
    }
    case 'deleted': {
      const message = messageBy(sql, peer.key, body.id)
      if (message === null) return
      if (message.media !== null) deleteMedia(sql, message.media)
      emptyMessage(sql, message, true)
      return
    }
    case 'profile':
      return
    case 'gone':
      return setGone(sql, peer)
  }
}

function takeMessage(sql: SqlStorage, peer: ConversationRow, message: DeliveredMessage): void {
  if (messageBy(sql, peer.key, message.id) !== null) return
  if (peer.shown === 0) {
    showConversation(sql, peer.key)
    peer.shown = 1
  }
  insertMessage(sql, {
    conversation: peer,
    author: peer.key,
    id: message.id,
    sentAt: message.sentAt,
    text: message.text ?? null,
    media: message.media === undefined ? null : insertMedia(sql, message.media, false),
    replyTo: repliedTo(sql, peer, message.replyTo),
  })
}

/** `mine` is the sender's word: what it calls its own is the peer's here. */
function repliedTo(sql: SqlStorage, peer: ConversationRow, replyTo: DeliveredMessage['replyTo']): string | null {
  if (replyTo === undefined) return null
  const message = messageBy(sql, replyTo.mine ? peer.key : ME, replyTo.id)
  return message?.conversation === peer.key ? message.id : null
}

function seqOfMine(sql: SqlStorage, peer: ConversationRow, id: string | undefined): number {
  const message = id === undefined ? null : messageBy(sql, ME, id)
  return message?.conversation === peer.key ? message.seq : 0
}
