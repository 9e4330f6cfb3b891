/** What the stream speaks of: accounts, conversations, messages, media, devices, events (contract, section 2). */

export interface Media {
  id: string
  contentType: string
  bytes: number
  name?: string
  /** Pixels. */
  width?: number
  height?: number
  /** Seconds. */
  duration?: number
  /** Signed, relative to the service's origin, good until `expiresAt`. */
  url: string
  thumb?: string
  expiresAt: number
}

/** An account as its own devices see it. */
export interface AccountCard {
  id: string
  name: string
  number?: string
  avatar?: Media
}

/** A linked device as every device of the account is told of it (S18). */
export interface DeviceCard {
  id: string
  name: string
  linkedAt: number
}

/** A linked device as the phone lists it. */
export interface DeviceDetail extends DeviceCard {
  browser: string
  os: string
  place?: Place
  lastSeenAt: number
  online: boolean
}

export interface Place {
  city?: string
  /** ISO 3166-1 alpha-2. */
  country?: string
}

export interface Peer {
  account: string
  number?: string
  deliveredUpTo: number
  readUpTo: number
  blocked?: true
  /** Their account was deleted: nothing can be sent to it. */
  gone?: true
}

export interface Conversation {
  id: string
  title: string
  avatar?: Media
  peer: Peer
  unread: number
  readUpTo: number
  last: Message | null
}

export interface Message {
  id: string
  conversation: string
  /** Rises within this account's copy of a conversation, may skip. */
  seq: number
  /** `me`, or the author's account. */
  from: string
  sentAt: number
  text?: string
  media?: Media
  replyTo?: string
  deleted?: true
}

export type StreamEvent =
  | { kind: 'message'; message: Message; unread: number }
  | { kind: 'deleted'; conversation: string; id: string }
  | { kind: 'status'; conversation: string; deliveredUpTo: number; readUpTo: number }
  | { kind: 'read'; conversation: string; upTo: number; unread: number }
  | { kind: 'conversation'; conversation: Conversation }
  | { kind: 'profile'; account: AccountCard }
  | { kind: 'device'; device: DeviceCard; linked: boolean }

/** Why a device ended. */
export type UnlinkReason = 'phone' | 'companion' | 'idle' | 'account'
