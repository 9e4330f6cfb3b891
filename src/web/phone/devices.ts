/** Linked devices: this phone, then a card for each; rename, unlink one, unlink all (S9). */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { PhoneApi } from '../../client/phone-api.ts'
import type { PhoneFailure } from '../../client/phone-http.ts'
import type { DeviceDetail } from '../../protocol/model.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import './device-card.ts'
import type { DeviceAct } from './device-card.ts'
import { PhoneElement } from './element.ts'
import { emblem, toneOf } from './emblem.ts'
import { sayError, sayErrorLine } from './words.ts'

/** Who is online is not told on the stream: the list is asked for again while somebody looks at it. */
const LOOK_AGAIN_MS = 30_000

export class PhoneDevices extends PhoneElement {
  static override properties = {
    api: { attribute: false },
    changes: { attribute: false },
    devices: { state: true },
    failure: { state: true },
    opened: { state: true },
    busy: { state: true },
    asking: { state: true },
    problem: { state: true },
    wrongName: { state: true },
    said: { state: true },
  }

  declare api: PhoneApi
  /** Counts up with every device event of the stream: the list is asked for again. */
  declare changes: number
  declare devices: DeviceDetail[] | null
  declare failure: PhoneFailure | null
  /** The device whose rename and unlink are shown. */
  declare opened: string
  declare busy: boolean
  /** Whether "Unlink all" asks. */
  declare asking: boolean
  declare problem: string
  /** Why the new name of the opened one was refused. */
  declare wrongName: string
  /** What was done, for who listens. */
  declare said: string

  #turn = 0

  constructor() {
    super()
    this.changes = 0
    this.devices = null
    this.failure = null
    this.opened = ''
    this.busy = false
    this.asking = false
    this.problem = ''
    this.wrongName = ''
    this.said = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const look = (): void => void (document.hidden || this.#load())
    const timer = setInterval(look, LOOK_AGAIN_MS)
    this.ends.addEventListener('abort', () => clearInterval(timer))
    document.addEventListener('visibilitychange', look, { signal: this.ends })
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
          <h1 class="title" tabindex="-1">${text('phone.devices')}</h1>
        </header>
        <div class="screen-body stack" aria-busy=${this.devices === null && this.failure === null}>
          ${this.problem === '' ? nothing : html`<p class="box danger" role="alert">${this.problem}</p>`}
          ${this.failure === null ? this.#list() : this.#failed(this.failure)}
        </div>
        <p class="visually-hidden" role="status">${this.said}</p>
        ${this.asking ? this.#askAll() : nothing}
      </section>
    `
  }

  #list(): TemplateResult | typeof nothing {
    const { devices } = this
    if (devices === null) return html`<p class="secondary waiting" role="status">${text('phone.loading')}</p>`
    if (devices.length === 0) {
      return html`
        <div class="notice">
          ${emblem('laptop', '', 'smartphone')}
          <h2 class="title">${text('phone.devices.empty.title')}</h2>
          <p class="secondary">${text('phone.devices.empty.body')}</p>
          <div class="actions">${this.#linkButton()}</div>
        </div>
      `
    }
    return html`
      <ul class="stack">
        <li class="card device">
          <span class="device-icon">${icon('smartphone')}</span>
          <span class="device-words">
            <b>${text('phone.devices.this')}</b>
            <span class="secondary">${text('phone.devices.here')}</span>
          </span>
        </li>
        ${repeat(
          devices,
          ({ id }) => id,
          (device) =>
            html`<li class="card">
              <phone-device-card
                .device=${device}
                ?opened=${this.opened === device.id}
                ?busy=${this.busy}
                wrong=${this.opened === device.id ? this.wrongName : ''}
                @input=${() => (this.wrongName = '')}
                @device-act=${({ detail }: CustomEvent<DeviceAct>) => this.#act(device, detail)}
              ></phone-device-card>
            </li>`,
        )}
      </ul>
      <button class="button quiet danger-text tall" type="button" ?disabled=${this.busy} @click=${this.#ask}>
        ${icon('unlink', 'small')}${text('phone.unlinkall.action')}
      </button>
      <div class="thumb-bar">${this.#linkButton()}</div>
    `
  }

  #linkButton(): TemplateResult {
    return html`<button class="button tall" type="button" @click=${() => this.emit('phone-go', { screen: 'scan' })}>
      ${icon('scan-qr-code')}${text('phone.link')}
    </button>`
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
        ${emblem(name, toneOf(name))}
        <h2 class="title">${title}</h2>
        ${body === '' ? nothing : html`<p class="secondary">${body}</p>`}
        <div class="actions">
          <button class="button tall" type="button" @click=${this.#load}>${text('phone.again')}</button>
        </div>
      </div>
    `
  }

  #load = async (): Promise<void> => {
    const mine = ++this.#turn
    const answer = await this.api.devices()
    if (mine !== this.#turn) return
    if (answer.ok) this.devices = answer.value
    // A list that is a minute old says more than a failure.
    else if (this.devices !== null && this.failure === null) return
    this.failure = answer.ok ? null : answer
  }

  #ask = (): void => {
    this.asking = true
  }

  #act(device: DeviceDetail, act: DeviceAct): void {
    this.problem = ''
    this.wrongName = ''
    this.said = ''
    if (act.what === 'open') this.opened = act.open ? device.id : ''
    else if (act.what === 'rename') void this.#rename(device, act.name)
    else void this.#unlink(device)
  }

  async #rename({ id }: DeviceDetail, name: string): Promise<void> {
    const failed = await this.#do(() => this.api.rename(id, name))
    if (failed?.code === 'bad_request') this.wrongName = text('phone.devices.badname')
    else if (failed !== null) this.#fail(failed)
    if (failed !== null) return
    this.opened = ''
    this.said = text('phone.devices.renamed', { name })
    this.querySelector<HTMLElement>('phone-device-card[opened]')?.focus()
  }

  async #unlink({ id, name }: DeviceDetail): Promise<void> {
    const failed = await this.#do(() => this.api.unlink(id))
    if (failed === null) this.#gone(text('phone.devices.unlinked', { name }))
    else this.#fail(failed)
  }

  #unlinkAll = async (): Promise<void> => {
    const failed = await this.#do(() => this.api.unlinkAll())
    this.querySelector('dialog')?.close()
    if (failed === null) this.#gone(text('phone.unlinkall.done'))
    else this.#fail(failed)
  }

  /** What had the focus is gone: it goes to the top, not to the page's very beginning. */
  #gone(words: string): void {
    this.said = words
    void this.updateComplete.then(() => this.querySelector('h1')?.focus())
  }

  /** Does it and shows what is true afterwards. A device that is gone already is what was wanted. @returns what failed */
  async #do(call: () => ReturnType<PhoneApi['unlink']>): Promise<PhoneFailure | null> {
    this.busy = true
    const answer = await call()
    this.busy = false
    await this.#load()
    return !answer.ok && answer.code !== 'not_found' ? answer : null
  }

  #fail({ code, retryAfter }: PhoneFailure): void {
    this.problem = sayErrorLine(code, retryAfter)
  }
}

customElements.define('phone-devices', PhoneDevices)
