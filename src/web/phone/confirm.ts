/** The question and its outcome: who asks to be linked, Approve or Decline (S1, S8, S13), and what came of it. */
import { html, nothing, type TemplateResult } from 'lit'
import type { LinkingState, LinkProblem } from '../../client/phone-linking.ts'
import { formatCountdown } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import { richText } from './rich-text.ts'
import { sayAsked, sayBrowser, sayError, sayErrorLine, sayNetwork, sayOutcome, sayPlace, type Saying } from './words.ts'

/** A finger on its way to something else must not approve: the button wakes this long after it appeared. */
const APPROVE_WAKES_MS = 1_000
/** Two digits, 10–99. */
const MATCH = /^[1-9][0-9]$/

type Question = Extract<LinkingState, { step: 'confirm' }>

export class PhoneConfirm extends PhoneElement {
  static override properties = {
    state: { attribute: false },
    failure: { type: String },
    deviceCount: { type: Number },
    awake: { state: true },
    match: { state: true },
    matchHint: { state: true },
  }

  declare state: LinkingState
  /** What is wrong with a "That wasn't me". */
  declare failure: string
  /** How many devices are linked, where that stands in the way; 0 while it is not known. */
  declare deviceCount: number
  declare awake: boolean
  declare match: string
  declare matchHint: string

  #wakeTimer: ReturnType<typeof setTimeout> | undefined
  #arrivedAt = 0
  #limitedUntil = 0

  constructor() {
    super()
    this.state = { step: 'asking' }
    this.failure = ''
    this.deviceCount = 0
    this.awake = false
    this.match = ''
    this.matchHint = ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#wakeTimer)
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('state')) return
    const before = changed.get('state') as LinkingState | undefined
    const { state } = this
    if (state.step === 'confirm' && before?.step !== 'confirm') this.#appear()
    const limited = state.step === 'failed' ? state : state.step === 'confirm' ? state.problem : null
    if (limited?.code === 'rate_limited') this.#limitedUntil = Date.now() + (limited.retryAfter ?? 0) * 1000
    if (state.step === 'confirm' && state.problem?.code === 'match_failed' && before !== state) this.match = ''
    this.tick(state.step === 'confirm' || limited?.code === 'rate_limited')
  }

  protected override updated(changed: Map<string, unknown>): void {
    const { state } = this
    if (state.step === 'confirm' && state.busy === null && Date.now() >= state.holdEndsAt) this.#tell('expire')
    if (!changed.has('state')) return
    if (state.step === 'confirm' && state.problem?.code === 'match_failed') this.#matchField()?.focus()
    const before = changed.get('state') as LinkingState | undefined
    // The heading takes the focus, so that a screen reader says what came; never a button.
    if (before?.step !== state.step) this.querySelector<HTMLElement>('h1')?.focus()
  }

  protected override render(): TemplateResult {
    const { state } = this
    switch (state.step) {
      case 'asking':
        return html`<section class="screen centred" aria-busy="true">
          <p role="status">${text('phone.confirm.reading')}</p>
        </section>`
      case 'confirm':
        return this.#question(state)
      case 'done':
        return this.#outcome(
          {
            icon: 'check',
            title: text('phone.done.title'),
            body: text('phone.done.body', { browser: sayBrowser(state.request) }),
          },
          [text('phone.done.action'), () => this.emit('phone-back', null)],
          [text('phone.done.undo'), () => this.#tell('undo')],
        )
      case 'undone':
      case 'declined':
        return this.#outcome(sayOutcome(state.step), [text('phone.done.action'), () => this.emit('phone-back', null)])
      case 'gone':
      case 'changed':
      case 'burned':
        return this.#outcome(sayOutcome(state.step), this.#scanAgain())
      case 'failed':
        return this.#failed(state)
    }
  }

  #question(state: Question): TemplateResult {
    const { request, matchRequired, busy } = state
    const left = text('phone.confirm.left', { time: formatCountdown(state.holdEndsAt - Date.now()) })
    const asked = request.issuedAt - request.requestedAt + (Date.now() - this.#arrivedAt)
    return html`
      <form class="screen confirm" novalidate @submit=${this.#approve}>
        <div class="confirm-body">
          <div class="card">
            <h1 class="sheet-title" tabindex="-1">${text('phone.confirm.title')}</h1>
            <ul class="facts">
              <li>${icon('laptop')}<span>${sayBrowser(request)}</span></li>
              <li>
                ${icon('map-pin')}
                <span>${sayPlace(request)}<br /><span class="secondary">${sayNetwork(request.network)}</span></span>
              </li>
              <li>${icon('clock')}<span>${sayAsked(Math.max(0, asked))}</span></li>
            </ul>
            <details>
              <summary>${text('phone.confirm.details')}</summary>
              <p class="caption">${richText('phone.confirm.ip', { ip: html`<bdi>${request.ip}</bdi>` })}</p>
            </details>
          </div>
          ${
            request.network === 'far'
              ? html`<p class="box warn" role="note">
                  ${icon('triangle-alert')}
                  <span>${text('phone.confirm.far')}</span>
                </p>`
              : nothing
          }
          ${matchRequired ? this.#matchQuestion(state.problem) : nothing}
          <p class="secondary">${text('phone.confirm.give')}</p>
          ${
            state.problem !== null && state.problem.code !== 'match_failed'
              ? html`<p class="box danger" role="alert">${this.#problemLine(state.problem)}</p>`
              : nothing
          }
        </div>
        <div class="confirm-bar">
          <p class="caption" role=${busy === null ? 'timer' : 'status'} aria-live=${busy === null ? 'off' : 'polite'}>
            ${busy === null ? left : text(busy === 'approve' ? 'phone.confirm.approving' : 'phone.confirm.declining')}
          </p>
          <div class="confirm-buttons">
            <button
              class="button inverse"
              type="button"
              ?disabled=${busy !== null}
              @click=${() => this.#tell('decline')}
            >
              ${text('phone.confirm.decline')}
            </button>
            <button class="button" type="submit" ?disabled=${busy !== null || !this.awake}>
              ${text('phone.confirm.approve')}
            </button>
          </div>
        </div>
      </form>
    `
  }

  #matchQuestion(problem: LinkProblem | null): TemplateResult {
    const wrong = problem?.code === 'match_failed'
    const hint = this.matchHint || (wrong ? this.#problemLine(problem) : '')
    return html`
      <div class="labelled match">
        <label for="match">${text('phone.match')}</label>
        <input
          class="field"
          id="match"
          inputmode="numeric"
          autocomplete="off"
          maxlength="2"
          .value=${this.match}
          aria-invalid=${hint !== ''}
          aria-describedby="match-hint"
          @input=${this.#typed}
        />
        <p class="error-text" id="match-hint" role="alert">${hint}</p>
      </div>
    `
  }

  #failed(state: Extract<LinkingState, { step: 'failed' }>): TemplateResult {
    const left = (this.#limitedUntil - Date.now()) / 1000
    const saying = sayError(state.code, left > 0 ? left : 0)
    switch (state.code) {
      case 'too_many_devices':
        return this.#outcome(
          this.deviceCount === 0
            ? saying
            : { ...saying, title: text('phone.err.too_many_devices.count', { n: this.deviceCount }) },
          [text('phone.devices'), () => this.emit('phone-go', { screen: 'devices' })],
        )
      case 'unauthorized':
        return this.#outcome(saying, [text('phone.err.unauthorized.action'), () => this.emit('phone-sign-out', null)])
      case 'link_token_invalid':
      case 'link_token_taken':
      case 'link_not_scanned':
      case 'bad_request':
        return this.#outcome(state.code === 'bad_request' ? sayError('link_token_invalid') : saying, this.#scanAgain())
      default:
        return this.#outcome(
          saying,
          [text('phone.again'), () => this.#tell('start'), left > 0],
          [text('app.cancel'), () => this.emit('phone-back', null)],
        )
    }
  }

  #outcome(saying: Saying, primary: Action, secondary?: Action): TemplateResult {
    return html`
      <section class="screen centred">
        <div class="notice">
          ${icon(saying.icon, 'large')}
          <h1 class="title" tabindex="-1">${saying.title}</h1>
          ${saying.body === '' ? nothing : html`<p role="status">${saying.body}</p>`}
          ${this.failure === '' ? nothing : html`<p class="error-text" role="alert">${this.failure}</p>`}
          <div class="actions">
            <button class="button" type="button" ?disabled=${primary[2]} @click=${primary[1]}>${primary[0]}</button>
            ${
              secondary
                ? html`<button class="button quiet" type="button" @click=${secondary[1]}>${secondary[0]}</button>`
                : nothing
            }
          </div>
        </div>
      </section>
    `
  }

  #scanAgain(): Action {
    return [text('phone.scan.again'), () => this.emit('phone-go', { screen: 'scan' })]
  }

  #problemLine(problem: LinkProblem): string {
    if (problem.code === 'rate_limited') return sayErrorLine(problem.code, (this.#limitedUntil - Date.now()) / 1000)
    if (problem.code !== 'match_failed') return sayErrorLine(problem.code)
    const line = sayErrorLine('match_failed')
    const { triesLeft } = problem
    return triesLeft === undefined ? line : `${line} ${text('phone.match.tries', { n: triesLeft })}`
  }

  #appear(): void {
    this.#arrivedAt = Date.now()
    this.awake = false
    this.match = ''
    this.matchHint = ''
    clearTimeout(this.#wakeTimer)
    this.#wakeTimer = setTimeout(() => (this.awake = true), APPROVE_WAKES_MS)
  }

  #typed = (event: InputEvent): void => {
    const input = event.target as HTMLInputElement
    this.match = input.value.replaceAll(/\D/g, '')
    input.value = this.match
    this.matchHint = ''
  }

  #approve = (event: SubmitEvent): void => {
    event.preventDefault()
    const { state } = this
    if (!this.awake || state.step !== 'confirm' || state.busy !== null) return
    if (!state.matchRequired) return this.#tell('approve')
    if (MATCH.test(this.match)) return this.#tell('approve')
    this.matchHint = text('phone.match.missing')
    this.#matchField()?.focus()
  }

  #matchField(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>('#match')
  }

  #tell(what: ConfirmVerb): void {
    const match = this.state.step === 'confirm' && this.state.matchRequired ? this.match : undefined
    this.dispatchEvent(
      new CustomEvent<ConfirmAct>('confirm-act', { detail: { what, ...(match === undefined ? {} : { match }) } }),
    )
  }
}

export type ConfirmVerb = 'start' | 'approve' | 'decline' | 'expire' | 'undo'
export interface ConfirmAct {
  what: ConfirmVerb
  match?: string
}

/** Words, what it does, whether it is off. */
type Action = [string, () => void, boolean?]

customElements.define('phone-confirm', PhoneConfirm)
