/** The people who are blocked, and letting them in again. Nothing at all where there are none. */
import { html, nothing, type TemplateResult } from 'lit'
import { listBlocked, type StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import { avatar } from '../shared/avatar.ts'
import { text, unbroken } from '../shared/text.ts'
import { PhoneElement } from './element.ts'

export class PhoneBlocked extends PhoneElement {
  static override properties = {
    stream: { attribute: false },
    state: { state: true },
    said: { state: true },
  }

  declare stream: Stream
  declare state: StreamState
  declare said: string
  #unsubscribe: () => void = () => undefined

  constructor() {
    super()
    this.said = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.state = this.stream.state
    this.#unsubscribe = this.stream.subscribe((state) => {
      this.state = state
    })
    void this.#loadAll()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe()
  }

  protected override render(): TemplateResult | typeof nothing {
    const blocked = listBlocked(this.state)
    if (blocked.length === 0) return nothing
    return html`<div class="card stack">
      <h2 class="title" id="blocked-title">${text('phone.blocked.title')}</h2>
      <ul class="plain stack" aria-labelledby="blocked-title">
        ${blocked.map(
          ({ title, avatar: picture, peer }) =>
            html`<li class="blocked">
              ${avatar(title, picture, 'small')}
              <bdi>${unbroken(title)}</bdi>
              <button
                class="button outline small"
                type="button"
                aria-label=${text('phone.blocked.unblock.named', { name: title })}
                @click=${() => void this.#unblock(peer.account)}
              >
                ${text('phone.blocked.unblock')}
              </button>
            </li>`,
        )}
      </ul>
      <p class="error-text" role="status">${this.said}</p>
    </div>`
  }

  async #unblock(account: string): Promise<void> {
    this.said = ''
    await this.stream.block(account, false).catch(() => {
      this.said = text('phone.blocked.failed')
    })
  }

  /** The list is loaded page by page; somebody who was blocked long ago may stand at its end. */
  async #loadAll(): Promise<void> {
    while (this.isConnected && this.state.more !== null) {
      const { more } = this.state
      try {
        await this.stream.loadConversations()
      } catch {
        return
      }
      if (this.stream.state.more === more) return
    }
  }
}

customElements.define('phone-blocked', PhoneBlocked)
