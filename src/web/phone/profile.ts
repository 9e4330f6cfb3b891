/** The person's own name and number, who is blocked, their data, and signing out. */
import { html, nothing, type TemplateResult } from 'lit'
import type { PhoneApi } from '../../client/phone-api.ts'
import type { Stream } from '../../client/stream.ts'
import { NAME_CHARACTERS } from '../../protocol/limits.ts'
import type { AccountCard } from '../../protocol/model.ts'
import { icon } from '../shared/icon.ts'
import '../shared/settings-list.ts'
import { text } from '../shared/text.ts'
import './account-data.ts'
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
          <form class="card stack" @submit=${this.#save}>
            <label class="labelled">
              <span>${text('phone.profile.name')}</span>
              <input
                class="field"
                name="name"
                required
                maxlength=${NAME_CHARACTERS}
                autocomplete="name"
                .value=${name}
                aria-describedby="name-said"
              />
            </label>
            <button class="button" ?disabled=${this.busy}>
              ${text(this.busy ? 'phone.profile.saving' : 'phone.profile.save')}
            </button>
            <p class=${this.failed ? 'error-text' : 'secondary'} id="name-said" role="status">${this.said}</p>
          </form>
          ${number === undefined ? nothing : html`<p class="card"><span class="caption">${text('phone.profile.number')}</span><br /><bdi>${number}</bdi></p>`}
          <section class="card" aria-label=${text('settings.title')}><settings-list phone></settings-list></section>
          <button class="button outline" type="button" @click=${() => this.emit('phone-sign-out', null)}>
            ${icon('log-out')}${text('phone.signout.action')}
          </button>
          <p class="caption">${text('phone.signout.hint')}</p>
          <phone-blocked .stream=${this.stream}></phone-blocked>
          <phone-account-data .api=${this.api}></phone-account-data>
        </div>
      </section>
    `
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
