/**
 * The link's state machine: what an unlinked companion does with each event. Pure: no I/O, no clock, no randomness;
 * `context` brings the time, the settings and a code's worth of fresh randomness, and the object applies the effects.
 *
 * waiting ⇄ idle (the budget of codes is spent) → held (one account scanned) → linking (it approved). The state lives
 * in the socket's attachment, because an unlinked companion exists exactly as long as its socket.
 */
import type { HttpErrorCode } from '../protocol/errors.ts'
import type { LinkRequestCard } from '../protocol/http.ts'
import { IDLE_END_MS, MATCH_TRIES } from '../protocol/limits.ts'

/** A code as it is kept: the hash of its token's secret (S20) and its time on the screen. */
export interface Code {
  hash: string
  issuedAt: number
  expiresAt: number
}

/** One account's hold of the companion, from its scan to its answer. */
export interface Hold {
  account: string
  /** Hashes of the code on show and the one it replaced: both lead to this hold. */
  codes: string[]
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

export interface Held {
  name: 'held'
  hold: Hold
}

/** The holder approved; what follows is stored (`linking.ts`), and the hold stays here in case it must go on. */
export interface Linking {
  name: 'linking'
  hold: Hold
}

export type LinkState = Waiting | Idle | Held | Linking

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
export type LinkSay = 'qr' | 'idle' | 'scanned' | 'declined'

export interface LinkStep<Answer = undefined> {
  state: LinkState
  say: LinkSay[]
  /** When the alarm is due; undefined leaves it as it is. */
  alarmAt?: number
  answer: Answer
}

export interface ScanEvent {
  hash: string
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

/** The first code, unasked. */
export function openLink(context: LinkContext): LinkStep {
  return showCode(context, { rotation: 1, previous: null, declined: null })
}

/** The alarm fired: early, late or twice, the clock decides. `end`: the idle companion's time is over (4408). */
export function onAlarm(state: LinkState, context: LinkContext): LinkStep<'end' | undefined> {
  const { now, settings } = context
  switch (state.name) {
    case 'waiting': {
      if (now < state.code.expiresAt) return { state, say: [], alarmAt: state.code.expiresAt, answer: undefined }
      if (state.asleep || state.rotation >= settings.rotations) {
        return {
          state: { name: 'idle', previous: state.code, since: now, declined: state.declined },
          say: ['idle'],
          alarmAt: now + IDLE_END_MS,
          answer: undefined,
        }
      }
      return showCode(context, { rotation: state.rotation + 1, previous: state.code, declined: state.declined })
    }
    case 'idle': {
      const endsAt = state.since + IDLE_END_MS
      return now < endsAt ? { state, say: [], alarmAt: endsAt, answer: undefined } : { state, say: [], answer: 'end' }
    }
    case 'held': {
      return now < state.hold.expiresAt
        ? { state, say: [], alarmAt: state.hold.expiresAt, answer: undefined }
        : showCode(context, { rotation: 1, previous: null, declined: null })
    }
    case 'linking':
      return { state, say: [], answer: undefined }
  }
}

/** The page is looked at: a new budget, without a gap; a hold is undone from the screen (S33). */
export function onWake(state: LinkState, context: LinkContext): LinkStep {
  switch (state.name) {
    case 'waiting':
      return { state: { ...state, rotation: 1, asleep: false }, say: [], answer: undefined }
    case 'idle':
      return showCode(context, { rotation: 1, previous: state.previous, declined: state.declined })
    case 'held':
      return showCode(context, { rotation: 1, previous: null, declined: null })
    case 'linking':
      return { state, say: [], answer: undefined }
  }
}

/** The page is hidden: the code on show stays good to its end. */
export function onSleep(state: LinkState): LinkStep {
  const slept: LinkState = state.name === 'waiting' ? { ...state, asleep: true } : state
  return { state: slept, say: [], answer: undefined }
}

/** A phone scanned: the companion is held for its account, or says why not. */
export function onScan(given: LinkState, event: ScanEvent, context: LinkContext): LinkStep<Hold | Refused> {
  const { state, ...rest } = settle(given, context)
  const { now, settings } = context
  if (!isUsable(state, event.hash, context)) return { ...rest, state, answer: { code: 'link_token_invalid' } }
  if (state.name === 'held' || state.name === 'linking') {
    const answer = state.hold.account === event.account ? state.hold : ({ code: 'link_token_taken' } as const)
    return { ...rest, state, answer }
  }
  const shown = state.name === 'waiting' ? [state.code, state.previous] : [state.previous]
  const codes = shown.filter((code) => code !== null)
  const expiresAt = now + settings.holdMs
  const hold: Hold = {
    account: event.account,
    codes: codes.map((code) => code.hash),
    issuedAt: now,
    expiresAt,
    match: event.match,
    triesLeft: MATCH_TRIES,
    card: { ...event.card, issuedAt: now, expiresAt },
  }
  return { state: { name: 'held', hold }, say: ['scanned'], alarmAt: expiresAt, answer: hold }
}

/** The holder approved: on to `linking`, or why not. A wrong number is a strike, the third burns the code (S13). */
export function onApprove(given: LinkState, event: ApproveEvent, context: LinkContext): LinkStep<Hold | Refused> {
  const { state, ...rest } = settle(given, context)
  const refusal = refuseAnswer(state, event, context)
  if (refusal !== null) return { ...rest, state, answer: refusal }
  const { hold } = state as Held | Linking
  if (hold.match !== null) {
    if (event.match === null) return { ...rest, state, answer: { code: 'bad_request' } }
    if (!event.isEqual(hold.match, event.match)) {
      const triesLeft = hold.triesLeft - 1
      const answer = { code: 'match_failed', triesLeft } as const
      if (triesLeft > 0) return { ...rest, state: { name: 'held', hold: { ...hold, triesLeft } }, answer }
      return { ...showCode(context, { rotation: 1, previous: null, declined: null }), answer }
    }
  }
  return { ...rest, state: { name: 'linking', hold }, answer: hold }
}

/** The holder declined; nothing was linked and a fresh code follows. A repeat by the holder is answered alike. */
export function onDecline(
  given: LinkState,
  event: Pick<ApproveEvent, 'hash' | 'account'>,
  context: LinkContext,
): LinkStep<'declined' | Refused> {
  const { state, ...rest } = settle(given, context)
  if (state.name === 'waiting' || state.name === 'idle') {
    const { declined } = state
    if (declined?.account === event.account && declined.codes.includes(event.hash)) {
      return { ...rest, state, answer: 'declined' }
    }
  }
  if (state.name === 'linking') return { ...rest, state, answer: { code: 'link_token_invalid' } }
  const refusal = refuseAnswer(state, event, context)
  if (refusal !== null) return { ...rest, state, answer: refusal }
  const { account, codes } = (state as Held).hold
  const step = showCode(context, { rotation: 1, previous: null, declined: { account, codes } })
  return { ...step, say: ['declined', ...step.say], answer: 'declined' }
}

/** The account has too many devices: back to the hold, or to a fresh code when its time is over. */
export function onRefused(hold: Hold, context: LinkContext): LinkStep {
  return context.now < hold.expiresAt
    ? { state: { name: 'held', hold }, say: [], alarmAt: hold.expiresAt, answer: undefined }
    : showCode(context, { rotation: 1, previous: null, declined: null })
}

/** A hold whose time has passed has ended, even if the alarm is late (S2). */
function settle(state: LinkState, context: LinkContext): Omit<LinkStep, 'answer'> {
  if (state.name === 'held' && context.now >= state.hold.expiresAt) {
    const { answer: _, ...step } = showCode(context, { rotation: 1, previous: null, declined: null })
    return step
  }
  return { state, say: [] }
}

/** Why an approve or decline cannot go on, null if the caller holds the companion with this very code. */
function refuseAnswer(
  state: LinkState,
  event: Pick<ApproveEvent, 'hash' | 'account'>,
  context: LinkContext,
): Refused | null {
  if (!isUsable(state, event.hash, context)) return { code: 'link_token_invalid' }
  if (state.name !== 'held' && state.name !== 'linking') return { code: 'link_not_scanned' }
  return state.hold.account === event.account ? null : { code: 'link_token_taken' }
}

function isUsable(state: LinkState, hash: string, { now, settings }: LinkContext): boolean {
  const isGood = (code: Code | null): boolean =>
    code !== null && code.hash === hash && now < code.expiresAt + settings.graceMs
  switch (state.name) {
    case 'waiting':
      return isGood(state.code) || isGood(state.previous)
    case 'idle':
      return isGood(state.previous)
    case 'held':
    case 'linking':
      return state.hold.codes.includes(hash)
  }
}

function showCode(
  { now, settings, freshHash }: LinkContext,
  { rotation, previous, declined }: Pick<Waiting, 'rotation' | 'previous' | 'declined'>,
): LinkStep {
  const code: Code = { hash: freshHash, issuedAt: now, expiresAt: now + settings.rotateMs }
  return {
    state: { name: 'waiting', code, previous, rotation, asleep: false, declined },
    say: ['qr'],
    alarmAt: code.expiresAt,
    answer: undefined,
  }
}
