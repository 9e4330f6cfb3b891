/** What other objects and the Worker may ask of a Companion. The class implements it; other rooms import the types only. */
import type { EventPage } from '../account/rpc.ts'
import type { Visitor } from '../http/types.ts'
import type { TypingFrame } from '../protocol/frames.ts'
import type { ApproveAnswer, ScanAnswer } from '../protocol/http.ts'
import type { UnlinkReason } from '../protocol/model.ts'
import type { Result } from '../protocol/result.ts'

/** How the Worker opens a new companion: the JSON of {@link OPEN_HEADER}. */
export interface OpenNew {
  form: 'new'
  /** The raw P-256 public key, base64url, checked by the Worker. */
  key: string
  /** The origin that the code's address begins with. */
  publicOrigin: string
  browser: string
  os: string
  visitor: Visitor
}

/** How the Worker opens a resume. */
export interface OpenResume {
  form: 'resume'
  device: string
  /** Null: absent or malformed, so the stream begins with a snapshot. */
  cursor: number | null
  /** The hosts that a proof may name. */
  hosts: string[]
}

/** Set by the Worker on the request that it hands to a companion; a client's own is never passed on. */
export const OPEN_HEADER = 'x-tandem-open'

/** The phone that scans, approves or declines: its account from the verified token, and where it is. */
export interface Scanner {
  account: string
  /** The phone's session, checked by the account before a device is added; null for an outside issuer. */
  session: string | null
  /** When the phone's token was issued, epoch milliseconds. */
  issuedAt: number
  visitor: Visitor
}

/** Frames for a linked companion's socket. Events are a hint: a gap is pulled from the account. */
export interface Push {
  events: EventPage
  typing?: TypingFrame
  /** The account's newest cursor. */
  head: number
}

export interface CompanionRpc {
  /** @param secret - the token's random part, base64url */
  scan(secret: string, by: Scanner): Promise<Result<ScanAnswer>>
  /** @param code - `XXXX-XXXX`; the answer holds the token to go on with, and the number match is always required */
  scanTyped(code: string, by: Scanner): Promise<Result<ScanAnswer>>
  approve(secret: string, by: Scanner, match: string | null, name: string | null): Promise<Result<ApproveAnswer>>
  decline(secret: string, by: Scanner): Promise<Result<null>>
  /**
   * Resolves with the cursor up to which the socket has everything: what was pushed, and what was pulled because of it.
   * `offline`: no live socket took it. `gone`: this companion is not linked (any more).
   */
  push(push: Push): Promise<number | 'offline' | 'gone'>
  /** Ends the device: the live socket is told, closed 4410, and the key can never resume. Idempotent. */
  end(reason: UnlinkReason): Promise<void>
}

/** Of a code that is typed; the object is named by the code's hash. */
export interface SpellingRpc {
  /**
   * Makes the code lead to a companion, or gives it more time.
   * @param companion - its object id, hex
   * @returns false while it leads to another one
   */
  claim(companion: string, until: number): Promise<boolean>
  /** The companion that it leads to; null for a code that nobody shows. */
  companion(): Promise<string | null>
}
