/** Signing in: a country and a number, then the six digits that were sent to it. */
import { html, nothing, type TemplateResult } from 'lit'
import type { PhoneFailure } from '../../client/phone-http.ts'
import type { PhoneSession } from '../../client/phone-session.ts'
import { CODE_DIGITS } from '../../protocol/limits.ts'
import { formatCountdown } from '../shared/format.ts'
import { icon, mark } from '../shared/icon.ts'
import { text, type StringKey } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import { fieldError } from './field-error.ts'
import './number-field.ts'
import type { PhoneNumberField } from './number-field.ts'
import type { WrongNumber } from './numbers.ts'
import { readCode } from './one-time-code.ts'
import { richText } from './rich-text.ts'
import { sayError, sayErrorLine } from './words.ts'

/** What can be said of a number before it is sent. */
const WRONG = {
  missing: 'phone.number.missing',
  short: 'phone.number.short',
  long: 'phone.number.long',
  invalid: 'phone.err.bad_request.title',
} as const satisfies Record<WrongNumber, StringKey>

export class PhoneSignIn extends PhoneElement {
  static override properties = {
    session: { attribute: false },
    reason: { type: String },
    sentTo: { state: true },
    echoed: { state: true },
    busy: { state: true },
    problem: { state: true },
    blamed: { state: true },
    again: { state: true },
  }

  declare session: PhoneSession
  /** Why the person is asked to sign in, when there is a reason. */
  declare reason: string
  /** The number that a code was sent to (E.164); empty in the first step. */
  declare sentTo: string
  /** The code itself, where the operator switched the echo on. */
  declare echoed: string
  declare busy: boolean
  /** What is wrong, in words; the wait that may go with it is counted beside them. */
  declare problem: string
  /** It is what stands in the field that is wrong, not the service or the connection. */
  declare blamed: boolean
  /** Another code was sent. */
  declare again: boolean

  #number = ''
  /** The same as people write it. */
  #shown = ''
  #resendAt = 0
  #limitedUntil = 0
  /** How long that was when it began, in words. */
  #wait = ''

  constructor() {
    super()
    this.reason = ''
    this.sentTo = ''
    this.echoed = ''
    this.busy = false
    this.problem = ''
    this.blamed = false
    this.again = false
  }

  protected override willUpdate(): void {
    this.tick(Math.max(this.#resendAt, this.#limitedUntil) > Date.now())
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('sentTo') && changed.get('sentTo') !== undefined) this.querySelector('input')?.focus()
  }

  protected override render(): TemplateResult {
    return html`
      <section class="screen sign-in">
        <div class="welcome">
          <p class="brand">${mark()}<span>${text('app.name')}</span></p>
          ${this.sentTo === '' ? html`<p class="secondary">${text('phone.signin.about')}</p>` : nothing}
        </div>
        ${this.reason === '' ? nothing : html`<p class="box" role="status">${this.reason}</p>`}
        ${
          this.offline
            ? html`<p class="box" role="status">${icon('wifi-off')}<span>${text('phone.offline.signin')}</span></p>`
            : nothing
        }
        ${this.sentTo === '' ? this.#askNumber() : this.#askCode()}
      </section>
    `
  }

  #askNumber(): TemplateResult {
    return html`
      <form class="stack" novalidate @submit=${this.#sendNumber}>
        <h1 class="screen-title">${text('phone.signin.title')}</h1>
        <p class="secondary">${text('phone.signin.body')}</p>
        <div class="labelled">
          <phone-number-field
            ?invalid=${this.blamed}
            error-id="number-error"
            start=${this.#number}
            @input=${this.#clear}
          ></phone-number-field>
          ${this.#errorLine('number-error')}
        </div>
        <button class="button tall" ?disabled=${this.#isShut}>
          ${text(this.busy ? 'phone.signin.sending' : 'phone.continue')}
        </button>
      </form>
    `
  }

  #askCode(): TemplateResult {
    const wait = this.#resendAt - Date.now()
    return html`
      <form class="stack" novalidate @submit=${this.#sendCode}>
        <h1 class="screen-title">${text('phone.code.title')}</h1>
        <p class="secondary">
          ${richText('phone.code.sent', { number: html`<bdi class="number" dir="ltr">${this.#shown}</bdi>` })}
          <button class="link" type="button" @click=${this.#changeNumber}>${text('phone.code.change')}</button>
        </p>
        ${
          this.echoed === ''
            ? nothing
            : html`<p class="box demo">
                <span>${richText('phone.demo.code', { code: html`<b>${this.echoed}</b>` })}</span>
                <button class="button quiet" type="button" ?disabled=${this.busy} @click=${this.#fillIn}>
                  ${text('phone.demo.action')}
                </button>
              </p>`
        }
        <div class="labelled">
          <label for="code">${text('phone.code.label')}</label>
          <input
            class="field digits"
            id="code"
            autocomplete="one-time-code"
            inputmode="numeric"
            maxlength=${CODE_DIGITS}
            dir="ltr"
            aria-invalid=${this.blamed}
            aria-describedby="code-error"
            @input=${this.#typeCode}
            @paste=${this.#pasteCode}
          />
          ${this.#errorLine('code-error')}
          <p class="caption" role="status">${this.again ? text('phone.code.again') : ''}</p>
        </div>
        <button class="button tall" ?disabled=${this.#isShut}>
          ${text(this.busy ? 'phone.code.checking' : 'phone.continue')}
        </button>
        <button
          class="button quiet"
          type="button"
          ?disabled=${this.busy || this.offline || wait > 0}
          @click=${this.#resend}
        >
          ${wait > 0 ? text('phone.code.wait', { time: formatCountdown(wait) }) : text('phone.code.resend')}
        </button>
      </form>
    `
  }

  #errorLine(id: string): TemplateResult {
    const { problem } = this
    return fieldError(id, problem === '' || this.#limitedUntil === 0 ? problem : html`${problem} ${this.#countdown()}`)
  }

  /** Counts for the eye; who listens is told once, at its beginning. */
  #countdown(): TemplateResult {
    const { body } = sayError('rate_limited', (this.#limitedUntil - Date.now()) / 1000)
    return html`<span aria-hidden="true">${body}</span> <span class="visually-hidden">${this.#wait}</span>`
  }

  /** The service takes no more for a while. Another number may be tried at once. */
  get #isLimited(): boolean {
    return this.#limitedUntil > Date.now()
  }

  /** Nothing can be sent now; why, stands above or in the line below the field. */
  get #isShut(): boolean {
    return this.busy || this.offline || this.#isLimited
  }

  #sendNumber = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (this.#isShut) return
    const field = this.querySelector<PhoneNumberField>('phone-number-field')
    if (field === null) return
    const read = field.read()
    if ('wrong' in read) {
      this.problem = text(WRONG[read.wrong])
      this.blamed = true
      return field.focus()
    }
    this.#number = read.number
    this.#shown = field.show(read.number)
    await this.#ask(read.number)
    if (this.problem !== '') field.focus()
  }

  #resend = async (): Promise<void> => {
    const input = this.querySelector('input')
    if (input !== null) input.value = ''
    await this.#ask(this.sentTo)
    this.again = this.problem === ''
    input?.focus()
  }

  async #ask(number: string): Promise<void> {
    this.busy = true
    this.#clear()
    const answer = await this.session.askForCode(number)
    this.busy = false
    if (!answer.ok) return this.#fail(answer)
    this.#resendAt = Date.now() + answer.value.retryAfter * 1000
    this.echoed = answer.value.code ?? ''
    this.sentTo = number
  }

  #typeCode = (event: InputEvent): void => {
    const input = event.target as HTMLInputElement
    this.#clear()
    this.#takeCode(input.value)
  }

  /** Pasted with a space in the middle it would be cut at six characters, not at six digits. */
  #pasteCode = (event: ClipboardEvent): void => {
    const code = readCode(event.clipboardData?.getData('text') ?? '')
    if (code === '') return
    event.preventDefault()
    this.#clear()
    this.#takeCode(code)
  }

  #takeCode(typed: string): void {
    const input = this.querySelector<HTMLInputElement>('#code')
    if (input === null) return
    input.value = readCode(typed)
    if (input.value.length === CODE_DIGITS) void this.#signIn(input.value)
  }

  #fillIn = (): void => this.#takeCode(this.echoed)

  #sendCode = (event: SubmitEvent): void => {
    event.preventDefault()
    if (this.#isShut) return
    const code = this.querySelector<HTMLInputElement>('#code')?.value ?? ''
    if (code.length === CODE_DIGITS) void this.#signIn(code)
    else {
      this.problem = text('phone.code.short')
      this.blamed = true
      this.querySelector('input')?.focus()
    }
  }

  async #signIn(code: string): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.#clear()
    const answer = await this.session.signIn(this.sentTo, code)
    this.busy = false
    // The page sees the session itself, in every tab, and puts another screen here.
    if (answer.ok) return
    this.#fail(answer)
    const input = this.querySelector<HTMLInputElement>('#code')
    if (answer.code === 'code_invalid' && input !== null) input.value = ''
    input?.focus()
  }

  #changeNumber = (): void => {
    this.sentTo = ''
    this.echoed = ''
    this.#clear()
  }

  #clear = (): void => {
    this.problem = ''
    this.blamed = false
    this.#limitedUntil = 0
    this.again = false
  }

  #fail({ code, retryAfter = 0 }: PhoneFailure): void {
    this.blamed = code === 'bad_request' || code === 'code_invalid'
    if (code !== 'rate_limited') {
      this.problem = sayErrorLine(code)
      return
    }
    const { title, body } = sayError(code, retryAfter)
    this.#limitedUntil = Date.now() + retryAfter * 1000
    this.#wait = body
    this.problem = text('phone.err.short', { title })
  }
}

customElements.define('phone-sign-in', PhoneSignIn)
