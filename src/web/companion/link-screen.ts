/** Everything before the chats: the code, what the phone does with it, and every way in which that can fail. */
import { html, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CompanionState, CompanionView } from '../../client/companion-state.ts'
import { mark } from '../shared/icon.ts'
import { PageElement } from '../shared/page-element.ts'
import '../shared/settings-button.ts'
import { text, useEnglish } from '../shared/text.ts'
import { link } from '../strings/en/link.ts'
import './link-code.ts'
import { button, gateNotice, notice, reload, troubleNotice, troubleOf, unlinkedNotice } from './link-notices.ts'
import { idleBox, matchBox, scannedBox, stepsPanel, waitingBox } from './link-panel.ts'
import { chatsSkeleton, linkedNotice } from './link-skeleton.ts'
import { createSpoken } from './link-spoken.ts'
import { typedPanel } from './link-typed.ts'
import type { Session } from './session.ts'

/** "Getting a code…" appears only when there is something to wait for. */
const WAITING_SHOWN_MS = 1_000
const SLOW_MS = 10_000
const TICK_MS = 500

useEnglish(link)

export class LinkScreen extends PageElement {
  static override properties: PropertyDeclarations = {
    session: { attribute: false },
    failed: { attribute: false },
  }

  declare session: Session
  /** The script of the chats could not be loaded. */
  declare failed: boolean
  /** The chats do not come, and the person wants them tried again. */
  onAgain: () => void = () => undefined
  #viewSince = 0
  #viewName = ''
  #tick: ReturnType<typeof setInterval> | undefined
  readonly #spoken = createSpoken()
  #words = ''

  constructor() {
    super()
    this.failed = false
  }

  /** Null before there is a socket. */
  get client(): CompanionClient | null {
    return this.session.client
  }

  get state(): CompanionState | null {
    return this.client?.state ?? null
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#tick)
    this.#tick = undefined
  }

  protected override willUpdate(): void {
    const name = this.session.gate ?? this.#view.name
    if (name !== this.#viewName) {
      // The first wait began when the page was asked for.
      this.#viewSince = Date.now() - (this.#viewName === '' ? performance.now() : 0)
      this.#viewName = name
    }
    this.#keepTime()
  }

  protected override firstUpdated(): void {
    // Words that are there from the start are not read: they come when the region does.
    this.requestUpdate()
  }

  /** What had the focus may be gone with its state: then the title of the next has it, and Tab goes on from there. */
  protected override update(changed: Map<PropertyKey, unknown>): void {
    const focused = this.contains(document.activeElement)
    super.update(changed)
    if (focused && !this.contains(document.activeElement)) {
      this.querySelector<HTMLElement>('.code-box [tabindex], h1[tabindex], .code-box')?.focus()
    }
  }

  protected override render(): TemplateResult {
    if (this.hasUpdated) this.#words = this.#spoken(this.#moment)
    return html`${this.#content()}
      <p class="visually-hidden" role="status">${this.#words}</p>`
  }

  #content(): TemplateResult {
    const { gate, client } = this.session
    const view = this.#view
    if (view.name === 'linked') {
      return chatsSkeleton(view.account, linkedNotice(view.account, this.#loading, this.#again))
    }
    if (gate === null && view.name === 'connecting' && client?.state.linked) return this.#returning()
    return html`
      <header class="link-header">
        <span class="brand">${mark()} ${text('app.name')}</span><settings-button small></settings-button>
      </header>
      <main class="link-main">
        <div class="panel">${gate === null ? this.#inPanel(view) : gateNotice(gate, this.#proceed)}</div>
      </main>
    `
  }

  #inPanel(view: Exclude<CompanionView, { name: 'linked' }>): TemplateResult {
    const { client, offline } = this.session
    const trouble = troubleOf(client?.state, offline)
    if (trouble !== null) return troubleNotice(trouble, { client, linked: false, now: Date.now() })
    switch (view.name) {
      case 'connecting':
        return stepsPanel(waitingBox(this.#waited >= WAITING_SHOWN_MS), client)
      case 'code':
        return stepsPanel(this.#code(view), client, { note: view.note })
      case 'idle':
        return stepsPanel(idleBox(client), client)
      case 'typed':
        return typedPanel(view, client, Date.now())
      case 'scanned': {
        return view.match === null
          ? stepsPanel(scannedBox(client), client, { progress: 'approve' })
          : stepsPanel(matchBox(view.match, client), client, { progress: 'match' })
      }
      case 'elsewhere':
        return notice('monitor', text('app.elsewhere.title'), null, [
          button('app.elsewhere.action', () => client?.wake()),
        ])
      case 'unlinked':
        return unlinkedNotice(view.reason, () => client?.wake())
      case 'origin':
        return notice('shield-alert', text('link.origin.title'), text('link.origin.body'))
      case 'fault':
        return notice('triangle-alert', text('link.server.title'), text('link.fault.body'), [reload()])
    }
  }

  /** A linked browser that has just been opened: what it waits for are the chats. */
  #returning(): TemplateResult {
    const { client, offline } = this.session
    const trouble = troubleOf(client?.state, offline)
    return chatsSkeleton(
      null,
      trouble === null
        ? linkedNotice(null, this.#loading, this.#again)
        : troubleNotice(trouble, { client, linked: true, now: Date.now() }),
    )
  }

  #code(view: CompanionView & { name: 'code' }): TemplateResult {
    const { pictures, client } = this.session
    return html`<link-code
      .view=${view}
      .picture=${pictures.current}
      .slow=${this.#waited >= WAITING_SHOWN_MS}
      .onKeepShowing=${() => client?.wake()}
    ></link-code>`
  }

  get #view(): CompanionView {
    return this.session.client?.state.view ?? { name: 'connecting' }
  }

  /** Milliseconds in the present view. */
  get #waited(): number {
    return Date.now() - this.#viewSince
  }

  get #loading(): 'loading' | 'slow' | 'failed' {
    return this.failed ? 'failed' : this.#waited >= SLOW_MS ? 'slow' : 'loading'
  }

  get #moment(): Parameters<ReturnType<typeof createSpoken>>[0] {
    const { gate, client, offline } = this.session
    return {
      gate,
      state: client?.state ?? null,
      offline,
      waiting: this.#waited >= WAITING_SHOWN_MS,
      slow: this.#loading !== 'loading',
      now: Date.now(),
    }
  }

  #proceed = (): void => this.session.proceed()

  #again = (): void => {
    this.#viewSince = Date.now()
    this.onAgain()
  }

  /** A clock only where something on the screen runs with it. */
  #keepTime(): void {
    const { gate, pictures } = this.session
    const { name } = this.#view
    const runs =
      gate === null &&
      (name === 'connecting' || name === 'linked' || name === 'typed' || (name === 'code' && pictures.current === null))
    if (runs) this.#tick ??= setInterval(() => this.requestUpdate(), TICK_MS)
    else {
      clearInterval(this.#tick)
      this.#tick = undefined
    }
  }
}

customElements.define('link-screen', LinkScreen)
