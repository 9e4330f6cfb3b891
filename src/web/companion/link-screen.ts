/** Everything before the chats: the code, what the phone does with it, and every way in which that can fail. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CodeNote, CompanionState } from '../../client/companion-state.ts'
import { formatCountdown, secondsLeft } from '../shared/format.ts'
import { icon, mark } from '../shared/icon.ts'
import { PageElement } from '../shared/page-element.ts'
import '../shared/settings-button.ts'
import { text, useEnglish } from '../shared/text.ts'
import { link } from '../strings/en/link.ts'
import { fitPicture, loadPicture } from './code-picture.ts'
import { button, gateNotice, notice, unlinkedKey, withName, type Gate } from './link-notices.ts'

/** "Getting a code…" appears only when there is something to wait for. */
const CONNECTING_SHOWN_MS = 1_000
const SLOW_MS = 10_000
/** After this many failures in a row it is not the person's connection. */
const SERVER_FAILURES = 3

useEnglish(link)

export class LinkScreen extends PageElement {
  static override properties: PropertyDeclarations = {
    gate: { attribute: false },
    client: { attribute: false },
    state: { attribute: false },
    offline: { attribute: false },
    failed: { attribute: false },
    picture: { state: true },
    waited: { state: true },
  }

  declare gate: Gate | null
  declare client: CompanionClient | null
  declare state: CompanionState | null
  declare offline: boolean
  /** The script of the chats could not be loaded. */
  declare failed: boolean
  /** What goes on after "Link anyway" and "Show a code anyway". */
  onProceed: () => void = () => undefined
  declare private picture: HTMLImageElement | null
  /** Milliseconds in the present view. */
  declare private waited: number
  #shownImage = ''
  #loading: AbortController | null = null
  #viewSince = 0
  #viewName = ''
  #tick: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.gate = null
    this.client = null
    this.state = null
    this.offline = false
    this.failed = false
    this.picture = null
    this.waited = 0
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // Zooming changes the pixels of the device, and says so as a resize.
    addEventListener('resize', this.#fit, { signal: this.ends })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#tick)
    this.#loading?.abort()
  }

  protected override willUpdate(): void {
    const name = this.gate ?? this.state?.view.name ?? 'connecting'
    if (name !== this.#viewName) {
      this.#viewName = name
      this.#viewSince = Date.now()
      this.waited = 0
    }
    const view = this.state?.view
    if (view?.name === 'code') this.#follow(view.code.image)
    else this.#forgetPicture()
    this.#keepTime()
  }

  protected override updated(): void {
    this.#fit()
  }

  protected override render(): TemplateResult {
    return html`
      <header class="link-header">
        <span class="brand">${mark()} ${text('app.name')}</span><settings-button small></settings-button>
      </header>
      <main class="link-main">
        <div class="panel">${this.#content()}</div>
      </main>
      <p class="visually-hidden" role="status">${this.#spoken()}</p>
    `
  }

  #content(): TemplateResult | typeof nothing {
    if (this.gate !== null) return gateNotice(this.gate, () => this.onProceed())
    const view = this.state?.view ?? { name: 'connecting' as const }
    switch (view.name) {
      case 'connecting':
        return this.#connecting()
      case 'code':
        return this.#withSteps(this.#code(view.code.expiresAt - view.code.issuedAt, view.last), view.note)
      case 'idle':
        return this.#withSteps(
          this.#state('clock', 'link.idle', [button('link.idle.action', () => this.client?.wake())]),
        )
      case 'scanned':
        return this.#withSteps(view.match === null ? this.#scanned() : this.#match(view.match))
      case 'linked':
        return this.#linked(view.account.name)
      case 'elsewhere':
        return notice('monitor', text('app.elsewhere.title'), null, [
          button('app.elsewhere.action', () => this.client?.wake()),
        ])
      case 'unlinked':
        return this.#unlinked(view.reason)
      case 'origin':
        return notice('shield-alert', text('link.origin.title'), text('link.origin.body'))
      case 'fault':
        return notice('triangle-alert', text('link.server.title'), text('link.fault.body'), [
          button('link.fault.action', () => location.reload()),
        ])
    }
  }

  #connecting(): TemplateResult {
    const connection = this.state?.connection
    if (this.offline) return notice('wifi-off', text('link.offline.title'), text('link.offline.body'))
    if (connection?.name === 'waiting') {
      const left = connection.retryAt - Date.now()
      if (connection.reason === 'rate_limited') {
        return notice(
          'clock',
          text('link.rate_limited.title'),
          text('link.rate_limited.body', { time: formatCountdown(left) }),
        )
      }
      const action = [button('link.reconnecting.action', () => this.client?.tryNow())]
      if (connection.failures >= SERVER_FAILURES) {
        return notice('triangle-alert', text('link.server.title'), text('link.server.body'), action)
      }
      const body = text('link.reconnecting.body', { n: secondsLeft(left) })
      return notice('wifi-off', text('link.reconnecting.title'), body, action)
    }
    const words = this.waited >= CONNECTING_SHOWN_MS ? text('link.connecting') : ''
    return this.#withSteps(html`<div class="code-box waiting"><p class="caption">${words}</p></div>`)
  }

  #code(lifeMs: number, last: boolean): TemplateResult {
    return html`
      <div class="code-box code">
        ${
          this.picture ??
          html`<p class="caption">${this.waited >= CONNECTING_SHOWN_MS ? text('link.connecting') : ''}</p>`
        }
      </div>
      ${
        last
          ? html`<div class="last">
              <span>${text('link.last.title')}</span>
              <button class="button quiet" type="button" @click=${() => this.client?.wake()}>
                ${text('link.last.action')}
              </button>
            </div>`
          : html`<p class="caption under">${text('link.caption', { n: Math.round(lifeMs / 1000) })}</p>`
      }
    `
  }

  #scanned(): TemplateResult {
    return this.#state('smartphone', 'link.scanned', [
      button('link.scanned.action', () => this.client?.wake(), 'outline'),
    ])
  }

  #match(digits: string): TemplateResult {
    return html`<div class="code-box state">
      <p class="caption">${text('link.match.title')}</p>
      <p class="digits"><bdi>${digits}</bdi></p>
      ${button('link.match.action', () => this.client?.wake(), 'outline')}
    </div>`
  }

  #linked(name: string): TemplateResult {
    const slow = this.failed || this.waited >= SLOW_MS
    return html`<div class="notice">
      ${icon('check', 'large')}
      <h1 class="title">${withName('link.linked.title', name)}</h1>
      <p class="secondary">
        ${this.failed ? text('link.server.title') : text(slow ? 'link.linked.slow' : 'link.linked.body')}
      </p>
      ${slow ? button('link.linked.action', () => location.reload()) : nothing}
    </div>`
  }

  #unlinked(reason: string | null): TemplateResult {
    const key = unlinkedKey(reason)
    const body = reason === key ? text(`app.unlinked.${key}.body`) : text('app.unlinked.unknown.body')
    return notice('unlink', text(`app.unlinked.${key}.title`), body, [
      button('app.unlinked.action', () => this.client?.wake()),
    ])
  }

  /** The panel of two columns: what to do, and in the code's place what stands there now. */
  #withSteps(right: TemplateResult, note: CodeNote | null = null): TemplateResult {
    return html`
      <div class="steps">
        <h1 class="screen-title">${text('link.ready.title')}</h1>
        ${
          note === null
            ? nothing
            : html`<div class="box">
                ${icon('triangle-alert')}
                <p><strong>${text(`link.${note}.title`)}</strong><br />${text(`link.${note}.body`)}</p>
              </div>`
        }
        <ol>
          <li>${text('link.ready.step1')}</li>
          <li>${text('link.ready.step2')}</li>
          <li>${text('link.ready.step3')}</li>
        </ol>
        <label class="check">
          <input
            type="checkbox"
            .checked=${this.state?.keep ?? true}
            ?disabled=${this.state === null}
            @change=${this.#onKeep}
          />
          <span>${text('link.keep.label')}<small>${text('link.keep.hint')}</small></span>
        </label>
        <p class="caution">${icon('shield-alert')} <span>${text('link.warning')}</span></p>
      </div>
      <div class="code-column">${right}</div>
    `
  }

  #state(name: string, key: 'link.idle' | 'link.scanned', actions: TemplateResult[]): TemplateResult {
    return html`<div class="code-box state">
      ${icon(name, 'large')}
      <h2 class="title">${text(`${key}.title`)}</h2>
      <p class="secondary">${text(`${key}.body`)}</p>
      ${actions}
    </div>`
  }

  #onKeep = (event: Event): void => this.client?.setKeep((event.target as HTMLInputElement).checked)

  /** Said aloud when the state changes; a code that only rotates says nothing. */
  #spoken(): string {
    const view = this.state?.view
    if (this.gate !== null) return text(`link.${this.gate}.title`)
    if (view?.name === 'code') return view.note === null ? text('link.ready.title') : text(`link.${view.note}.title`)
    if (view?.name === 'idle') return text('link.idle.title')
    if (view?.name === 'scanned') {
      return view.match === null ? text('link.scanned.title') : `${text('link.match.title')}: ${view.match}`
    }
    if (view?.name === 'linked') return text('link.linked.title', { name: view.account.name })
    if (view?.name === 'elsewhere') return text('app.elsewhere.title')
    if (view?.name === 'unlinked') return text(`app.unlinked.${unlinkedKey(view.reason)}.title`)
    if (view?.name === 'connecting' && this.offline) return text('link.offline.title')
    if (this.state?.connection.name === 'waiting') return text('link.reconnecting.title')
    return ''
  }

  #follow(image: string): void {
    if (image === this.#shownImage) return
    this.#shownImage = image
    this.#loading?.abort()
    this.#loading = new AbortController()
    const { signal } = this.#loading
    void this.#showPicture(image, signal)
  }

  /** The old code stays on the screen until the new one can be painted whole. */
  async #showPicture(image: string, signal: AbortSignal): Promise<void> {
    const picture = await loadPicture(image, text('link.code.alt'), signal)
    if (!signal.aborted) this.picture = picture
  }

  #fit = (): void => {
    const box = this.picture?.parentElement
    if (this.picture && box) fitPicture(this.picture, box.clientWidth)
  }

  #forgetPicture(): void {
    this.#loading?.abort()
    this.#shownImage = ''
    this.picture = null
  }

  /** A clock only where something on the screen runs with it. */
  #keepTime(): void {
    const name = this.state?.view.name ?? 'connecting'
    const runs = this.gate === null && (name === 'connecting' || name === 'linked' || this.picture === null)
    if (runs && this.#tick === undefined) {
      this.#tick = setInterval(() => {
        this.waited = Date.now() - this.#viewSince
        this.requestUpdate()
      }, 500)
    } else if (!runs && this.#tick !== undefined) {
      clearInterval(this.#tick)
      this.#tick = undefined
    }
  }
}

customElements.define('link-screen', LinkScreen)
