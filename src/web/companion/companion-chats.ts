/** The linked companion: the chats, whose account they are, and signing out. Loaded once a phone has approved. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CompanionState } from '../../client/companion-state.ts'
import type { AccountCard } from '../../protocol/model.ts'
import { ask } from '../shared/ask.ts'
import { avatar } from '../shared/avatar.ts'
import { ChatsView } from '../shared/chats-view.ts'
import { isSameNumber, secondsLeft } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { define, PageElement } from '../shared/page-element.ts'
import { text } from '../shared/text.ts'
import { withName } from './link-notices.ts'

define('chats-view', ChatsView)

export class CompanionChats extends PageElement {
  static override properties: PropertyDeclarations = {
    client: { attribute: false },
    state: { attribute: false },
    offline: { attribute: false },
  }

  declare client: CompanionClient
  declare state: CompanionState
  declare offline: boolean
  #unsubscribe: (() => void) | null = null
  #tick: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.offline = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // The account's name may change while it is shown.
    this.#unsubscribe = this.client.stream.subscribe(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
    clearInterval(this.#tick)
    this.#tick = undefined
  }

  protected override willUpdate(): void {
    const counting = this.state.connection.name === 'waiting' && !this.offline
    if (counting) this.#tick ??= setInterval(() => this.requestUpdate(), 1000)
    else {
      clearInterval(this.#tick)
      this.#tick = undefined
    }
  }

  protected override render(): TemplateResult {
    return html`<chats-view
      .label=${text('app.account', { name: this.#account.name })}
      .stream=${this.client.stream}
      .head=${this.#head()}
      .banner=${this.#banner()}
      .maySend=${this.#maySend}
    ></chats-view>`
  }

  get #account(): AccountCard {
    const { view } = this.state
    return this.client.stream.state.account ?? (view.name === 'linked' ? view.account : { id: '', name: '' })
  }

  #head(): TemplateResult {
    const { name, number, avatar: picture } = this.#account
    return html`
      ${avatar(name, picture, 'small')}
      <div class="side-account">
        <p class="title"><bdi>${name}</bdi></p>
        ${number === undefined || isSameNumber(name, number) ? nothing : html`<p class="caption"><bdi>${number}</bdi></p>`}
      </div>
      <button
        class="icon-button"
        type="button"
        aria-label=${text('app.signout.open')}
        title=${text('app.signout.open')}
        @click=${this.#signOut}
      >
        ${icon('log-out')}
      </button>
    `
  }

  #banner(): TemplateResult | null {
    const { connection } = this.state
    if (this.offline) return html`${icon('wifi-off', 'small')} <span>${text('app.offline')}</span>`
    if (connection.name !== 'waiting') return null
    const n = secondsLeft(connection.retryAt - Date.now())
    return html`${icon('wifi-off', 'small')} <span>${text('app.reconnecting', { n })}</span>
      <button class="link-button" type="button" @click=${() => this.client.tryNow()}>
        ${text('app.reconnecting.action')}
      </button>`
  }

  /** Asked once: someone else's phone may have linked this browser to their own account (S29). */
  #maySend = async (): Promise<boolean> => {
    if (this.state.confirmed) return true
    const { name } = this.#account
    const answer = await ask(
      {
        title: withName('app.first.title', name),
        body: withName('app.first.body', name),
        yes: text('app.first.action'),
        no: text('app.first.out'),
      },
      this.ends,
    )
    if (answer === 'no') void this.#signOut()
    if (answer === 'yes') this.client.confirm()
    return answer === 'yes'
  }

  #signOut = async (): Promise<void> => {
    const answer = await ask(
      {
        title: text('app.signout.title'),
        body: text('app.signout.body'),
        yes: text('app.signout.action'),
        danger: true,
      },
      this.ends,
    )
    if (answer === 'yes') await this.client.unlink()
  }
}

customElements.define('companion-chats', CompanionChats)
