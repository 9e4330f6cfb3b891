/**
 * The phone page: who is signed in, which screen is shown, one linking at a time, and the account's stream.
 * Screens are entries of the history, so that the system's Back goes where people expect.
 */
import { html, nothing, type TemplateResult } from 'lit'
import { createLinking, type Linking, type LinkingState } from '../../client/phone-linking.ts'
import { deviceOfToken } from '../../client/phone-link.ts'
import { createPhoneApi, type PhoneApi } from '../../client/phone-api.ts'
import { createPhoneSession, type PhoneSession, type StoredSession } from '../../client/phone-session.ts'
import { createPhoneStream } from '../../client/phone-stream.ts'
import type { ConnectionState } from '../../client/connection.ts'
import type { StreamClient } from '../../client/stream-client.ts'
import type { StreamFrame } from '../../protocol/frames.ts'
import { text, useEnglish } from '../shared/text.ts'
import { phone } from '../strings/en/phone.ts'
import { createSessionLock, createSessionStore, sleep } from './browser.ts'
import type { ConfirmAct } from './confirm.ts'
import { createKeptStream, type KeptStream } from './kept-stream.ts'
import { createDeviceNotices, type DeviceNotices } from './device-notices.ts'
import { PhoneElement, type PhoneEvents } from './element.ts'
import { HOME, readScreen, writeScreen, type Screen } from './screens.ts'
import { sayErrorLine } from './words.ts'
import './confirm.ts'
import './devices.ts'
import './home.ts'
import './linked-notice.ts'
import './profile.ts'
import './sign-in.ts'

useEnglish(phone)

type Code = { token: string } | { code: string }

export class PhoneApp extends PhoneElement {
  static override properties = {
    arrived: { attribute: false },
    session: { state: true },
    screen: { state: true },
    linkingState: { state: true },
    linkFailure: { state: true },
    deviceCount: { state: true },
    connection: { state: true },
    deviceChanges: { state: true },
    reason: { state: true },
  }

  /** The token that the page was opened with, from the system's camera; null for none, empty for one that is malformed. */
  declare arrived: string | null
  declare session: StoredSession | null
  declare screen: Screen
  declare linkingState: LinkingState
  declare linkFailure: string
  declare deviceCount: number
  declare connection: ConnectionState
  declare deviceChanges: number
  declare reason: string

  #phone: PhoneSession
  #api: PhoneApi
  #stream: StreamClient
  #kept: KeptStream
  #notices: DeviceNotices
  #linking: Linking | null = null
  /** What the linking under way is about. Its token never leaves memory. */
  #code: Code | null = null
  /** A code waits for the sign-in, and may have changed by then. */
  #waited = false

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
    this.#stream = createPhoneStream({
      origin: location.origin,
      session: this.#phone,
      api: this.#api,
      openSocket: (url, protocols) => new WebSocket(url, protocols),
      now: () => Date.now(),
      onFrame: (frame) => this.#frame(frame),
      onConnection: (state) => {
        this.connection = state
      },
    })
    this.#kept = createKeptStream(this.#stream, this.ends)
    this.arrived = null
    this.session = this.#phone.current()
    this.screen = HOME
    this.linkingState = { step: 'asking' }
    this.linkFailure = ''
    this.deviceCount = 0
    this.connection = { name: 'closed' }
    this.deviceChanges = 0
    this.reason = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const { ends: signal } = this
    addEventListener('popstate', ({ state }) => this.#show(readScreen(state)), { signal })
    addEventListener('online', () => this.#dial(), { signal })
    document.addEventListener('visibilitychange', () => document.hidden || this.#dial(), { signal })
    this.#hear('phone-go', (screen) => this.#go(screen))
    this.#hear('phone-back', () => this.#home())
    this.#hear('phone-code', (code) => this.#link(code))
    this.#hear('phone-sign-out', () => void this.#signOut())
    writeScreen(HOME, this.screen)
    if (this.arrived !== null) this.#arrive(this.arrived)
    this.#dial()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stream.close()
  }

  protected override render(): TemplateResult {
    const { session } = this
    if (session === null) {
      return html`<main>
        <phone-sign-in
          .session=${this.#phone}
          reason=${this.#code === null ? this.reason : text('phone.signin.linking')}
        ></phone-sign-in>
      </main>`
    }
    const { account } = session
    switch (this.screen.screen) {
      case 'scan':
        return html`<main><phone-scan notice=${this.screen.notice ?? ''}></phone-scan></main>`
      case 'confirm':
        return html`<main>
          <phone-confirm
            .state=${this.linkingState}
            failure=${this.linkFailure}
            .deviceCount=${this.deviceCount}
            @confirm-act=${(event: CustomEvent<ConfirmAct>) => this.#act(event.detail)}
          ></phone-confirm>
        </main>`
      case 'devices':
        return html`<main>
          <phone-devices .api=${this.#api} .changes=${this.deviceChanges}></phone-devices>
          ${this.#noticeBar()}
        </main>`
      case 'profile':
        return html`<main>
          <phone-profile
            .api=${this.#api}
            .account=${account}
            .stream=${this.#stream.stream}
            @profile-named=${({ detail }: CustomEvent<string>) =>
              void this.#phone.keepAccount({ ...account, name: detail })}
          ></phone-profile>
          ${this.#noticeBar()}
        </main>`
      default:
        return html`<phone-home
            .account=${account}
            .stream=${this.#stream.stream}
            .connection=${this.connection}
            .drafts=${this.#kept.drafts}
            conversation=${this.screen.screen === 'chat' ? this.screen.conversation : ''}
            @home-dial=${() => this.#stream.connect()}
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
    if (this.screen.screen !== 'confirm') this.#code = null
    this.#waited = this.#code !== null
    this.#linking?.close()
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
    if (this.#code !== null) this.#link(this.#code)
  }

  #arrive(token: string): void {
    if (token === '') {
      this.linkingState = { step: 'failed', code: 'link_token_invalid' }
      this.#go({ screen: 'confirm' })
    } else if (this.session === null) {
      this.#code = { token }
      this.#waited = true
    } else this.#link({ token })
  }

  #link(code: Code): void {
    this.#linking?.close()
    this.#code = code
    this.linkFailure = ''
    this.#linking = createLinking(code, {
      api: this.#api,
      now: () => Date.now(),
      sleep,
      onState: (state) => this.#linkingIs(state),
    })
    this.#go({ screen: 'confirm' })
    void this.#linking.start()
  }

  #linkingIs(state: LinkingState): void {
    this.linkingState = state
    if (state.step === 'confirm') this.#waited = false
    if (state.step === 'failed' && state.code === 'too_many_devices') void this.#count()
    if (state.step === 'done') this.#notices.dismiss(state.device)
    // What was scanned before the sign-in is old by now: straight on to the next scan, and say why.
    if (this.#waited && state.step === 'failed' && state.code === 'link_token_invalid') {
      this.#waited = false
      this.#go({ screen: 'scan', notice: sayErrorLine(state.code) })
    }
  }

  async #count(): Promise<void> {
    const answer = await this.#api.devices()
    this.deviceCount = answer.ok ? answer.value.length : 0
  }

  async #act({ what, match }: ConfirmAct): Promise<void> {
    const linking = this.#linking
    if (linking === null) return
    this.linkFailure = ''
    if (what === 'approve') await linking.approve(match)
    else if (what === 'undo') {
      const answer = await linking.undo()
      if (!answer.ok) this.linkFailure = sayErrorLine(answer.code, answer.retryAfter)
    } else await linking[what]()
  }

  #frame(frame: StreamFrame): void {
    if (frame.type === 'snapshot') void this.#phone.keepAccount(frame.account)
    if (frame.type !== 'event') return
    const { event } = frame
    if (event.kind === 'profile') void this.#phone.keepAccount(event.account)
    if (event.kind !== 'device') return
    this.deviceChanges++
    this.#notices.changed(event.device, event.linked, this.#isBeingLinked(event.device.id))
  }

  /** What this very phone is linking is on its screen already. */
  #isBeingLinked(device: string): boolean {
    if (this.screen.screen !== 'confirm') return false
    const state = this.linkingState
    if (state.step === 'done') return state.device === device
    return this.#code !== null && 'token' in this.#code && deviceOfToken(this.#code.token) === device
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
    if (screen.screen !== 'confirm' && this.session !== null) {
      this.#linking?.close()
      this.#linking = null
      this.#code = null
    }
    this.screen = screen
  }

  #dial(): void {
    if (this.session !== null) void this.#kept.connect(this.session.account.id)
  }
}

customElements.define('phone-app', PhoneApp)
