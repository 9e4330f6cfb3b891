/** What a page draws of a companion: one view, and the socket behind it. */
import type { QrFrame } from '../protocol/frames.ts'
import type { AccountCard, DeviceCard, UnlinkReason } from '../protocol/model.ts'
import type { ConnectionState } from './connection.ts'

/** Why the code on show follows a scan that came to nothing. `burned`: three wrong numbers, or the phone gave up. */
export type CodeNote = 'declined' | 'timeout' | 'burned'

export type CompanionView =
  | { name: 'connecting' }
  | { name: 'code'; code: QrFrame; note: CodeNote | null; last: boolean }
  /** No codes until `wake`. */
  | { name: 'idle' }
  /** A phone holds this screen. `expiresAt` is by this machine's clock. */
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
  /** The person has said that the account shown is theirs. */
  confirmed: boolean
}
