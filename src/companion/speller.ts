/**
 * Shows a code to type. A code is claimed in its `Spelling` before it is shown, so that it leads to one companion only;
 * while that call is out a phone may scan, or the hold, the code or the socket may end: the state machine decides again.
 */
import { configOf } from '../config.ts'
import { errorFrame, sendFrame } from '../http/sockets.ts'
import type { FrameErrorCode } from '../protocol/errors.ts'
import { CLAIM_MS, SPELL_DRAWS, SPELL_MS, SPELLS, SPELLS_MS } from '../protocol/limits.ts'
import { errorName, record } from '../telemetry.ts'
import type { LinkSocket } from './attachment.ts'
import type { LinkScreen } from './link-screen.ts'
import { onSpell, planSpell } from './link-state.ts'
import type { TypedDraft } from './link-types.ts'
import { drawTypedCode } from './typed-token.ts'

export class Speller {
  readonly #ctx: DurableObjectState
  readonly #env: Env
  readonly #screen: LinkScreen

  constructor(ctx: DurableObjectState, env: Env, screen: LinkScreen) {
    this.#ctx = ctx
    this.#env = env
    this.#screen = screen
  }

  /** Answers one `spell`: the code with its time, or why there is none. One at a time. */
  async spell(): Promise<void> {
    try {
      // A draw meets a code of somebody else's about once in 10^12 / (codes on show).
      for (let tries = 0; tries < SPELL_DRAWS; tries++) if (await this.#try()) return
      this.#refuse('internal')
    } catch (error) {
      record(this.#env, { event: 'call_failed', call: 'claim', error: errorName(error) })
      this.#refuse('internal')
    }
  }

  /** @returns whether the `spell` was answered, or nobody waits for an answer any more */
  async #try(): Promise<boolean> {
    const before = this.#screen.socket()
    if (before === null) return true
    const plan = planSpell(before.attachment.state, Date.now())
    if (plan === 'not_allowed') return this.#refuse(plan)
    const wait = plan === 'draw' ? waitForDraw(before.attachment, Date.now()) : 0
    if (wait > 0) return this.#refuse('rate_limited', wait)
    const draft = plan === 'draw' ? drawTypedCode() : plan
    if (!(await this.#claim(draft))) return false
    return this.#show(draft)
  }

  /** Kept for a hold that begins in the code's last moment, so that its scan can be repeated. */
  async #claim({ hash }: TypedDraft): Promise<boolean> {
    const until = Date.now() + SPELL_MS + configOf(this.#env).holdMs
    const spelling = this.#env.SPELLING.get(this.#env.SPELLING.idFromName(hash))
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new DOMException('no answer', 'TimeoutError')), CLAIM_MS)
    try {
      return await Promise.race([spelling.claim(this.#ctx.id.toString(), until), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #show(draft: TypedDraft): boolean {
    const screen = this.#screen.socket()
    if (screen === null) return true
    const { socket, attachment } = screen
    const counted = draft.extensions === 0 ? countDraw(attachment, Date.now()) : attachment
    const answer = this.#screen.step({ socket, attachment: counted }, (state, context) =>
      onSpell(state, draft, context),
    )
    if (answer === 'not_allowed') return this.#refuse(answer)
    return answer === 'spelled'
  }

  #refuse(code: FrameErrorCode, retryAfter?: number): true {
    const screen = this.#screen.socket()
    const more = retryAfter === undefined ? {} : { retryAfter }
    if (screen !== null) sendFrame(screen.socket, errorFrame(undefined, code, more))
    return true
  }
}

/** @returns the seconds until this screen may draw another code; 0 for now */
function waitForDraw({ spells }: LinkSocket, now: number): number {
  if (spells === undefined || spells.count < SPELLS || now >= spells.since + SPELLS_MS) return 0
  return Math.ceil((spells.since + SPELLS_MS - now) / 1000)
}

function countDraw(attachment: LinkSocket, now: number): LinkSocket {
  const { spells } = attachment
  const isRunning = spells !== undefined && now < spells.since + SPELLS_MS
  return { ...attachment, spells: isRunning ? { ...spells, count: spells.count + 1 } : { since: now, count: 1 } }
}
