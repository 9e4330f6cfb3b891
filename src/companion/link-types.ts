/**
 * What the link's state machine (`link-state.ts`) works with: an unlinked companion's states, the events that come to it
 * and what follows from one. The states live in the socket's attachment; a hold is also stored from the approval on.
 */
import type { HttpErrorCode } from '../protocol/errors.ts'
import type { LinkRequestCard } from '../protocol/http.ts'

/** A code as it is kept: the hash of its token's secret (S20) and its time on the screen. */
export interface Code {
  hash: string
  issuedAt: number
  expiresAt: number
}

/** One account's hold of the companion, from its scan to its answer. */
export interface Hold {
  account: string
  /** Hashes of the tokens that lead to this hold: the code on show, the one it replaced, and that of a typed code. */
  codes: string[]
  /** The typed code that it began with: its hash, and the salt that makes its token again for a repeated scan. */
  typed?: { hash: string; salt: string }
  issuedAt: number
  expiresAt: number
  /** The digits on the screen; they never travel to the phone (S13). */
  match: string | null
  triesLeft: number
  /** What the phone was shown. */
  card: LinkRequestCard
}

/** The last hold that was declined, so that a repeated decline is answered alike. */
interface Decline {
  account: string
  codes: string[]
}

export interface Waiting {
  name: 'waiting'
  code: Code
  previous: Code | null
  rotation: number
  /** The page is hidden: the code on show is the last until it wakes. */
  asleep: boolean
  declined: Decline | null
}

export interface Idle {
  name: 'idle'
  previous: Code | null
  since: number
  declined: Decline | null
}

/** A code to type: drawn once, then shown with a time, and again with more. */
export interface TypedDraft {
  /** In the clear, to be shown again: a hash of forty bits would hide nothing from who reads it. */
  code: string
  hash: string
  /** Makes the token out of the code (`typed-token.ts`), so that no token is kept. */
  salt: string
  tokenHash: string
  /** How often it was given more time. */
  extensions: number
}

export interface TypedCode extends TypedDraft {
  /** When it was last given its time. */
  issuedAt: number
  expiresAt: number
}

/** Codes that a screen drew in its running window. */
export interface SpellCount {
  since: number
  count: number
}

/** A code to type is shown. No code rotates meanwhile; the ones to scan stay good to their end. */
export interface Spelled {
  name: 'spelled'
  typed: TypedCode
  code: Code | null
  previous: Code | null
  declined: Decline | null
}

export interface Held {
  name: 'held'
  hold: Hold
}

/** The holder approved; what follows is stored (`linking.ts`), and the hold stays here in case it must go on. */
export interface Linking {
  name: 'linking'
  hold: Hold
}

export type LinkState = Waiting | Idle | Spelled | Held | Linking

export interface LinkSettings {
  rotateMs: number
  rotations: number
  graceMs: number
  holdMs: number
}

export interface LinkContext {
  now: number
  settings: LinkSettings
  /** The hash of a new secret, used if the event calls for a new code. */
  freshHash: string
}

/** What the companion says to its page. `qr` shows the fresh code. */
export type LinkSay = 'qr' | 'idle' | 'scanned' | 'declined' | 'spelled'

export interface LinkStep<Answer = undefined> {
  state: LinkState
  say: LinkSay[]
  /** When the alarm is due; undefined leaves it as it is. */
  alarmAt?: number
  answer: Answer
}

export interface ScanEvent {
  /** Of a token's secret, or of a code that was typed. */
  hash: string
  by: 'token' | 'typed'
  account: string
  /** The digits to show, null when no number match is asked for. */
  match: string | null
  card: Omit<LinkRequestCard, 'issuedAt' | 'expiresAt'>
}

export interface ApproveEvent {
  hash: string
  account: string
  match: string | null
  /** Compares digits in constant time. */
  isEqual: (a: string, b: string) => boolean
}

export type Refused = { code: HttpErrorCode; triesLeft?: number }
