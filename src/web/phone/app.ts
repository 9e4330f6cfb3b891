/**
 * The phone page: who is signed in and which screen is shown. Screens are entries of the history, so that the system's
 * Back goes where people expect. A linking's course is in `linking-flow.ts`, the stream's wiring in `account-stream.ts`.
 */
import { html, nothing, type TemplateResult } from 'lit'
import { createPhoneApi, type PhoneApi } from '../../client/phone-api.ts'
import { createPhoneSession, type PhoneSession, type StoredSession } from '../../client/phone-session.ts'
import { text, useEnglish } from '../shared/text.ts'
import { phone } from '../strings/en/phone.ts'
import { createAccountStream, type AccountStream } from './account-stream.ts'
import { createSessionLock, createSessionStore, sleep } from './browser.ts'
import type { ConfirmAct } from './confirm.ts'
import { createDeviceNotices, type DeviceNotices } from './device-notices.ts'
import { PhoneElement, type PhoneEvents } from './element.ts'
import { createKeptStream, type KeptStream } from './kept-stream.ts'
import { createLinkingFlow, type LinkingFlow, type LinkingView } from './linking-flow.ts'
import { HOME, readScreen, writeScreen, type Screen } from './screens.ts'
import './confirm.ts'
import './devices.ts'
import './home.ts'
import './linked-notice.ts'
import './profile.ts'
import './sign-in.ts'

useEnglish(phone)

export class PhoneApp extends PhoneElement {
  static override properties = {
    arrived: { attribute: false },
    session: { state: true },
    screen: { state: true },
    reason: { state: true },
  }

  /** The token that the page was opened with, from the system's camera; null for none, empty for one that is malformed. */
  declare arrived: string | null
  declare session: StoredSession | null
  declare screen: Screen
  declare reason: string

  #phone: PhoneSession
  #api: PhoneApi
  #kept: KeptStream
  #notices: DeviceNotices
  #flow: LinkingFlow
  #account: AccountStream

  constructor() {
    super()
    const transport = { origin: location.origin, fetch: (url: string, init: RequestInit) => fetch(url, init) }
    const store = createSessionStore((session) => this.#sessionIs(session))
    this.#phone = createPhoneSession({
      transport,
      store,
      lock: createSessionLock(),
      now: () => Date.now(),
      sleep,
      onChange: (session) => this.#sessionIs(session),
    })
    this.#api = createPhoneApi(transport, this.#phone)
    this.#notices = createDeviceNotices(this.#api, () => this.requestUpdate())
    this.#flow = createLinkingFlow({
      api: this.#api,
      onChange: () => this.requestUpdate(),
      go: (screen) => this.#go(screen),
      onLinked: (device) => this.#notices.dismiss(device),
    })
    this.#account = createAccountStream({
      session: this.#phone,
      api: this.#api,
      onChange: () => this.requestUpdate(),
      onDevice: (device, linked) => this.#notices.changed(device, linked, this.#flow.isAbout(device.id)),
    })
    this.#kept = createKeptStream(this.#account.client, this.ends)
    this.arrived = null
    this.session = this.#phone.current()
    this.screen = HOME
    this.reason = ''
  }

  /** What the confirm screen shows. */
  get linking(): LinkingView {
    return this.#flow.view
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const { ends: signal } = this
    addEventListener('popstate', ({ state }) => this.#show(readScreen(state)), { signal })
    addEventListener('online', () => this.#dial(), { signal })
    document.addEventListener('visibilitychange', () => document.hidden || this.#dial(), { signal })
    this.#hear('phone-go', (screen) => this.#go(screen))
    this.#hear('phone-back', () => this.#home())
    this.#hear('phone-code', (code) => this.#flow.begin(code))
    this.#hear('phone-sign-out', () => void this.#signOut())
    writeScreen(HOME, this.screen)
    if (this.arrived !== null) this.#flow.arrive(this.arrived, this.session !== null)
    this.#dial()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#account.client.close()
  }

  protected override render(): TemplateResult {
    const { session } = this
    if (session === null) {
      return html`<main>
        <phone-sign-in
          .session=${this.#phone}
          reason=${this.#flow.waits ? text('phone.signin.linking') : this.reason}
        ></phone-sign-in>
      </main>`
    }
    const { account } = session
    switch (this.screen.screen) {
      case 'scan':
        return html`<main>
          <phone-scan notice=${this.screen.notice ?? ''} ?entering=${this.screen.entering}></phone-scan>
        </main>`
      case 'confirm':
        return html`<main>
          <phone-confirm
            .view=${this.linking}
            @confirm-act=${(event: CustomEvent<ConfirmAct>) => void this.#flow.act(event.detail)}
          ></phone-confirm>
        </main>`
      case 'devices':
        return html`<main>
          <phone-devices .api=${this.#api} .changes=${this.#account.deviceChanges}></phone-devices>
          ${this.#noticeBar()}
        </main>`
      case 'profile':
        return html`<main>
          <phone-profile
            .api=${this.#api}
            .account=${account}
            .stream=${this.#account.client.stream}
            @profile-named=${({ detail }: CustomEvent<string>) =>
              void this.#phone.keepAccount({ ...account, name: detail })}
          ></phone-profile>
          ${this.#noticeBar()}
        </main>`
      default:
        return html`<phone-home
            .account=${account}
            .stream=${this.#account.client.stream}
            .connection=${this.#account.connection}
            .drafts=${this.#kept.drafts}
            conversation=${this.screen.screen === 'chat' ? this.screen.conversation : ''}
            @home-dial=${() => this.#account.client.connect()}
          ></phone-home>
          ${this.#noticeBar()}`
    }
  }

  #noticeBar(): TemplateResult | typeof nothing {
    const { notice } = this.#notices
    if (notice === null) return nothing
    return html`<phone-linked-notice
      .notice=${notice}
      @notice-ok=${() => this.#notices.dismiss()}
      @notice-unlink=${() => void this.#notices.unlink()}
    ></phone-linked-notice>`
  }

  #hear<K extends keyof PhoneEvents>(type: K, take: (detail: PhoneEvents[K]) => void): void {
    this.addEventListener(type, (event) => take((event as CustomEvent<PhoneEvents[K]>).detail), { signal: this.ends })
  }

  #sessionIs(session: StoredSession | null): void {
    const before = this.session
    this.session = session
    if (session?.account.id !== before?.account.id) {
      if (before !== null) this.#kept.end()
      this.#notices.dismiss()
      if (session === null) this.#ended()
      else this.#signedIn()
    }
  }

  /** Signed out, here or elsewhere: nothing of the account stays on the screen. A code that waits is kept. */
  #ended(): void {
    this.reason = text('phone.signin.ended')
    this.#flow.signedOut(this.screen.screen === 'confirm')
    writeScreen(HOME, this.screen)
    this.#show(HOME)
  }

  async #signOut(): Promise<void> {
    const chosen = this.screen.screen === 'profile'
    const ending = this.#phone.signOut()
    if (chosen) this.reason = ''
    await ending
  }

  #signedIn(): void {
    this.reason = ''
    this.#dial()
    this.#flow.signedIn()
  }

  #go(screen: Screen): void {
    if (screen.screen === 'scan') void import('./scan.ts')
    writeScreen(screen, this.screen)
    this.#show(screen)
  }

  #home(): void {
    if (this.screen.screen === 'home') return
    history.back()
  }

  #show(screen: Screen): void {
    if (screen.screen !== 'confirm' && this.session !== null) this.#flow.leave()
    this.screen = screen
  }

  #dial(): void {
    if (this.session !== null) void this.#kept.connect(this.session.account.id)
  }
}

customElements.define('phone-app', PhoneApp)
