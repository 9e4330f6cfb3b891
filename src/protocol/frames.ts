/** Frames from the server, on both kinds of socket (contract, sections 1 and 2). What clients send is in `requests.ts`. */
import type { FrameErrorCode } from './errors.ts'
import type { AccountCard, Conversation, DeviceCard, Media, Message, StreamEvent, UnlinkReason } from './model.ts'

/** Required of every client and echoed (RFC 6455 section 1.9). */
export const SUBPROTOCOL = 'tandem.v1'

export interface QrFrame {
  type: 'qr'
  token: string
  url: string
  image: string
  device: string
  issuedAt: number
  expiresAt: number
  rotation: number
  rotations: number
}

/** Frames of a companion that is not linked yet. */
export type LinkFrame =
  | QrFrame
  | { type: 'idle' }
  | { type: 'scanned'; issuedAt: number; expiresAt: number; match: string | null }
  | { type: 'declined' }
  | { type: 'linked'; device: DeviceCard; account: AccountCard }
  | { type: 'spelled'; code: string; issuedAt: number; expiresAt: number }
  | { type: 'challenge'; nonce: string }
  | { type: 'resumed'; cursor: number; device: DeviceCard; account: AccountCard }

export interface SnapshotFrame {
  type: 'snapshot'
  cursor: number
  account: AccountCard
  conversations: Conversation[]
  /** Give it to `conversations` as `after`. */
  more: string | null
}

export interface EventFrame {
  type: 'event'
  cursor: number
  event: StreamEvent
}

export interface TypingFrame {
  type: 'typing'
  conversation: string
  on: boolean
}

export interface OkFrame {
  type: 'ok'
  ref: string
  message?: Message
  conversation?: Conversation
  conversations?: Conversation[]
  messages?: Message[]
  more?: string | boolean | null
  media?: Media | string
  put?: string
  expiresAt?: number
}

export interface ErrorFrame {
  type: 'error'
  ref?: string
  code: FrameErrorCode
  message: string
  /** Seconds. */
  retryAfter?: number
}

export interface UnlinkedFrame {
  type: 'unlinked'
  reason: UnlinkReason
}

/** Frames of the stream, after linking and on the phone's socket. */
export type StreamFrame = SnapshotFrame | EventFrame | TypingFrame | OkFrame | ErrorFrame | UnlinkedFrame

export type ServerFrame = LinkFrame | StreamFrame

/** Text frames that the runtime answers without waking the object. */
export const PING = 'ping'
export const PONG = 'pong'
