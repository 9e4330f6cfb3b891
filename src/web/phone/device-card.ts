/** One linked device: what it is, where, since when. A tap opens its name and its end, which takes two more (S9). */
import { html, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { NAME_CHARACTERS } from '../../protocol/limits.ts'
import type { DeviceDetail } from '../../protocol/model.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import { fieldError } from './field-error.ts'
import { sayBrowser, sayCity, sayDate, saySeen } from './words.ts'

/** The second tap of a double tap must not be the second tap of an unlink. */
const DOUBLE_TAP_MS = 500
/** An armed "Unlink" that is not tapped again goes back to rest. */
const ARMED_MS = 5_000
const HANDHELD = /^(?:Android|iOS|iPadOS)$/

/** What the card asks of the list, as the event `device-act`. */
export type DeviceAct = { what: 'open'; open: boolean } | { what: 'rename'; name: string } | { what: 'unlink' }

export class PhoneDeviceCard extends PhoneElement {
  static override properties = {
    device: { attribute: false },
    opened: { type: Boolean },
    busy: { type: Boolean },
    wrong: { type: String },
    armed: { state: true },
    typed: { state: true },
  }

  declare device: DeviceDetail
  declare opened: boolean
  declare busy: boolean
  /** Why the name was refused. */
  declare wrong: string
  /** Its unlink was tapped once. */
  declare private armed: boolean

  /** What stands in the field; null: nobody has typed. */
  declare private typed: string | null

  #armedTimer: ReturnType<typeof setTimeout> | undefined
  #armedAt = 0

  constructor() {
    super()
    this.opened = false
    this.busy = false
    this.wrong = ''
    this.armed = false
    this.typed = null
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#armedTimer)
  }

  override focus(): void {
    this.querySelector('button')?.focus()
  }

  protected override willUpdate(): void {
    if (this.opened) return
    this.#disarm()
    this.typed = null
  }

  protected override render(): TemplateResult {
    const { device, opened } = this
    const { id, name, online, os, linkedAt, lastSeenAt } = device
    const kind = sayBrowser(device)
    // As the service names it, until a person does.
    const isOurs = name === `${device.browser} on ${os}`
    const about = [isOurs || kind === name ? '' : kind, device.place ? sayCity(device.place) : '']
    return html`
      <button
        class="device"
        type="button"
        aria-expanded=${opened}
        aria-controls=${`device-${id}`}
        @click=${() => this.#act({ what: 'open', open: !opened })}
      >
        <span class="device-icon">${icon(HANDHELD.test(os) ? 'smartphone' : 'laptop')}</span>
        <span class="device-words">
          <b class="device-name">${isOurs ? kind : html`<bdi>${name}</bdi>`}</b>
          <span class=${online ? 'online' : 'secondary'}>
            ${online ? text('phone.devices.online') : saySeen(Date.now() - lastSeenAt)}
          </span>
          ${about.map((words) => (words === '' ? nothing : html`<span class="caption">${words}</span>`))}
          <span class="caption">${text('phone.devices.linked', { date: sayDate(linkedAt) })}</span>
        </span>
        <span class="device-turn">${icon('chevron-right')}</span>
      </button>
      <div id=${`device-${id}`} ?hidden=${!opened}>${opened ? this.#actions() : nothing}</div>
    `
  }

  #actions(): TemplateResult {
    const { armed, busy, device, wrong } = this
    return html`
      <form class="device-actions" @submit=${this.#rename}>
        <div class="labelled">
          <label for=${`name-${device.id}`}>${text('phone.devices.name')}</label>
          <div class="name-row">
            <input
              class="field"
              id=${`name-${device.id}`}
              maxlength=${NAME_CHARACTERS}
              autocomplete="off"
              dir="auto"
              .value=${live(this.typed ?? device.name)}
              aria-invalid=${wrong !== ''}
              aria-describedby=${`wrong-${device.id}`}
              @input=${this.#type}
            />
            ${
              this.#change === ''
                ? nothing
                : html`<button class="button tall" ?disabled=${busy}>${text('phone.devices.rename')}</button>`
            }
          </div>
          ${fieldError(`wrong-${device.id}`, wrong)}
        </div>
        <button
          class=${armed ? 'button danger tall armed' : 'button outline danger-text tall'}
          type="button"
          ?disabled=${busy}
          @click=${this.#unlink}
        >
          ${
            armed
              ? html`<span aria-hidden="true">${text('phone.devices.sure')}</span>
                  <span class="visually-hidden">${text('phone.devices.sure.named', { name: device.name })}</span>`
              : html`${icon('unlink', 'small')}${text('phone.devices.unlink')}`
          }
        </button>
        <p class="visually-hidden" role="status">
          ${armed ? text('phone.devices.sure.named', { name: device.name }) : ''}
        </p>
      </form>
    `
  }

  /** The new name in the field; empty for none. */
  get #change(): string {
    const typed = this.typed?.trim() ?? ''
    return typed === this.device.name ? '' : typed
  }

  #type = (event: InputEvent): void => {
    this.typed = (event.target as HTMLInputElement).value
  }

  #rename = (event: SubmitEvent): void => {
    event.preventDefault()
    if (this.#change !== '') this.#act({ what: 'rename', name: this.#change })
  }

  #unlink = (): void => {
    if (!this.armed) {
      this.armed = true
      this.#armedAt = performance.now()
      this.#armedTimer = setTimeout(() => this.#disarm(), ARMED_MS)
      return
    }
    if (performance.now() - this.#armedAt < DOUBLE_TAP_MS) return
    this.#disarm()
    this.#act({ what: 'unlink' })
  }

  #disarm(): void {
    clearTimeout(this.#armedTimer)
    this.armed = false
  }

  #act(act: DeviceAct): void {
    this.dispatchEvent(new CustomEvent('device-act', { detail: act }))
  }
}

customElements.define('phone-device-card', PhoneDeviceCard)
