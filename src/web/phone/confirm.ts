/** The question: who asks to be linked, and Approve or Decline (S1, S8, S13). What came of it is in `outcome.ts`. */
import { html, nothing, type TemplateResult } from 'lit'
import type { LinkingState, LinkProblem } from '../../client/phone-linking.ts'
import type { LinkRequestCard } from '../../protocol/http.ts'
import { formatCountdown } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import { emblem } from './emblem.ts'
import { fieldError } from './field-error.ts'
import type { LinkingView } from './linking-flow.ts'
import { outcomeScreen, type Step } from './outcome.ts'
import { richText } from './rich-text.ts'
import { sayAsked, sayBrowser, sayErrorLine, sayNetwork, sayPlace, sayTimeLeft } from './words.ts'

/** A finger on its way to something else must not approve: the button wakes this long after it appeared. */
const APPROVE_WAKES_MS = 1_000
/** Two digits, 10–99. */
const MATCH = /^[1-9][0-9]$/
const DIGITS = 2
/** Arabic, Persian and full-width keyboards write digits of their own. */
const OTHER_DIGIT = /[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g

const BUSY_WORDS = {
  approve: 'phone.confirm.approving',
  again: 'phone.confirm.again',
  decline: 'phone.confirm.declining',
} as const

export type ConfirmVerb = 'start' | 'approve' | 'decline' | 'expire' | 'undo'
export interface ConfirmAct {
  what: ConfirmVerb
  match?: string
}

type Question = Extract<LinkingState, { step: 'confirm' }>

export class PhoneConfirm extends PhoneElement {
  static override properties = {
    view: { attribute: false },
    awake: { state: true },
    match: { state: true },
    hint: { state: true },
  }

  declare view: LinkingView
  declare awake: boolean
  declare match: string
  /** What is missing in the field. */
  declare hint: string

  #wakeTimer: ReturnType<typeof setTimeout> | undefined
  #arrivedAt = 0
  #limitedUntil = 0
  #before: LinkingState | undefined

  constructor() {
    super()
    this.awake = false
    this.match = ''
    this.hint = ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#wakeTimer)
  }

  protected override willUpdate(): void {
    const { state } = this.view
    if (state === this.#before) return
    if (state.step === 'confirm' && this.#before?.step !== 'confirm') this.#appear()
    const limited = state.step === 'failed' ? state : state.step === 'confirm' ? state.problem : null
    if (limited?.code === 'rate_limited') this.#limitedUntil = Date.now() + (limited.retryAfter ?? 0) * 1000
    if (isMismatch(state)) this.match = ''
    this.tick(state.step === 'confirm' || limited?.code === 'rate_limited')
  }

  protected override updated(): void {
    const { state } = this.view
    if (state.step === 'confirm' && state.busy === null && Date.now() >= state.holdEndsAt) this.#tell('expire')
    const before = this.#before
    if (state === before) return
    this.#before = state
    // The heading takes the focus, so that a screen reader says what came; never a button.
    if (before?.step !== state.step) this.querySelector<HTMLElement>('h1')?.focus()
    else if (isMismatch(state)) this.#matchField()?.focus()
  }

  protected override render(): TemplateResult {
    const { state } = this.view
    if (state.step === 'confirm') return this.#question(state)
    if (state.step !== 'asking') return outcomeScreen(this.view, this.#limitedFor() / 1000, this.#take)
    return html`<section class="screen confirm ended" aria-busy="true">
      ${this.#header(false)}
      <div class="notice waiting" role="status">
        ${emblem('qr-code')}
        <p>${text('phone.confirm.reading')}</p>
      </div>
    </section>`
  }

  #question(state: Question): TemplateResult {
    const { request, matchRequired, busy, problem } = state
    const isLimited = problem?.code === 'rate_limited' && this.#limitedFor() > 0
    const left = state.holdEndsAt - Date.now()
    const isReady = !matchRequired || MATCH.test(this.match)
    return html`
      <form class="screen confirm" novalidate @submit=${this.#approve}>
        ${this.#header(busy !== null)}
        <div class="confirm-body">
          ${this.#card(request)}
          ${
            request.network === 'far'
              ? html`<p class="box warn" role="note">
                  ${icon('triangle-alert')}<span>${text('phone.confirm.far')}</span>
                </p>`
              : nothing
          }
          ${matchRequired ? this.#matchQuestion(problem) : nothing}
          ${problem === null || problem.code === 'match_failed' ? nothing : this.#problemBox(problem)}
        </div>
        <footer class="confirm-bar">
          ${
            busy === null
              ? html`<p class="caption" role="timer" aria-live="off">
                  ${text('phone.confirm.left', { time: formatCountdown(left) })}
                </p>`
              : html`<p class="caption" role="status">${text(BUSY_WORDS[busy])}</p>`
          }
          <p class="visually-hidden" role="status">
            ${busy === null ? sayTimeLeft(left, state.holdEndsAt - this.#arrivedAt) : ''}
          </p>
          <div class="confirm-buttons">
            <button
              class="button inverse ${busy === 'decline' ? 'pressed' : ''}"
              type="button"
              ?disabled=${busy !== null}
              @click=${() => this.#tell('decline')}
            >
              ${text('phone.confirm.decline')}
            </button>
            <button
              class="button ${isReady ? '' : 'unready'} ${busy === 'approve' || busy === 'again' ? 'pressed' : ''}"
              type="submit"
              aria-describedby=${isReady ? nothing : 'match-label'}
              ?disabled=${busy !== null || isLimited || !this.awake}
            >
              ${busy === null || busy === 'decline' ? nothing : html`<span class="turning" aria-hidden="true"></span>`}
              ${text('phone.confirm.approve')}
            </button>
          </div>
        </footer>
      </form>
    `
  }

  /** The way back, which declines. */
  #header(isBusy: boolean): TemplateResult {
    return html`<header class="confirm-header">
      <button
        class="icon-button"
        type="button"
        aria-label=${text('app.close')}
        ?disabled=${isBusy}
        @click=${() => this.#take('back')}
      >
        ${icon('x')}
      </button>
    </header>`
  }

  #card(request: LinkRequestCard): TemplateResult {
    const asked = request.issuedAt - request.requestedAt + (Date.now() - this.#arrivedAt)
    return html`
      <div class="card">
        <h1 class="sheet-title" tabindex="-1">${text('phone.confirm.title')}</h1>
        <p class="confirm-risk">${text('phone.confirm.give')}</p>
        <ul class="facts">
          <li>${icon('laptop')}<span>${sayBrowser(request)}</span></li>
          <li>
            ${icon('map-pin')}
            <span>${sayPlace(request)}<br /><span class="secondary">${sayNetwork(request.network)}</span></span>
          </li>
          <li>${icon('clock')}<span>${sayAsked(Math.max(0, asked))}</span></li>
        </ul>
        <details>
          <summary>${icon('chevron-right')}${text('phone.confirm.details')}</summary>
          <p class="caption">${richText('phone.confirm.ip', { ip: html`<bdi>${request.ip}</bdi>` })}</p>
        </details>
      </div>
    `
  }

  #matchQuestion(problem: LinkProblem | null): TemplateResult {
    const hint = this.hint || (problem?.code === 'match_failed' ? sayMismatch(problem.triesLeft) : '')
    return html`
      <div class="card match">
        <label for="match" id="match-label">${text('phone.match')}</label>
        <input
          class="field"
          id="match"
          inputmode="numeric"
          autocomplete="off"
          enterkeyhint="done"
          dir="ltr"
          maxlength=${DIGITS}
          .value=${this.match}
          aria-invalid=${hint !== ''}
          aria-describedby="match-hint"
          @input=${this.#typed}
        />
        ${fieldError('match-hint', hint)}
      </div>
    `
  }

  /** The words are said once; what counts down beside them is not. */
  #problemBox(problem: Exclude<LinkProblem, { code: 'match_failed' }>): TemplateResult {
    const seconds = this.#limitedFor() / 1000
    if (problem.code !== 'rate_limited' || seconds <= 0) {
      return html`<p class="box danger" role="alert">${sayErrorLine(problem.code)}</p>`
    }
    return html`<div class="box danger count">
      <p role="alert">${text('phone.err.short', { title: text('phone.err.rate_limited.title') })}</p>
      <p role="timer">${text('phone.err.rate_limited.body', { time: formatCountdown(seconds * 1000) })}</p>
    </div>`
  }

  #appear(): void {
    this.#arrivedAt = Date.now()
    this.awake = false
    this.match = ''
    this.hint = ''
    clearTimeout(this.#wakeTimer)
    this.#wakeTimer = setTimeout(() => (this.awake = true), APPROVE_WAKES_MS)
  }

  /** Milliseconds until the service may be asked again. */
  #limitedFor(): number {
    return Math.max(0, this.#limitedUntil - Date.now())
  }

  #typed = (event: InputEvent): void => {
    const input = event.target as HTMLInputElement
    this.match = onlyDigits(input.value)
    input.value = this.match
    this.hint = ''
  }

  #approve = (event: SubmitEvent): void => {
    event.preventDefault()
    const { state } = this.view
    if (!this.awake || state.step !== 'confirm' || state.busy !== null) return
    if (!state.matchRequired || MATCH.test(this.match)) return this.#tell('approve')
    this.hint = text('phone.match.missing')
    this.#matchField()?.focus()
  }

  #take = (step: Step): void => {
    if (step === 'back') this.emit('phone-back', null)
    else if (step === 'sign-out') this.emit('phone-sign-out', null)
    else if ('go' in step) this.emit('phone-go', step.go)
    else this.#tell(step.act)
  }

  #matchField(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>('#match')
  }

  #tell(what: ConfirmVerb): void {
    const { state } = this.view
    const detail = state.step === 'confirm' && state.matchRequired ? { what, match: this.match } : { what }
    this.dispatchEvent(new CustomEvent<ConfirmAct>('confirm-act', { detail }))
  }
}

function isMismatch(state: LinkingState): boolean {
  return state.step === 'confirm' && state.problem?.code === 'match_failed'
}

function sayMismatch(triesLeft: number | undefined): string {
  const line = sayErrorLine('match_failed')
  return triesLeft === undefined ? line : `${line} ${text('phone.match.tries', { n: triesLeft })}`
}

/** What was typed, its digits as ASCII: those of each of these scripts stand in a row that begins at a multiple of 16. */
function onlyDigits(typed: string): string {
  const ascii = typed.replaceAll(OTHER_DIGIT, (digit) => String(digit.charCodeAt(0) & 15))
  return ascii.replaceAll(/[^0-9]/g, '').slice(0, DIGITS)
}

customElements.define('phone-confirm', PhoneConfirm)
