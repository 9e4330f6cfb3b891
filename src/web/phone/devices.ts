/** Linked devices: what they are, where, since when; rename, unlink one, unlink all (S9). */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { PhoneApi } from '../../client/phone-api.ts'
import type { PhoneFailure } from '../../client/phone-http.ts'
import { NAME_CHARACTERS } from '../../protocol/limits.ts'
import type { DeviceDetail } from '../../protocol/model.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement, takeField } from './element.ts'
import { sayBrowser, sayCity, sayDate, sayError, sayErrorLine, saySeen } from './words.ts'

/** The second tap of a double tap must not be the second tap of an unlink. */
const DOUBLE_TAP_MS = 500
/** An armed "Unlink" that is not tapped again goes back to rest. */
const ARMED_MS = 5_000

export class PhoneDevices extends PhoneElement {
  static override properties = {
    api: { attribute: false },
    changes: { attribute: false },
    devices: { state: true },
    failure: { state: true },
    opened: { state: true },
    armed: { state: true },
    busy: { state: true },
    asking: { state: true },
    problem: { state: true },
  }

  declare api: PhoneApi
  /** Counts up with every device event of the stream: the list is asked for again. */
  declare changes: number
  declare devices: DeviceDetail[] | null
  declare failure: PhoneFailure | null
  /** The device whose rename and unlink are shown. */
  declare opened: string
  /** The device whose unlink was tapped once. */
  declare armed: string
  declare busy: boolean
  /** Whether "Unlink all" asks. */
  declare asking: boolean
  declare problem: string

  #armedTimer: ReturnType<typeof setTimeout> | undefined
  #armedAt = 0
  #turn = 0

  constructor() {
    super()
    this.changes = 0
    this.devices = null
    this.failure = null
    this.opened = ''
    this.armed = ''
    this.busy = false
    this.asking = false
    this.problem = ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#armedTimer)
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('changes') || changed.has('api')) void this.#load()
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog')
    if (dialog !== null && !dialog.open) dialog.showModal()
  }

  protected override render(): TemplateResult {
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
          <h1 class="title">${text('phone.devices')}</h1>
        </header>
        <div class="screen-body stack" aria-busy=${this.devices === null && this.failure === null}>
          ${this.problem === '' ? nothing : html`<p class="box danger" role="alert">${this.problem}</p>`}
          ${this.failure === null ? this.#list() : this.#failed(this.failure)}
        </div>
        ${this.asking ? this.#askAll() : nothing}
      </section>
    `
  }

  #list(): TemplateResult | typeof nothing {
    const { devices } = this
    if (devices === null) return html`<p class="secondary" role="status">${text('phone.loading')}</p>`
    if (devices.length === 0) {
      return html`
        <div class="notice">
          ${icon('laptop', 'large')}
          <h2 class="title">${text('phone.devices.empty.title')}</h2>
          <p>${text('phone.devices.empty.body')}</p>
          <div class="actions">${this.#linkButton()}</div>
        </div>
      `
    }
    return html`
      <ul class="stack">
        <li class="card device">
          ${icon('smartphone')}<span class="device-words"><b>${text('phone.devices.this')}</b></span>
        </li>
        ${repeat(
          devices,
          ({ id }) => id,
          (device) => this.#device(device),
        )}
      </ul>
      ${this.#linkButton()}
      <button
        class="button quiet danger-text"
        type="button"
        ?disabled=${this.busy}
        @click=${() => (this.asking = true)}
      >
        ${text('phone.unlinkall.action')}
      </button>
    `
  }

  #linkButton(): TemplateResult {
    return html`<button class="button" type="button" @click=${() => this.emit('phone-go', { screen: 'scan' })}>
      ${icon('scan-qr-code')}${text('phone.link')}
    </button>`
  }

  #device(device: DeviceDetail): TemplateResult {
    const opened = this.opened === device.id
    const place = device.place ? sayCity(device.place) : ''
    const kind = sayBrowser(device)
    return html`
      <li class="card">
        <button
          class="device"
          type="button"
          aria-expanded=${opened}
          aria-controls=${`device-${device.id}`}
          @click=${() => this.#open(opened ? '' : device.id)}
        >
          ${icon('laptop')}
          <span class="device-words">
            <b><bdi>${device.name}</bdi></b>
            <span class=${device.online ? 'online' : 'secondary'}>
              ${device.online ? text('phone.devices.online') : saySeen(Date.now() - device.lastSeenAt)}
            </span>
            ${kind === device.name ? nothing : html`<span class="caption">${kind}</span>`}
            ${place === '' ? nothing : html`<span class="caption">${place}</span>`}
            <span class="caption">${text('phone.devices.linked', { date: sayDate(device.linkedAt) })}</span>
          </span>
        </button>
        <div id=${`device-${device.id}`} ?hidden=${!opened}>${opened ? this.#actions(device) : nothing}</div>
      </li>
    `
  }

  #actions(device: DeviceDetail): TemplateResult {
    const armed = this.armed === device.id
    return html`
      <form class="device-actions" @submit=${(event: SubmitEvent) => this.#rename(event, device.id)}>
        <label class="labelled">
          <span>${text('phone.devices.name')}</span>
          <input
            class="field"
            name="name"
            required
            maxlength=${NAME_CHARACTERS}
            autocomplete="off"
            .value=${device.name}
          />
        </label>
        <div class="pair">
          <button class="button outline" ?disabled=${this.busy}>${text('phone.devices.rename')}</button>
          <button
            class=${armed ? 'button danger' : 'button outline danger-text'}
            type="button"
            aria-label=${armed ? text('phone.devices.sure.named', { name: device.name }) : nothing}
            ?disabled=${this.busy}
            @click=${() => this.#unlink(device.id)}
          >
            ${text(armed ? 'phone.devices.sure' : 'phone.devices.unlink')}
          </button>
        </div>
      </form>
    `
  }

  #askAll(): TemplateResult {
    const count = this.devices?.length ?? 0
    return html`
      <dialog aria-labelledby="all-title" @close=${() => (this.asking = false)}>
        <div class="stack">
          <h2 class="sheet-title" id="all-title">${text('phone.unlinkall.title', { n: count })}</h2>
          <p>${text('phone.unlinkall.body', { n: count })}</p>
          <div class="actions">
            <button class="button quiet" type="button" @click=${() => this.querySelector('dialog')?.close()}>
              ${text('app.cancel')}
            </button>
            <button class="button danger" type="button" ?disabled=${this.busy} @click=${this.#unlinkAll}>
              ${text('phone.unlinkall.action')}
            </button>
          </div>
        </div>
      </dialog>
    `
  }

  #failed(failure: PhoneFailure): TemplateResult {
    const { icon: name, title, body } = sayError(failure.code, failure.retryAfter)
    return html`
      <div class="notice" role="alert">
        ${icon(name, 'large')}
        <h2 class="title">${title}</h2>
        ${body === '' ? nothing : html`<p>${body}</p>`}
        <div class="actions">
          <button class="button" type="button" @click=${this.#load}>${text('phone.again')}</button>
        </div>
      </div>
    `
  }

  #load = async (): Promise<void> => {
    const mine = ++this.#turn
    const answer = await this.api.devices()
    if (mine !== this.#turn) return
    if (answer.ok) this.devices = answer.value
    this.failure = answer.ok ? null : answer
  }

  #open(device: string): void {
    this.opened = device
    this.#disarm()
    this.problem = ''
  }

  #disarm(): void {
    clearTimeout(this.#armedTimer)
    this.armed = ''
  }

  async #rename(event: SubmitEvent, device: string): Promise<void> {
    const name = takeField(event, 'name')
    if (name === '') return
    if (await this.#do(() => this.api.rename(device, name), text('phone.devices.badname'))) this.#open('')
  }

  async #unlink(device: string): Promise<void> {
    if (this.armed !== device) {
      this.armed = device
      this.#armedAt = performance.now()
      clearTimeout(this.#armedTimer)
      this.#armedTimer = setTimeout(() => this.#disarm(), ARMED_MS)
      return
    }
    if (performance.now() - this.#armedAt < DOUBLE_TAP_MS) return
    this.#disarm()
    await this.#do(() => this.api.unlink(device))
  }

  #unlinkAll = async (): Promise<void> => {
    await this.#do(() => this.api.unlinkAll())
    this.querySelector('dialog')?.close()
  }

  /** Does it and shows what is true afterwards. A device that is gone already is what was wanted. */
  async #do(call: () => ReturnType<PhoneApi['unlink']>, refused?: string): Promise<boolean> {
    this.busy = true
    const answer = await call()
    this.busy = false
    const failed = !answer.ok && answer.code !== 'not_found' ? answer : null
    this.problem = failed === null ? '' : this.#words(failed, refused)
    await this.#load()
    return failed === null
  }

  #words(failure: PhoneFailure, refused: string | undefined): string {
    if (failure.code === 'bad_request' && refused !== undefined) return refused
    return sayErrorLine(failure.code, failure.retryAfter)
  }
}

customElements.define('phone-devices', PhoneDevices)
