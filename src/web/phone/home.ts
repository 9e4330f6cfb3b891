/** The phone's first screen: link a device, the linked ones, the profile, and the chats. One chat takes its place. */
import { html, nothing, type TemplateResult } from 'lit'
import type { ConnectionState } from '../../client/connection.ts'
import type { WatchedDrafts } from '../../client/drafts.ts'
import type { Stream } from '../../client/stream.ts'
import type { AccountCard } from '../../protocol/model.ts'
import { avatar } from '../shared/avatar.ts'
import '../shared/chats-view.ts'
import { icon, mark } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'

export class PhoneHome extends PhoneElement {
  static override properties = {
    account: { attribute: false },
    stream: { attribute: false },
    connection: { attribute: false },
    drafts: { attribute: false },
    conversation: { type: String },
  }

  declare account: AccountCard
  declare stream: Stream
  declare connection: ConnectionState
  declare drafts: WatchedDrafts
  /** The one that is open; empty: the list. */
  declare conversation: string

  protected override render(): TemplateResult {
    const { account, conversation } = this
    return html`
      <div class="screen home ${conversation === '' ? '' : 'reading'}">
        <header class="screen-header">
          <p class="brand">${mark()}<span>${text('app.name')}</span></p>
          <button class="profile-button" type="button" @click=${() => this.emit('phone-go', { screen: 'profile' })}>
            ${avatar(account.name, account.avatar, 'small')}
            <span class="visually-hidden">${text('phone.home.profile', { name: account.name })}</span>
          </button>
        </header>
        ${this.#strip()}
        <nav class="home-actions" aria-label=${text('phone.home.devices')}>
          <button class="button" type="button" @click=${() => this.emit('phone-go', { screen: 'scan' })}>
            ${icon('scan-qr-code', 'small')}${text('phone.link')}
          </button>
          <button class="button outline" type="button" @click=${() => this.emit('phone-go', { screen: 'devices' })}>
            ${icon('laptop', 'small')}${text('phone.devices')}
          </button>
        </nav>
        <chats-view
          .stream=${this.stream}
          .drafts=${this.drafts}
          .mayBlock=${true}
          .head=${html`<h1 class="title">${text('app.chats')}</h1>`}
          .selected=${conversation === '' ? null : conversation}
          @chat-open=${({ detail }: CustomEvent<string>) =>
            this.emit('phone-go', { screen: 'chat', conversation: detail })}
          @chat-close=${() => this.emit('phone-back', null)}
        ></chats-view>
      </div>
    `
  }

  #strip(): TemplateResult | typeof nothing {
    const { connection } = this
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
