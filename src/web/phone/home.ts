/** The phone's first screen: link a device, the linked ones, the profile, and the chats. One chat takes its place. */
import { html, nothing, type TemplateResult } from 'lit'
import type { ConnectionState } from '../../client/connection.ts'
import type { WatchedDrafts } from '../../client/drafts.ts'
import type { StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { AccountCard, Conversation } from '../../protocol/model.ts'
import { avatar } from '../shared/avatar.ts'
import '../shared/chats-view.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import './chat-menu.ts'
import { PhoneElement } from './element.ts'
import { emblem } from './emblem.ts'

/** As many rows as most screens have room for. */
const GHOSTS = Array.from({ length: 8 })

export class PhoneHome extends PhoneElement {
  static override properties = {
    account: { attribute: false },
    stream: { attribute: false },
    connection: { attribute: false },
    drafts: { attribute: false },
    conversation: { type: String },
    known: { state: true },
    empty: { state: true },
  }

  declare account: AccountCard
  declare stream: Stream
  declare connection: ConnectionState
  declare drafts: WatchedDrafts
  /** The one that is open; empty: the list. */
  declare conversation: string
  /** Whether the account's chats have come, or were there already. */
  declare known: boolean
  /** They have, and there is none: then the first thing to do is to begin one. */
  declare empty: boolean

  constructor() {
    super()
    this.known = false
    this.empty = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#look(this.stream.state)
    this.ends.addEventListener(
      'abort',
      this.stream.subscribe((state) => this.#look(state)),
    )
  }

  protected override render(): TemplateResult {
    return html`
      <div class="screen home ${this.conversation === '' ? '' : 'reading'}">
        ${this.#strip()}
        <nav class="home-actions" aria-label=${text('phone.home.devices')}>
          <button
            class="button ${this.empty ? 'outline' : ''}"
            type="button"
            @click=${() => this.emit('phone-go', { screen: 'scan' })}
          >
            ${icon('scan-qr-code', 'small')}${text('phone.link')}
          </button>
          <button class="button quiet" type="button" @click=${() => this.emit('phone-go', { screen: 'devices' })}>
            ${text('phone.devices')}
          </button>
        </nav>
        ${this.known ? this.#chats() : this.#waiting()}
      </div>
    `
  }

  #chats(): TemplateResult {
    const { conversation } = this
    return html`<chats-view
      .stream=${this.stream}
      .drafts=${this.drafts}
      .more=${this.#more}
      .head=${this.#head()}
      .selected=${conversation === '' ? null : conversation}
      @chat-open=${({ detail }: CustomEvent<string>) => this.emit('phone-go', { screen: 'chat', conversation: detail })}
      @chat-close=${() => this.emit('phone-back', null)}
    ></chats-view>`
  }

  #more = (conversation: Conversation, blocked: boolean): TemplateResult =>
    html`<phone-chat-menu .stream=${this.stream} .conversation=${conversation} ?plain=${blocked}></phone-chat-menu>`

  #head(): TemplateResult {
    const { account } = this
    return html`<button
        class="profile-button"
        type="button"
        @click=${() => this.emit('phone-go', { screen: 'profile' })}
      >
        ${avatar(account.name, account.avatar, 'small')}
        <span class="visually-hidden">${text('phone.home.profile', { name: account.name })}</span>
      </button>
      <h1 class="sheet-title home-title">${text('app.chats')}</h1>`
  }

  /** Nothing is known of the chats yet: "No chats" would be a guess. */
  #waiting(): TemplateResult {
    return html`<main class="home-waiting">
      <header class="side-header">${this.#head()}</header>
      ${
        this.offline
          ? html`<div class="notice" role="status">
              ${emblem('wifi-off')}
              <h2 class="title">${text('phone.offline.title')}</h2>
              <p class="secondary">${text('phone.offline.body')}</p>
            </div>`
          : html`<p class="visually-hidden" role="status">${text('phone.home.loading')}</p>
              <div class="ghosts" aria-hidden="true">
                <div class="ghost-search"></div>
                ${GHOSTS.map(
                  () =>
                    html`<div class="ghost">
                      <span><span></span><span></span></span>
                    </div>`,
                )}
              </div>`
      }
    </main>`
  }

  #look({ cursor, conversations }: StreamState): void {
    this.known = cursor !== null || conversations.size > 0
    this.empty = this.known && conversations.size === 0
  }

  #strip(): TemplateResult | typeof nothing {
    const { connection } = this
    if (this.offline) {
      // Where nothing is known yet the notice says it.
      return this.known ? html`<p class="strip" role="status">${text('app.offline')}</p>` : nothing
    }
    if (connection.name === 'waiting') {
      return html`<p class="strip" role="status">${text('app.reconnecting.now')}</p>`
    }
    if (connection.name !== 'stopped') return nothing
    const elsewhere = connection.reaction === 'until-asked'
    return html`<p class="strip" role="status">
      <span>${text(elsewhere ? 'phone.elsewhere.title' : 'phone.err.internal.title')}</span>
      <button class="link" type="button" @click=${() => this.dispatchEvent(new CustomEvent('home-dial'))}>
        ${text(elsewhere ? 'phone.elsewhere.action' : 'phone.again')}
      </button>
    </p>`
  }
}

customElements.define('phone-home', PhoneHome)
