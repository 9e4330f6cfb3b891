/** What the owner of an account may do with a chat, behind one quiet button: block the person, once asked; or unblock. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Stream } from '../../client/stream.ts'
import type { Conversation } from '../../protocol/model.ts'
import { ask } from '../shared/ask.ts'
import { icon } from '../shared/icon.ts'
import { openMenu } from '../shared/popover-menu.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'

export class PhoneChatMenu extends PhoneElement {
  static override properties = {
    stream: { attribute: false },
    conversation: { attribute: false },
    plain: { type: Boolean },
  }

  declare stream: Stream
  declare conversation: Conversation
  /** In the composer's place while the person is blocked: the words and the way back. */
  declare plain: boolean

  constructor() {
    super()
    this.plain = false
  }

  protected override render(): TemplateResult | typeof nothing {
    const { peer } = this.conversation
    if (this.plain) {
      return html`<p class="blocked-note">
        <span>${text('phone.blocked.here')}</span>
        <button class="button quiet" type="button" @click=${() => void this.#block(false)}>
          ${text('phone.blocked.unblock')}
        </button>
      </p>`
    }
    if (peer.gone) return nothing
    return html`<button
      class="icon-button"
      type="button"
      aria-haspopup="menu"
      aria-label=${text('phone.chat.menu')}
      @click=${this.#open}
    >
      ${icon('ellipsis-vertical')}
    </button>`
  }

  #open = async (event: Event): Promise<void> => {
    const blocked = this.conversation.peer.blocked === true
    const item = blocked
      ? ({ value: 'unblock', label: text('phone.blocked.unblock'), icon: 'shield-check' } as const)
      : ({ value: 'block', label: text('phone.block'), icon: 'shield-alert', danger: true } as const)
    const anchor = event.currentTarget as Element
    const chosen = await openMenu(text('phone.chat.menu'), [item], anchor, this.ends)
    if (chosen !== null) await this.#block(chosen === 'block')
  }

  async #block(on: boolean): Promise<void> {
    const { title, peer } = this.conversation
    const question = {
      title: text('phone.block.title', { name: title }),
      body: text('phone.block.body'),
      yes: text('phone.block'),
      danger: true,
    }
    if (on && (await ask(question, this.ends)) !== 'yes') return
    for (;;) {
      const done = await this.stream.block(peer.account, on).then(
        () => true,
        () => false,
      )
      if (done || !this.isConnected) return
      const failed = {
        title: text(on ? 'phone.block.title' : 'phone.blocked.unblock.named', { name: title }),
        body: text('phone.blocked.failed'),
        yes: text('phone.again'),
      }
      if ((await ask(failed, this.ends)) !== 'yes') return
    }
  }
}

customElements.define('phone-chat-menu', PhoneChatMenu)
