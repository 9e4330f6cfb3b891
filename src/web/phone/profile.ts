/** The person's own picture, name and number, who is blocked, their data, and signing out. */
import { html, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import type { PhoneApi } from '../../client/phone-api.ts'
import type { Stream } from '../../client/stream.ts'
import { NAME_CHARACTERS } from '../../protocol/limits.ts'
import type { AccountCard } from '../../protocol/model.ts'
import { ask } from '../shared/ask.ts'
import { isSameNumber } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import '../shared/settings-list.ts'
import { text } from '../shared/text.ts'
import './account-data.ts'
import './avatar-picker.ts'
import './blocked.ts'
import { PhoneElement } from './element.ts'
import { fieldError } from './field-error.ts'
import { sayErrorLine } from './words.ts'

export class PhoneProfile extends PhoneElement {
  static override properties = {
    api: { attribute: false },
    account: { attribute: false },
    stream: { attribute: false },
    typed: { state: true },
    shownNumber: { state: true },
    busy: { state: true },
    said: { state: true },
    problem: { state: true },
  }

  declare api: PhoneApi
  declare account: AccountCard
  declare stream: Stream
  /** What stands in the field; null: nobody has typed. */
  declare private typed: string | null
  /** The number as people write it, once its rules are loaded. */
  declare private shownNumber: string
  declare private busy: boolean
  declare private said: string
  declare private problem: string

  constructor() {
    super()
    this.typed = null
    this.shownNumber = ''
    this.busy = false
    this.said = ''
    this.problem = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#writeNumber()
  }

  protected override render(): TemplateResult {
    const { number } = this.account
    return html`
      <section class="screen">
        <header class="screen-header">
          <button
            class="icon-button"
            type="button"
            aria-label=${text('phone.back')}
            @click=${() => this.emit('phone-back', null)}
          >
            ${icon('chevron-left')}
          </button>
          <h1 class="title" tabindex="-1">${text('phone.profile')}</h1>
        </header>
        <div class="screen-body stack">
          <phone-avatar-picker
            class="card"
            .api=${this.api}
            .account=${this.account}
            .stream=${this.stream}
          ></phone-avatar-picker>
          <div class="card stack">
            ${this.#nameForm()}
            ${
              number === undefined
                ? nothing
                : html`<p class="own-number">
                    <span class="caption">${text('phone.profile.number')}</span>
                    <bdi class="number" dir="ltr">${this.shownNumber || number}</bdi>
                  </p>`
            }
          </div>
          <section class="card stack">
            <h2 class="title">${text('settings.title')}</h2>
            <settings-list phone></settings-list>
          </section>
          <phone-blocked .stream=${this.stream}></phone-blocked>
          <phone-account-data .api=${this.api}></phone-account-data>
          <div class="card stack">
            <button class="button outline tall" type="button" @click=${this.#signOut}>
              ${icon('log-out')}${text('phone.signout.action')}
            </button>
            <p class="caption">${text('phone.signout.hint')}</p>
          </div>
        </div>
      </section>
    `
  }

  #nameForm(): TemplateResult {
    const { busy, problem } = this
    const isUnnamed = this.#name === ''
    return html`<form class="labelled" novalidate @submit=${this.#save}>
      <label for="name">${text('phone.profile.name')}</label>
      <div class="name-row">
        <input
          class="field"
          id="name"
          maxlength=${NAME_CHARACTERS}
          autocomplete="name"
          dir="auto"
          .value=${live(this.typed ?? this.#name)}
          aria-invalid=${problem !== ''}
          aria-describedby="name-error name-hint"
          @input=${this.#type}
        />
        ${
          this.#change === '' && !busy
            ? nothing
            : html`<button class="button tall" ?disabled=${busy}>
                ${text(busy ? 'phone.profile.saving' : 'phone.profile.save')}
              </button>`
        }
      </div>
      ${fieldError('name-error', problem)}
      <p class="caption" id="name-hint">${isUnnamed ? text('phone.profile.unnamed') : ''}</p>
      <p class="caption" role="status">${this.said}</p>
    </form>`
  }

  /** Who has not given a name goes by the number: that is no name. */
  get #name(): string {
    const { name, number } = this.account
    return number !== undefined && isSameNumber(name, number) ? '' : name
  }

  /** The new name in the field; empty for none. */
  get #change(): string {
    const typed = this.typed?.trim() ?? ''
    return typed === this.#name ? '' : typed
  }

  #type = (event: InputEvent): void => {
    this.typed = (event.target as HTMLInputElement).value
    this.said = ''
    this.problem = ''
  }

  /** The rules of all countries are loaded for the sign-in, and kept. */
  async #writeNumber(): Promise<void> {
    const { number } = this.account
    const numbers = await import('./numbers.ts').catch(() => null)
    if (number !== undefined && numbers !== null) this.shownNumber = numbers.formatNumber(number, 'US').formatted
  }

  #signOut = async (): Promise<void> => {
    const answer = await ask(
      { title: text('phone.signout.title'), body: text('phone.signout.hint'), yes: text('phone.signout.yes') },
      this.ends,
    )
    if (answer === 'yes') this.emit('phone-sign-out', null)
  }

  #save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const name = this.#change
    if (name === '' || this.busy) return
    this.busy = true
    const answer = await this.api.renameAccount(name)
    this.busy = false
    if (!answer.ok) {
      const { code, retryAfter } = answer
      this.problem = code === 'bad_request' ? text('phone.profile.badname') : sayErrorLine(code, retryAfter)
      return
    }
    this.said = text('phone.profile.saved')
    this.dispatchEvent(new CustomEvent<string>('profile-named', { detail: name }))
    // The button goes, and with it the focus.
    if (document.activeElement instanceof HTMLButtonElement) this.querySelector('h1')?.focus()
  }
}

customElements.define('phone-profile', PhoneProfile)
