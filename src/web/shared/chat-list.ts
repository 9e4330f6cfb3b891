/** The list of conversations. Says `chat-open` (detail: id) when one is chosen, and loads more at its end. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { listConversations, tickOf, type StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Conversation } from '../../protocol/model.ts'
import { avatar } from './avatar.ts'
import { formatListTime, formatUnread } from './format.ts'
import { describeMedia } from './media-words.ts'
import { tickIcon } from './message-bubble.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'

/** More is loaded when the end is this near, in pixels. */
const NEAR_END = 600

export class ChatList extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    selected: { attribute: false },
  }

  declare stream: Stream
  declare state: StreamState
  declare selected: string | null

  constructor() {
    super()
    this.selected = null
  }

  protected override render(): TemplateResult {
    const now = Date.now()
    return html`<div class="chat-list" @scroll=${this.#onScroll}>
      <ul aria-label=${text('app.chats')}>
        ${repeat(
          listConversations(this.state),
          ({ id }) => id,
          (conversation) => this.#row(conversation, now),
        )}
      </ul>
      ${this.state.more === null ? nothing : html`<p class="caption loading">${text('app.more')}</p>`}
    </div>`
  }

  protected override updated(): void {
    // A first page that does not fill the list cannot be scrolled to its end.
    const list = this.querySelector('.chat-list')
    if (list) this.#loadNear(list)
  }

  #row(conversation: Conversation, now: number): TemplateResult {
    const { id, title, unread, last } = conversation
    return html`<li>
      <button
        class="chat-row"
        type="button"
        data-id=${id}
        aria-current=${id === this.selected ? 'true' : 'false'}
        @click=${() => this.#open(id)}
      >
        ${avatar(title, conversation.avatar)}
        <span class="chat-name"><bdi>${title}</bdi></span>
        ${
          last === null
            ? nothing
            : html`<time class="chat-time" dir="auto" datetime=${new Date(last.sentAt).toISOString()}>
                ${formatListTime(last.sentAt, now)}
              </time>`
        }
        <span class="chat-preview">${this.#preview(conversation)}</span>
        ${
          unread > 0
            ? html`<span class="badge">
                <span aria-hidden="true" dir="ltr">${formatUnread(unread)}</span>
                <span class="visually-hidden">${text('chat.unread', { n: unread })}</span>
              </span>`
            : nothing
        }
      </button>
    </li>`
  }

  #preview(conversation: Conversation): TemplateResult | string {
    const { last } = conversation
    if (this.state.typing.has(conversation.id)) return html`<em class="typing">${text('chat.typing')}</em>`
    if (last === null) return text('chat.none')
    if (last.deleted) return html`<em>${text('msg.deleted')}</em>`
    const words = last.text ?? (last.media ? describeMedia(last.media) : '')
    return last.from === 'me'
      ? html`${tickIcon(tickOf(conversation, last))} <bdi>${words}</bdi>`
      : html`<bdi>${words}</bdi>`
  }

  #open(id: string): void {
    this.dispatchEvent(new CustomEvent('chat-open', { detail: id, bubbles: true }))
  }

  #onScroll = (event: Event): void => this.#loadNear(event.currentTarget as Element)

  #loadNear(list: Element): void {
    if (this.state.more === null || list.scrollHeight - list.scrollTop - list.clientHeight > NEAR_END) return
    // A failed page is asked for again by the next scroll.
    this.stream.loadConversations().catch(() => undefined)
  }
}
