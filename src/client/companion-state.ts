/** What a page draws of a companion: one view, and the socket behind it. */
import type { QrFrame } from '../protocol/frames.ts'
import type { AccountCard, DeviceCard, UnlinkReason } from '../protocol/model.ts'
import type { ConnectionState } from './connection.ts'

/**
 * Why the code on show follows something that came to nothing. `burned`: three wrong numbers, or the phone gave up.
 * `unspelled`: there is no code to type just now.
 */
export type CodeNote = 'declined' | 'timeout' | 'burned' | 'unspelled'

/** Every `expiresAt` is by this machine's clock. */
export type CompanionView =
  | { name: 'connecting' }
  /** `last`: the budget of codes is nearly spent, and `wake` renews it. */
  | { name: 'code'; code: QrFrame; expiresAt: number; note: CodeNote | null; last: boolean }
  /** No codes until `wake`. */
  | { name: 'idle' }
  /** A code to type on the phone. `more`: `spell` extends it, unless it was refused just now. */
  | { name: 'typed'; code: string; expiresAt: number; more: boolean }
  /** A phone holds this screen. */
  | { name: 'scanned'; match: string | null; expiresAt: number }
  | { name: 'linked'; device: DeviceCard; account: AccountCard; resumed: boolean }
  | { name: 'unlinked'; reason: UnlinkReason | null }
  /** A newer socket of this device took over (4409). */
  | { name: 'elsewhere' }
  | { name: 'origin' }
  /** The service took this client's words for a fault; trying again would not help. */
  | { name: 'fault'; code: number }

export interface CompanionState {
  view: CompanionView
  connection: ConnectionState
  /** The key is kept between visits. */
  keep: boolean
  /** As far as this browser knows it is linked: while it connects, chats are what it will show. */
  linked: boolean
  /** The person has said that the account shown is theirs. */
  confirmed: boolean
}
