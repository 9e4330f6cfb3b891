/** The person's own picture, name and number, who is blocked, their data, and signing out. */
import { html, nothing, type TemplateResult } from 'lit'
import type { PhoneApi } from '../../client/phone-api.ts'
import type { Stream } from '../../client/stream.ts'
import { NAME_CHARACTERS } from '../../protocol/limits.ts'
import type { AccountCard } from '../../protocol/model.ts'
import { ask } from '../shared/ask.ts'
import { icon } from '../shared/icon.ts'
import '../shared/settings-list.ts'
import { text } from '../shared/text.ts'
import './account-data.ts'
import './avatar-picker.ts'
import './blocked.ts'
import { PhoneElement, takeField } from './element.ts'
import { sayErrorLine } from './words.ts'

export class PhoneProfile extends PhoneElement {
  static override properties = {
    api: { attribute: false },
    account: { attribute: false },
    stream: { attribute: false },
    busy: { state: true },
    said: { state: true },
    failed: { state: true },
  }

  declare api: PhoneApi
  declare account: AccountCard
  declare stream: Stream
  declare busy: boolean
  declare said: string
  declare failed: boolean

  constructor() {
    super()
    this.busy = false
    this.said = ''
    this.failed = false
  }

  protected override render(): TemplateResult {
    const { name, number } = this.account
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
          <h1 class="title">${text('phone.profile')}</h1>
        </header>
        <div class="screen-body stack">
          <phone-avatar-picker
            class="card"
            .api=${this.api}
            .account=${this.account}
            .stream=${this.stream}
          ></phone-avatar-picker>
          <form class="card stack" @submit=${this.#save}>
            <label class="labelled">
              <span>${text('phone.profile.name')}</span>
              <input
                class="field"
                name="name"
                required
                maxlength=${NAME_CHARACTERS}
                autocomplete="name"
                dir="auto"
                .value=${name}
                aria-describedby="name-said"
              />
            </label>
            <button class="button tall" ?disabled=${this.busy}>
              ${text(this.busy ? 'phone.profile.saving' : 'phone.profile.save')}
            </button>
            <p class=${this.failed ? 'error-text' : 'secondary'} id="name-said" role="status">${this.said}</p>
          </form>
          ${number === undefined ? nothing : this.#number(number)}
          <section class="card" aria-label=${text('settings.title')}><settings-list phone></settings-list></section>
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

  #number(number: string): TemplateResult {
    return html`<p class="card">
      <span class="caption">${text('phone.profile.number')}</span><br /><bdi dir="ltr">${number}</bdi>
    </p>`
  }

  #signOut = async (): Promise<void> => {
    const answer = await ask(
      { title: text('phone.signout.title'), body: text('phone.signout.hint'), yes: text('phone.signout.yes') },
      this.ends,
    )
    if (answer === 'yes') this.emit('phone-sign-out', null)
  }

  #save = async (event: SubmitEvent): Promise<void> => {
    const name = takeField(event, 'name')
    if (name === '' || this.busy) return
    this.busy = true
    const answer = await this.api.renameAccount(name)
    this.busy = false
    this.failed = !answer.ok
    if (answer.ok) {
      this.said = text('phone.profile.saved')
      this.dispatchEvent(new CustomEvent<string>('profile-named', { detail: name }))
    } else
      this.said =
        answer.code === 'bad_request' ? text('phone.profile.badname') : sayErrorLine(answer.code, answer.retryAfter)
  }
}

customElements.define('phone-profile', PhoneProfile)
