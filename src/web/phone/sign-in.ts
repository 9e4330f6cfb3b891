/** Signing in: a country and a number, then the six digits that were sent to it. */
import { html, nothing, type TemplateResult } from 'lit'
import type { PhoneFailure } from '../../client/phone-http.ts'
import type { PhoneSession } from '../../client/phone-session.ts'
import { CODE_DIGITS } from '../../protocol/limits.ts'
import { formatCountdown, parseTypedNumber } from '../shared/format.ts'
import { icon, mark } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import type { Country } from './numbers.ts'
import { richText } from './rich-text.ts'
import { sayErrorLine } from './words.ts'

type Numbers = typeof import('./numbers.ts')

export class PhoneSignIn extends PhoneElement {
  static override properties = {
    session: { attribute: false },
    reason: { type: String },
    countries: { state: true },
    country: { state: true },
    typed: { state: true },
    sentTo: { state: true },
    echoed: { state: true },
    busy: { state: true },
    failure: { state: true },
  }

  declare session: PhoneSession
  /** Why the person is asked to sign in, when there is a reason. */
  declare reason: string
  declare countries: Country[]
  declare country: string
  declare typed: string
  /** The number that a code was sent to (E.164); empty in the first step. */
  declare sentTo: string
  /** The code itself, where the operator switched the echo on. */
  declare echoed: string
  declare busy: boolean
  declare failure: PhoneFailure | null

  #numbers: Promise<Numbers | null> | null = null
  #loaded: Numbers | null = null
  #resendAt = 0
  #limitedUntil = 0

  constructor() {
    super()
    this.reason = ''
    this.countries = []
    this.country = 'US'
    this.typed = ''
    this.sentTo = ''
    this.echoed = ''
    this.busy = false
    this.failure = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('sentTo') && changed.get('sentTo') !== undefined) this.querySelector('input')?.focus()
  }

  protected override render(): TemplateResult {
    return html`
      <section class="screen sign-in">
        <p class="brand">${mark()}<span>${text('app.name')}</span></p>
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
    const prefix = this.countries.find(({ code }) => code === this.country)?.prefix ?? ''
    return html`
      <form class="stack" novalidate @submit=${this.#sendNumber}>
        <h1 class="screen-title">${text('phone.signin.title')}</h1>
        <p class="secondary">${text('phone.signin.body')}</p>
        <div class="labelled">
          <label for="number">${text('phone.signin.number')}</label>
          <div class="number-row">
            ${
              this.countries.length === 0
                ? nothing
                : html`<span class="country field">
                    <span aria-hidden="true">${this.country} ${prefix}</span>
                    <select
                      aria-label=${text('phone.signin.country')}
                      .value=${this.country}
                      @change=${this.#pickCountry}
                    >
                      ${this.countries.map(
                        ({ code, name, prefix: digits }) =>
                          html`<option value=${code} ?selected=${code === this.country}>
                            ${text('phone.signin.country.option', { name, prefix: digits })}
                          </option>`,
                      )}
                    </select>
                  </span>`
            }
            <input
              class="field"
              id="number"
              type="tel"
              autocomplete="tel"
              .value=${this.typed}
              aria-invalid=${this.failure !== null}
              aria-describedby="number-error"
              @input=${this.#typeNumber}
            />
          </div>
          ${this.#errorLine('number-error')}
        </div>
        <button class="button tall" ?disabled=${this.busy}>
          ${text(this.busy ? 'phone.signin.sending' : 'phone.continue')}
        </button>
      </form>
    `
  }

  #askCode(): TemplateResult {
    const wait = this.#resendAt - Date.now()
    const number = this.#loaded?.formatNumber(this.sentTo, this.country).formatted ?? this.sentTo
    return html`
      <form class="stack" novalidate @submit=${this.#sendCode}>
        <h1 class="screen-title">${text('phone.code.title')}</h1>
        <p class="secondary">
          ${richText('phone.code.sent', { number: html`<bdi>${number}</bdi>` })}
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
            aria-invalid=${this.failure !== null}
            aria-describedby="code-error"
            @input=${this.#typeCode}
          />
          ${this.#errorLine('code-error')}
        </div>
        <button class="button tall" ?disabled=${this.busy}>
          ${text(this.busy ? 'phone.code.checking' : 'phone.continue')}
        </button>
        <button class="button quiet" type="button" ?disabled=${this.busy || wait > 0} @click=${this.#resend}>
          ${wait > 0 ? text('phone.code.wait', { time: formatCountdown(wait) }) : text('phone.code.resend')}
        </button>
      </form>
    `
  }

  #errorLine(id: string): TemplateResult {
    const { failure } = this
    const left = (this.#limitedUntil - Date.now()) / 1000
    const line = failure === null ? '' : sayErrorLine(failure.code, left)
    return html`<p class="error-text" id=${id} role="alert">${line}</p>`
  }

  async #load(): Promise<void> {
    this.#numbers ??= import('./numbers.ts').catch(() => null)
    const numbers = await this.#numbers
    if (numbers === null) {
      // Without the rules a number is taken in international form only, and the service judges it.
      this.#numbers = null
      return
    }
    this.#loaded = numbers
    this.countries = numbers.listCountries()
    this.country = numbers.guessCountry(navigator.languages)
  }

  #pickCountry = (event: Event): void => {
    this.country = (event.target as HTMLSelectElement).value
    this.querySelector<HTMLInputElement>('#number')?.focus()
  }

  #typeNumber = (event: InputEvent): void => {
    const input = event.target as HTMLInputElement
    this.failure = null
    this.typed = input.value
    const atEnd = input.selectionStart === input.value.length
    if (this.#loaded === null || !atEnd || event.inputType.startsWith('delete')) return
    const { formatted, country } = this.#loaded.formatNumber(input.value, this.country)
    this.typed = formatted
    input.value = formatted
    if (country !== null) this.country = country
  }

  #sendNumber = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (this.busy) return
    const numbers = this.#loaded
    const number = numbers === null ? parseTypedNumber(this.typed) : numbers.readNumber(this.typed, this.country)
    if (number === null) this.#fail({ ok: false, code: 'bad_request' })
    else await this.#ask(number)
  }

  #resend = (): Promise<void> => this.#ask(this.sentTo)

  async #ask(number: string): Promise<void> {
    this.busy = true
    this.failure = null
    const answer = await this.session.askForCode(number)
    this.busy = false
    if (!answer.ok) return this.#fail(answer)
    this.#resendAt = Date.now() + answer.value.retryAfter * 1000
    this.echoed = answer.value.code ?? ''
    this.sentTo = number
    this.tick(true)
  }

  #typeCode = (event: InputEvent): void => {
    const input = event.target as HTMLInputElement
    this.failure = null
    input.value = input.value.replaceAll(/\D/g, '')
    if (input.value.length === CODE_DIGITS) void this.#signIn(input.value)
  }

  #fillIn = (): void => {
    const input = this.querySelector<HTMLInputElement>('#code')
    if (input === null) return
    input.value = this.echoed
    void this.#signIn(this.echoed)
  }

  #sendCode = (event: SubmitEvent): void => {
    event.preventDefault()
    const code = this.querySelector<HTMLInputElement>('#code')?.value ?? ''
    if (code.length === CODE_DIGITS) void this.#signIn(code)
    else this.#fail({ ok: false, code: 'code_invalid' })
  }

  async #signIn(code: string): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.failure = null
    const answer = await this.session.signIn(this.sentTo, code)
    this.busy = false
    // The page sees the session itself, in every tab, and puts another screen here.
    if (answer.ok) return
    this.#fail(answer)
    const input = this.querySelector<HTMLInputElement>('#code')
    if (answer.code === 'code_invalid') input?.select()
    input?.focus()
  }

  #changeNumber = (): void => {
    this.sentTo = ''
    this.echoed = ''
    this.failure = null
  }

  #fail(failure: PhoneFailure): void {
    this.failure = failure
    if (failure.code !== 'rate_limited') return
    this.#limitedUntil = Date.now() + (failure.retryAfter ?? 0) * 1000
    this.tick(true)
  }
}

customElements.define('phone-sign-in', PhoneSignIn)
