/** Rows as SQLite hands them out, and the one way to read them. Types, not interfaces: `exec` wants an index signature. */
import { ACTIVITY_ERA } from '../protocol/limits.ts'

export type ProfileRow = {
  id: string
  name: string
  number: string | null
  avatar: string | null
  /** Rises with every change that peers are told of. */
  version: number
  /** When peers were last told. */
  told_at: number
  /** The last sign-in or refresh. */
  used_at: number
  /** What is left then is a tombstone (deletion.ts). */
  deleted_at: number | null
  /** After a deletion: numbers to peers go on from here, so that none that was used before is taken for it. */
  out_from: number
  /** The last deletion: no token issued until then is good, nor ever will be (S32). */
  refused_to: number
}

/** A conversation, its one peer, and the numbers of what goes between the two accounts. */
export type ConversationRow = {
  key: number
  id: string
  /** The peer's wire id. */
  account: string
  title: string
  number: string | null
  avatar: string | null
  /** Of the peer's card; the newest wins. */
  version: number
  /** 0: only the peer's numbers are kept here, nothing was said yet and nothing is listed. */
  shown: number
  blocked: number
  /** The newest message's seq, or the cursor of its beginning: the order of the list. */
  activity: number
  unread: number
  read_up_to: number
  peer_delivered_up_to: number
  peer_read_up_to: number
  /** The last number given to something for this peer, and the last one taken from it. */
  out_last: number
  in_last: number
  /** `activity` in steps of ACTIVITY_ERA: the list's index, which so changes seldom. */
  era: number
  /** 1: the peer's account was deleted. */
  gone: number
}

/** `author` 0 is this account's owner; else it is the conversation's key, because each conversation has one peer. */
export type MessageRow = {
  conversation: number
  seq: number
  author: number
  id: string
  sent_at: number
  text: string | null
  media: string | null
  reply_to: string | null
  /** 1: emptied here · 2: emptied by its author, everywhere. */
  deleted: number
  /** The conversation's wire id and its peer's. */
  conversation_id: string
  account: string
}

export type MediaRow = {
  id: string
  /** 1: this account's own, which it may send. */
  mine: number
  object: string
  thumb_object: string | null
  content_type: string
  bytes: number
  name: string | null
  width: number | null
  height: number | null
  duration: number | null
  /** {@link MediaState} */
  state: number
  /** Of the owner's own: how many messages, pictures and profiles show it. */
  uses: number
  /** Of the owner's own: the upload that is its thumbnail. */
  thumb: string | null
  /** Of the owner's own: when it is removed, here and from R2; null while something shows it. */
  sweep_at: number | null
}

/** Of media: announced, in R2, or to be removed from there. */
export const MediaState = { announced: 0, ready: 1, doomed: 2 } as const

export type EventRow = {
  cursor: number
  kind: 'message' | 'deleted' | 'status' | 'read' | 'conversation' | 'profile' | 'device'
  conversation: number | null
  device: string | null
  /** message: unread · deleted: seq · status: delivered · read: up to · conversation: 1 new · device: 1 linked. */
  a: number | null
  /** status: read · read: unread. */
  b: number | null
}

export type DeviceRow = {
  id: string
  name: string
  browser: string
  os: string
  city: string | null
  country: string | null
  linked_at: number
  last_seen_at: number
  online: number
  ended_at: number | null
  reason: string | null
}

export type OutboxRow = {
  conversation: number
  number: number
  kind: 'message' | 'marks' | 'deleted' | 'profile' | 'gone'
  seq: number | null
  at: number
}

/** The owner's key in `messages.author`. */
export const ME = 0

export const MESSAGE_QUERY =
  'SELECT m.*, c.id AS conversation_id, c.account FROM messages m JOIN conversations c ON c.key = m.conversation'

/** The era of an activity (see {@link ConversationRow}). */
export function eraOf(activity: number): number {
  return Math.floor(activity / ACTIVITY_ERA)
}

/** The first row of a query, or null. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the row that its query selects
export function first<Row extends Record<string, SqlStorageValue>>(
  sql: SqlStorage,
  query: string,
  ...bindings: SqlStorageValue[]
): Row | null {
  for (const row of sql.exec<Row>(query, ...bindings)) return row
  return null
}
