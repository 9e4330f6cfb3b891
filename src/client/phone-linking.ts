/**
 * One linking as the phone sees it, from a scanned token to the outcome: a small state machine around the calls.
 * No DOM. Time is counted from the answer's arrival, so clocks need not agree.
 */
import type { LinkRequestCard } from '../protocol/http.ts'
import type { PhoneApi } from './phone-api.ts'
import { isUndecided, type PhoneErrorCode, type PhoneFailure, type PhoneResult } from './phone-http.ts'
import { deviceOfToken, type LinkCode } from './phone-link.ts'

const FIRST_REPEAT_MS = 1_000
const LONGEST_REPEAT_MS = 8_000
/** A decline that does not arrive is given up after this many tries: without an approve nothing is linked anyway. */
const DECLINE_TRIES = 3

/** What the person decides about, and how long it holds by this device's clock. */
export interface LinkQuestion {
  request: LinkRequestCard
  matchRequired: boolean
  holdEndsAt: number
}

/** The answer that is under way; `again`: an approval that did not get through, and is being repeated. */
export type LinkBusy = null | 'approve' | 'again' | 'decline'

export type LinkingState =
  | { step: 'asking' }
  | ({ step: 'confirm'; busy: LinkBusy; problem: LinkProblem | null } & LinkQuestion)
  | { step: 'done'; device: string; request: LinkRequestCard }
  /** The person took it back with "That wasn't me". */
  | { step: 'undone' }
  | { step: 'declined' }
  /** The screen went away, or took its code back, while the person was deciding. */
  | { step: 'gone' }
  /** The hold ran out on the phone's side. */
  | { step: 'changed' }
  /** Three wrong numbers: the code is burned. */
  | { step: 'burned' }
  | { step: 'failed'; code: PhoneErrorCode; retryAfter?: number }

/** What is wrong with the answer that the person gave, said beside the question, which still stands. */
export type LinkProblem =
  | { code: 'match_failed'; triesLeft?: number }
  | { code: 'rate_limited'; retryAfter?: number }
  | { code: Exclude<PhoneErrorCode, 'match_failed' | 'rate_limited'> }

export interface LinkingOptions {
  api: Pick<PhoneApi, 'scan' | 'approve' | 'decline' | 'devices' | 'unlink'>
  now: () => number
  sleep: (milliseconds: number) => Promise<void>
  onState: (state: LinkingState) => void
}

export interface Linking {
  /** Asks about a token or a typed code; also to try again after a failure. */
  start: () => Promise<void>
  approve: (match?: string) => Promise<void>
  decline: () => Promise<void>
  /** To be called when the hold's time has passed: an approve under way goes on until it is decided. */
  expire: () => void
  /** Whether it is about this device: known once the code's token is. */
  isAbout: (device: string) => boolean
  /** "That wasn't me": unlinks what was just linked. */
  undo: () => Promise<PhoneResult<void>>
  /** Stops telling of states; what is under way ends by itself. */
  close: () => void
}

/** Creates one linking. `given` is the scanned token, or the code that was typed. */
export function createLinking(given: LinkCode, options: LinkingOptions): Linking {
  const { api, now, sleep, onState } = options
  let token = 'token' in given ? given.token : ''
  let state: LinkingState = { step: 'asking' }
  let closed = false
  let left = false

  function become(next: LinkingState): void {
    state = next
    if (!closed) onState(next)
  }

  function fail({ code, retryAfter }: PhoneFailure): void {
    become({ step: 'failed', code, ...(retryAfter === undefined ? {} : { retryAfter }) })
  }

  /** Repeats what the network or a failing service left open, until the hold ends. */
  async function repeat<T>(
    call: () => Promise<PhoneResult<T>>,
    holdEndsAt: number,
    onUndecided: () => void,
  ): Promise<Repeated<T>> {
    let undecided = false
    for (let wait = FIRST_REPEAT_MS; ; wait = Math.min(wait * 2, LONGEST_REPEAT_MS)) {
      const answer = await call()
      if (answer.ok || !isUndecided(answer)) return { answer, undecided }
      undecided = true
      if (now() >= holdEndsAt) return { answer, undecided }
      onUndecided()
      await sleep(Math.min(wait, holdEndsAt - now()))
    }
  }

  /** After an answer that leaves it open, the list of devices decides what is true. */
  async function isLinked(): Promise<PhoneResult<boolean>> {
    const answer = await api.devices()
    const device = deviceOfToken(token)
    return answer.ok ? { ok: true, value: answer.value.some(({ id }) => id === device) } : answer
  }

  async function settle(failure: PhoneFailure, question: LinkQuestion): Promise<void> {
    const linked = await isLinked()
    if (!linked.ok) return fail(linked)
    const device = deviceOfToken(token)
    if (linked.value && device !== null) return become({ step: 'done', device, request: question.request })
    if (isUndecided(failure)) return become({ step: 'changed' })
    refuse(failure, question)
  }

  /** An answer that decides it: nothing was linked. */
  function refuse(failure: PhoneFailure, question: LinkQuestion): void {
    const { code, retryAfter, triesLeft } = failure
    if (code === 'link_token_invalid') return become({ step: now() < question.holdEndsAt ? 'gone' : 'changed' })
    if (code === 'match_failed' && triesLeft === 0) return become({ step: 'burned' })
    if (code === 'match_failed') {
      return ask(question, null, { code, ...(triesLeft === undefined ? {} : { triesLeft }) })
    }
    if (code === 'rate_limited') {
      return ask(question, null, { code, ...(retryAfter === undefined ? {} : { retryAfter }) })
    }
    fail(failure)
  }

  function ask(question: LinkQuestion, busy: LinkBusy, problem: LinkProblem | null): void {
    const { request, matchRequired, holdEndsAt } = question
    if (busy === null && now() >= holdEndsAt) return become({ step: 'changed' })
    become({ step: 'confirm', request, matchRequired, holdEndsAt, busy, problem })
  }

  async function decline(): Promise<void> {
    // Whoever leaves before the question is there answers it when it comes.
    if (state.step === 'asking') left = true
    if (state.step !== 'confirm' || state.busy !== null) return
    const question = state
    ask(question, 'decline', null)
    let answer = await api.decline(token)
    for (let tries = 1; tries < DECLINE_TRIES && !answer.ok && isUndecided(answer); tries++) {
      await sleep(FIRST_REPEAT_MS)
      answer = await api.decline(token)
    }
    if (answer.ok || isUndecided(answer)) return become({ step: 'declined' })
    // Another tab of this phone may have approved meanwhile: never say "nothing was linked" unseen.
    if (answer.code === 'link_token_invalid') return settle(answer, question)
    refuse(answer, question)
  }

  return {
    async start() {
      become({ step: 'asking' })
      const answer = await api.scan(given)
      if (!answer.ok) return fail(answer)
      const { request, match } = answer.value
      if (answer.value.token !== undefined) token = answer.value.token
      const holdEndsAt = now() + Math.max(0, request.expiresAt - request.issuedAt)
      ask({ request, matchRequired: match === 'required', holdEndsAt }, null, null)
      if (left) await decline()
    },

    async approve(match) {
      if (state.step !== 'confirm' || state.busy !== null) return
      const question = state
      ask(question, 'approve', null)
      const more = match === undefined ? {} : { match }
      const { answer, undecided } = await repeat(
        () => api.approve(token, more),
        question.holdEndsAt,
        () => ask(question, 'again', null),
      )
      if (answer.ok) return become({ step: 'done', device: answer.value.id, request: question.request })
      if (undecided) return settle(answer, question)
      refuse(answer, question)
    },

    decline,

    expire() {
      if (state.step === 'confirm' && state.busy === null) become({ step: 'changed' })
    },

    isAbout: (device) => deviceOfToken(token) === device,

    async undo() {
      if (state.step !== 'done') return { ok: true, value: undefined }
      const answer = await api.unlink(state.device)
      if (!answer.ok && answer.code !== 'not_found') return answer
      become({ step: 'undone' })
      return { ok: true, value: undefined }
    },

    close() {
      closed = true
    },
  }
}

interface Repeated<T> {
  answer: PhoneResult<T>
  /** Whether any try before the last answer was left open: the service may have acted on it. */
  undecided: boolean
}
