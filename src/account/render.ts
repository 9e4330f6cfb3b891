/** Rows as the wire shows them. Synchronous: the keys that sign media URLs are handed in. */
import type { MediaKeys } from '../http/keys.ts'
import { signMediaUrl, signUploadUrl } from '../http/signed-url.ts'
import type { EventFrame, SnapshotFrame } from '../protocol/frames.ts'
import { CONVERSATIONS_PAGE, PREVIEW_CHARACTERS } from '../protocol/limits.ts'
import type { AccountCard, Conversation, DeviceCard, Media, Message, StreamEvent } from '../protocol/model.ts'
import { conversationByKey, conversationId, conversationsPage } from './conversations.ts'
import { findDevice } from './devices.ts'
import { headOf } from './event-log.ts'
import { findMedia } from './media.ts'
import { lastMessage, messageAt } from './messages.ts'
import { fitting } from './paging.ts'
import { readProfile } from './profile.ts'
import { ME, type ConversationRow, type DeviceRow, type EventRow, type MessageRow, type ProfileRow } from './rows.ts'

/** Functions, not methods: they are handed to lists. */
export interface Renderer {
  account: () => AccountCard
  media: (id: string) => Media | null
  /** The address that takes the bytes of an object. */
  upload: (object: string) => { url: string; expiresAt: number }
  message: (row: MessageRow) => Message
  conversation: (row: ConversationRow) => Conversation
  event: (row: EventRow) => EventFrame
  snapshot: () => SnapshotFrame
}

/**
 * @param now - URLs are good for one to two hours from then
 * @param profile - as it is stored now
 */
export function createRenderer(sql: SqlStorage, keys: MediaKeys, now: number, profile: ProfileRow | null): Renderer {
  if (profile === null) throw new Error('there is no account to render')

  function media(id: string): Media | null {
    const row = findMedia(sql, id)
    if (row === null || profile === null) return null
    const { url, expiresAt } = signMediaUrl(keys, row.object, profile.id, now)
    const thumb = row.thumb_object === null ? null : signMediaUrl(keys, row.thumb_object, profile.id, now).url
    return {
      id: row.id,
      contentType: row.content_type,
      bytes: row.bytes,
      ...(row.name === null ? {} : { name: row.name }),
      ...(row.width === null ? {} : { width: row.width }),
      ...(row.height === null ? {} : { height: row.height }),
      ...(row.duration === null ? {} : { duration: row.duration }),
      url,
      ...(thumb === null ? {} : { thumb }),
      expiresAt,
    }
  }

  function avatar(id: string | null): { avatar?: Media } {
    const shown = id === null ? null : media(id)
    return shown === null ? {} : { avatar: shown }
  }

  function message(row: MessageRow): Message {
    const key = {
      id: row.id,
      conversation: row.conversation_id,
      seq: row.seq,
      from: row.author === ME ? 'me' : row.account,
      sentAt: row.sent_at,
    }
    if (row.deleted !== 0) return { ...key, deleted: true }
    const attached = row.media === null ? null : media(row.media)
    return {
      ...key,
      ...(row.text === null ? {} : { text: row.text }),
      ...(attached === null ? {} : { media: attached }),
      ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
    }
  }

  function conversation(row: ConversationRow): Conversation {
    const last = lastMessage(sql, row.key)
    return {
      id: row.id,
      title: row.title,
      ...avatar(row.avatar),
      peer: {
        account: row.account,
        ...(row.number === null ? {} : { number: row.number }),
        deliveredUpTo: row.peer_delivered_up_to,
        readUpTo: row.peer_read_up_to,
        ...(row.blocked === 1 ? { blocked: true as const } : {}),
        ...(row.gone === 1 ? { gone: true as const } : {}),
      },
      unread: row.unread,
      readUpTo: row.read_up_to,
      last: last === null ? null : message({ ...last, text: last.text === null ? null : preview(last.text) }),
    }
  }

  function account(): AccountCard {
    const { id, name, number, avatar: picture } = readProfile(sql) ?? missing('profile')
    return { id, name, ...(number === null ? {} : { number }), ...avatar(picture) }
  }

  function eventOf(row: EventRow): StreamEvent {
    if (row.kind === 'profile') return { kind: 'profile', account: account() }
    if (row.kind === 'device') {
      const device = findDevice(sql, row.device ?? '') ?? missing('device')
      return { kind: 'device', device: deviceCard(device), linked: row.a === 1 }
    }
    const key = row.conversation ?? 0
    if (row.kind === 'message') {
      const said = messageAt(sql, key, row.cursor) ?? missing('message')
      return { kind: 'message', message: message(said), unread: row.a ?? 0 }
    }
    if (row.kind === 'status') {
      const id = conversationId(sql, key) ?? missing('conversation')
      return { kind: 'status', conversation: id, deliveredUpTo: row.a ?? 0, readUpTo: row.b ?? 0 }
    }
    const about = conversationByKey(sql, key) ?? missing('conversation')
    switch (row.kind) {
      case 'deleted':
        return {
          kind: 'deleted',
          conversation: about.id,
          id: (messageAt(sql, about.key, row.a ?? 0) ?? missing('message')).id,
        }
      case 'read':
        return { kind: 'read', conversation: about.id, upTo: row.a ?? 0, unread: row.b ?? 0 }
      case 'conversation':
        // A beginning is told as it was: the messages after it come as events of their own.
        return {
          kind: 'conversation',
          conversation:
            row.a === 1
              ? {
                  ...conversation({ ...about, unread: 0, read_up_to: 0, peer_delivered_up_to: 0, peer_read_up_to: 0 }),
                  last: null,
                }
              : conversation(about),
        }
    }
  }

  return {
    account,
    media,
    upload: (object) => signUploadUrl(keys, object, profile.id, now),
    message,
    conversation,
    event: (row) => ({ type: 'event', cursor: row.cursor, event: eventOf(row) }),
    snapshot() {
      const { items, more } = fitting(
        conversationsPage(sql, null, CONVERSATIONS_PAGE + 1),
        CONVERSATIONS_PAGE,
        conversation,
      )
      return { type: 'snapshot', cursor: headOf(sql), account: account(), conversations: items, more }
    },
  }
}

export function deviceCard({ id, name, linked_at }: DeviceRow): DeviceCard {
  return { id, name, linkedAt: linked_at }
}

/** Cuts to PREVIEW_CHARACTERS, never inside a surrogate pair. */
function preview(text: string): string {
  if (text.length <= PREVIEW_CHARACTERS) return text
  const cut = text.slice(0, PREVIEW_CHARACTERS)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}

function missing(what: string): never {
  throw new Error(`an event points at a ${what} that is gone`)
}
