/**
 * The link's state machine: what an unlinked companion does with each event. Pure: no I/O, no clock, no randomness;
 * `context` brings the time, the settings and a code's worth of fresh randomness, and the object applies the effects.
 *
 * waiting ⇄ idle (the budget of codes is spent) ⇄ spelled (a code to type) → held (one account scanned) → linking (it
 * approved). The state lives in the socket's attachment, because an unlinked companion exists exactly as long as its socket.
 */
import { IDLE_END_MS, MATCH_TRIES, SPELL_EXTENSIONS, SPELL_MS } from '../protocol/limits.ts'
import type {
  ApproveEvent,
  Code,
  Held,
  Hold,
  Linking,
  LinkContext,
  LinkState,
  LinkStep,
  Refused,
  ScanEvent,
  Spelled,
  TypedDraft,
  Waiting,
} from './link-types.ts'

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
      if (state.asleep || state.rotation >= settings.rotations) return goIdle(state, now)
      return showCode(context, { rotation: state.rotation + 1, previous: state.code, declined: state.declined })
    }
    case 'idle': {
      const endsAt = state.since + IDLE_END_MS
      return now < endsAt ? { state, say: [], alarmAt: endsAt, answer: undefined } : { state, say: [], answer: 'end' }
    }
    case 'spelled': {
      const { expiresAt } = state.typed
      if (now < expiresAt) return { state, say: [], alarmAt: expiresAt, answer: undefined }
      // Five minutes are longer than a budget of codes: nothing runs until somebody looks.
      return goIdle(state, now)
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
    case 'spelled':
      return showCode(context, { rotation: 1, previous: state.code, declined: state.declined })
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

/**
 * What a `spell` calls for: the code on show again, while it lives and may be given more time, or a new one.
 * @returns the code on show with one more extension
 */
export function planSpell(state: LinkState, now: number): TypedDraft | 'draw' | 'not_allowed' {
  if (isHeld(state, now)) return 'not_allowed'
  if (state.name !== 'spelled' || now >= state.typed.expiresAt) return 'draw'
  return state.typed.extensions < SPELL_EXTENSIONS ? { ...state.typed, extensions: state.typed.extensions + 1 } : 'draw'
}

/**
 * Shows a code to type for its five minutes. `again`: while it was made sure of, the code that was to be given more time
 * has ended.
 */
export function onSpell(
  state: LinkState,
  draft: TypedDraft,
  { now }: LinkContext,
): LinkStep<'spelled' | 'again' | 'not_allowed'> {
  if (isHeld(state, now)) return { state, say: [], answer: 'not_allowed' }
  const shown = state.name === 'spelled' && now < state.typed.expiresAt ? state.typed.code : null
  if (draft.extensions > 0 && draft.code !== shown) return { state, say: [], answer: 'again' }
  const typed = { ...draft, issuedAt: now, expiresAt: now + SPELL_MS }
  const before =
    state.name === 'waiting' || state.name === 'spelled'
      ? { code: state.code, previous: state.previous, declined: state.declined }
      : { code: null, previous: state.name === 'idle' ? state.previous : null, declined: declinedOf(state) }
  return { state: { name: 'spelled', typed, ...before }, say: ['spelled'], alarmAt: typed.expiresAt, answer: 'spelled' }
}

/** A phone scanned: the companion is held for its account, or says why not. */
export function onScan(given: LinkState, event: ScanEvent, context: LinkContext): LinkStep<Hold | Refused> {
  const { state, ...rest } = settle(given, context)
  const { now, settings } = context
  const isRight = event.by === 'typed' ? isTyped(state, event.hash, now) : isUsable(state, event.hash, context)
  if (!isRight) return { ...rest, state, answer: { code: 'link_token_invalid' } }
  if (state.name === 'held' || state.name === 'linking') {
    const answer = state.hold.account === event.account ? state.hold : ({ code: 'link_token_taken' } as const)
    return { ...rest, state, answer }
  }
  const shown = state.name === 'idle' ? [state.previous] : [state.code, state.previous]
  const codes = shown.flatMap((code) => code?.hash ?? [])
  // Held by a code to scan, the one to type is used up: its answer would promise a number that nobody is asked for.
  const typed = event.by === 'typed' && state.name === 'spelled' ? state.typed : null
  const expiresAt = now + settings.holdMs
  const hold: Hold = {
    account: event.account,
    codes: typed === null ? codes : [typed.tokenHash, ...codes],
    ...(typed === null ? {} : { typed: { hash: typed.hash, salt: typed.salt } }),
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
  const declined = declinedOf(state)
  if (declined?.account === event.account && declined.codes.includes(event.hash)) {
    return { ...rest, state, answer: 'declined' }
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
    case 'spelled':
      return isGood(state.code) || isGood(state.previous)
    case 'idle':
      return isGood(state.previous)
    case 'held':
    case 'linking':
      return state.hold.codes.includes(hash)
  }
}

/** Whether this is the hash of the code to type: the one on show to the end of its time, or the holder's. */
function isTyped(state: LinkState, hash: string, now: number): boolean {
  if (state.name === 'spelled') return state.typed.hash === hash && now < state.typed.expiresAt
  return (state.name === 'held' || state.name === 'linking') && state.hold.typed?.hash === hash
}

/** Whether a phone has it by the clock, even if the alarm is late. */
function isHeld(state: LinkState, now: number): boolean {
  return state.name === 'linking' || (state.name === 'held' && now < state.hold.expiresAt)
}

function declinedOf(state: LinkState): Waiting['declined'] {
  return state.name === 'held' || state.name === 'linking' ? null : state.declined
}

function goIdle({ code, declined }: Pick<Spelled, 'code' | 'declined'>, now: number): LinkStep {
  return {
    state: { name: 'idle', previous: code, since: now, declined },
    say: ['idle'],
    alarmAt: now + IDLE_END_MS,
    answer: undefined,
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
