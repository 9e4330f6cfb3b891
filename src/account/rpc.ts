/** What other objects and the Worker may ask of an Account. The class implements it; other rooms import the types only. */
import type { Caller } from '../http/types.ts'
import type { ErrorFrame, OkFrame, SnapshotFrame } from '../protocol/frames.ts'
import type { DevicesAnswer, OperatorAnswer } from '../protocol/http.ts'
import type { AccountCard, DeviceCard, DeviceDetail, Place, UnlinkReason } from '../protocol/model.ts'
import type { Request, TypingRequest } from '../protocol/requests.ts'
import type { Result } from '../protocol/result.ts'

export interface NewDevice {
  id: string
  name: string
  browser: string
  os: string
  place?: Place
  linkedAt: number
}

/** Events in cursor order, written out as the frames that go to the sockets: the first has the cursor `after` + 1. */
export interface EventPage {
  after: number
  frames: string[]
}

/** What brings a client up to date: the events after its cursor in bounded pages, or everything anew. */
export type CatchUp =
  | { kind: 'events'; events: EventPage; head: number }
  | { kind: 'snapshot'; snapshot: SnapshotFrame }

export type AddDeviceResult =
  | { outcome: 'linked'; device: DeviceCard; account: AccountCard; snapshot: SnapshotFrame }
  | { outcome: 'too_many_devices' }
  | { outcome: 'unauthorized' }
  | { outcome: 'ended'; reason: UnlinkReason }

export type ConnectResult =
  | { outcome: 'connected'; device: DeviceCard; account: AccountCard; catchUp: CatchUp }
  | { outcome: 'ended'; reason: UnlinkReason }

export type PullResult = { outcome: 'ok'; catchUp: CatchUp } | { outcome: 'ended'; reason: UnlinkReason }

export type RequestAnswer = OkFrame | ErrorFrame

/** For companions. */
export interface AccountForDevices {
  /**
   * Adds a device; an upsert by its id, so it may be repeated until answered. An ended id is never added again.
   * @param session - null when the alarm repeats a call whose session was already checked
   * @param online - whether the companion holds a live socket now
   */
  addDevice(
    device: NewDevice,
    by: Pick<Caller, 'session' | 'issuedAt'> | null,
    online: boolean,
  ): Promise<AddDeviceResult>
  /** A proven socket opened: marks the device online and answers what it missed after `cursor` (null: a snapshot). */
  connectDevice(device: string, cursor: number | null): Promise<ConnectResult>
  /** Its last socket closed. */
  disconnectDevice(device: string): Promise<void>
  /** The events after `cursor`, at most {@link SERVER_FRAME_BYTES} a page. */
  pull(device: string, cursor: number): Promise<PullResult>
  /** Frames of one socket in their order; answers stand in the same order, null for `typing`. */
  deviceRequests(device: string, frames: (Request | TypingRequest)[]): Promise<(RequestAnswer | null)[]>
  /** The companion signs itself out; idempotent. The companion ends itself once this is answered. */
  unlinkSelf(device: string): Promise<void>
}

/** For the Worker, on behalf of a phone. Each checks the caller first: `unauthorized` for an ended session or account. */
export interface AccountForPhone {
  /** Counts one scan (S14). */
  admitScan(caller: Caller): Promise<Result<null>>
  /** Counts one scan by a typed code, and as a wrong one until it is known to be right (S13). @returns when it was counted */
  admitTypedCode(caller: Caller): Promise<Result<number>>
  /** The code of the try that was counted then was no wrong one. */
  typedCodeWasRight(countedAt: number): Promise<void>
  profile(caller: Caller): Promise<Result<AccountCard>>
  updateProfile(caller: Caller, change: { name?: string; avatar?: string | null }): Promise<Result<AccountCard>>
  devices(caller: Caller): Promise<Result<DevicesAnswer>>
  renameDevice(caller: Caller, device: string, name: string): Promise<Result<DeviceDetail>>
  unlinkDevice(caller: Caller, device: string): Promise<Result<null>>
  unlinkAllDevices(caller: Caller): Promise<Result<null>>
  /** Counts one export; its pages are asked for afterwards. */
  beginExport(caller: Caller): Promise<Result<null>>
  /** @param after - `next` of the page before; null for the first */
  exportPage(caller: Caller, part: ExportPart, after: string | null): Promise<Result<ExportPage>>
  /** Deletes the account: answered once its devices were told. A repeated call is `unauthorized`, like any other. */
  deleteAccount(caller: Caller): Promise<Result<null>>
}

/** The parts of an export, in the order of the archive. */
export type ExportPart = 'account' | 'conversations' | 'messages' | 'media'

/** A page of an export: each item as JSON. Those of `media` are {@link ExportedMedia}, the others are written as they are. */
export interface ExportPage {
  part: ExportPart
  items: string[]
  next: string | null
}

/** A file of the archive, and the R2 key of its bytes. */
export interface ExportedMedia {
  id: string
  file: string
  object: string
  contentType: string
  bytes: number
  name: string | null
}

/** A fresh pair for the phone: the Worker signs the access token, the account keeps the refresh token's hash. */
export interface SessionGrant {
  session: string
  refreshToken: string
  account: AccountCard
}

/** Linked browsers, signed-in phones, or both. */
export type Cut = 'devices' | 'sessions' | 'all'

/** For the embedded identity, and the operator. */
export interface AccountForIdentity {
  /** Makes the account at its first sign-in and a session for the phone. */
  signIn(account: string, number: string): Promise<Result<SessionGrant>>
  /** @param refreshToken - the whole token; the Worker only routed by its first part */
  refresh(refreshToken: string): Promise<Result<SessionGrant>>
  /** Ends the session and closes its sockets; idempotent. */
  signOut(caller: Caller): Promise<void>
  /** The operator ends links, whoever signed in (S27); idempotent. `not_found`: there is no such account (any more). */
  cutOff(what: Cut): Promise<Result<OperatorAnswer>>
  /** The last sign-in or refresh, epoch milliseconds; null if there is no such account (any more). */
  lastUsedAt(): Promise<number | null>
}

/** A numbered thing from one account to another. Numbers rise by one per (sender, receiver). */
export interface Delivery {
  number: number
  body:
    | { kind: 'message'; message: DeliveredMessage }
    | { kind: 'marks'; deliveredUpTo?: string; readUpTo?: string }
    | { kind: 'deleted'; id: string }
    | { kind: 'profile'; card: PeerCard }
    /** The sender's account was deleted; the last that comes of it. */
    | { kind: 'gone' }
}

/** A message as it travels: seqs are each account's own, so marks name messages by id. */
export interface DeliveredMessage {
  id: string
  sentAt: number
  text?: string
  media?: DeliveredMedia
  replyTo?: { id: string; mine: boolean }
}

export interface DeliveredMedia {
  id: string
  /** The R2 key of the bytes, and of the thumbnail. */
  object: string
  thumbObject?: string
  contentType: string
  bytes: number
  name?: string
  width?: number
  height?: number
  duration?: number
}

/** What an account tells its peers of itself. `version` rises; the newest wins. */
export interface PeerCard {
  account: string
  name: string
  number?: string
  avatar?: DeliveredMedia
  version: number
}

export type DeliverResult =
  | { outcome: 'taken'; upTo: number }
  /** A number was skipped: send again from `expected`. */
  | { outcome: 'gap'; expected: number }
  | { outcome: 'gone' }
  | { outcome: 'blocked' }

/** For other accounts. */
export interface AccountForPeers {
  /** Null: there is no such account (any more). */
  peerCard(): Promise<PeerCard | null>
  /** @param oldest - the lowest number that the sender still holds, so that rows given up do not block */
  deliver(from: PeerCard, oldest: number, deliveries: Delivery[]): Promise<DeliverResult>
  /** Not logged; dropped when no device here is online. */
  peerTyping(from: string, on: boolean): Promise<void>
}

/** What a PUT must bring: what its upload was announced with. `gone`: nobody waits for it (any more). */
export type UploadAdmission =
  | { outcome: 'open'; contentType: string; bytes: number; name?: string }
  | { outcome: 'done' }
  | { outcome: 'gone' }

/** For the Worker, on behalf of whoever holds the signed address of an upload. */
export interface AccountForMedia {
  admitUpload(media: string): Promise<UploadAdmission>
  /** The bytes are in R2; idempotent. @returns false when nobody wants them any more: they are to be removed */
  uploaded(media: string): Promise<boolean>
}

export interface AccountRpc
  extends AccountForDevices, AccountForPhone, AccountForIdentity, AccountForPeers, AccountForMedia {}

/** Set by the Worker on the phone's socket request: the JSON of a {@link PhoneSocketOpen}. */
export const PHONE_SOCKET_HEADER = 'x-tandem-phone'

export interface PhoneSocketOpen {
  caller: Caller
  cursor: number | null
}
