/** A country and a number in one row. A whole international number, pasted or filled in, chooses its country itself. */
import { html, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { parseTypedNumber } from '../shared/format.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import type { Country, WrongNumber } from './numbers.ts'

type Numbers = typeof import('./numbers.ts')

export class PhoneNumberField extends PhoneElement {
  static override properties = {
    invalid: { type: Boolean },
    errorId: { attribute: 'error-id' },
    start: { type: String },
    countries: { state: true },
    country: { state: true },
    typed: { state: true },
  }

  declare invalid: boolean
  /** The id of the words that say what is wrong. */
  declare errorId: string
  /** What stands in it at first. */
  declare start: string
  declare private countries: Country[]
  declare private country: string
  declare private typed: string

  #numbers: Numbers | null = null

  constructor() {
    super()
    this.invalid = false
    this.errorId = ''
    this.start = ''
    this.countries = []
    this.country = 'US'
    this.typed = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.typed ||= this.start
    void this.#load()
  }

  /** The number as E.164, or why there is none. */
  read(): { number: string } | { wrong: WrongNumber } {
    if (this.#numbers !== null) return this.#numbers.readNumber(this.typed, this.country)
    const number = parseTypedNumber(this.typed)
    return number === null ? { wrong: 'invalid' } : { number }
  }

  /** The number as people write it. */
  show(number: string): string {
    return this.#numbers?.formatNumber(number, this.country).formatted ?? number
  }

  override focus(): void {
    this.querySelector('input')?.focus()
  }

  protected override render(): TemplateResult {
    return html`<div class="labelled">
      <label for="number">${text('phone.signin.number')}</label>
      <div class="number-row" dir="ltr">
        ${this.countries.length === 0 ? nothing : this.#chooser()}
        <input
          class="field"
          id="number"
          type="tel"
          autocomplete="tel"
          dir="ltr"
          placeholder=${this.#numbers?.exampleOf(this.country) ?? ''}
          .value=${live(this.typed)}
          aria-invalid=${this.invalid}
          aria-describedby=${this.errorId}
          @input=${this.#onInput}
          @change=${this.#split}
        />
      </div>
    </div>`
  }

  /** The system's own list: it is searched by typing, and every screen reader knows it. */
  #chooser(): TemplateResult {
    const prefix = this.countries.find(({ code }) => code === this.country)?.prefix ?? ''
    return html`<span class="country field">
      <span aria-hidden="true">${this.country} <bdi dir="ltr">${prefix}</bdi></span>
      <select aria-label=${text('phone.signin.country')} .value=${this.country} @change=${this.#pickCountry}>
        ${this.countries.map(
          ({ code, name, prefix: digits }) =>
            html`<option value=${code} ?selected=${code === this.country}>
              ${text('phone.signin.country.option', { name, prefix: digits })}
            </option>`,
        )}
      </select>
    </span>`
  }

  /** Without the rules a number is taken in international form only, and the service judges it. */
  async #load(): Promise<void> {
    const numbers = await import('./numbers.ts').catch(() => null)
    if (numbers === null || this.#numbers !== null) return
    this.#numbers = numbers
    this.countries = numbers.listCountries()
    this.country = numbers.guessCountry(navigator.languages)
    this.#split()
  }

  #pickCountry = (event: Event): void => {
    this.country = (event.target as HTMLSelectElement).value
    this.focus()
  }

  #onInput = (event: InputEvent): void => {
    const input = event.target as HTMLInputElement
    const keys = Math.abs(input.value.length - this.typed.length)
    this.typed = input.value
    const atEnd = input.selectionStart === input.value.length
    // What the browser fills in comes with an event of no type.
    if (this.#numbers === null || !atEnd || event.inputType?.startsWith('delete')) return
    // More than a key at once: pasted or filled in.
    if (keys > 1 && this.#split()) return
    const { formatted, country } = this.#numbers.formatNumber(input.value, this.country)
    this.typed = formatted
    if (country !== null) this.country = country
  }

  /** A whole international number becomes its country and the rest. */
  #split = (): boolean => {
    if (!/^\s*(?:\+|00)/.test(this.typed)) return false
    const parts = this.#numbers?.splitNumber(this.typed)
    if (!parts) return false
    this.country = parts.country
    this.typed = parts.national
    return true
  }
}

customElements.define('phone-number-field', PhoneNumberField)
