/**
 * The chats of an account: the list and the open thread, side by side or one at a time. Where the stream comes from,
 * what stands above the list and what must be asked before sending is the page's business.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { totalUnread, type StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { StreamFrame } from '../../protocol/frames.ts'
import type { Message } from '../../protocol/model.ts'
import { ChatList } from './chat-list.ts'
import { ChatThread } from './chat-thread.ts'
import { formatUnread } from './format.ts'
import { icon } from './icon.ts'
import { describeMedia } from './media-words.ts'
import { MessageSearch } from './message-search.ts'
import { NewChat } from './new-chat.ts'
import { define, PageElement } from './page-element.ts'
import { createMessageSound, type MessageSound } from './sound.ts'
import { chats } from '../strings/en/chats.ts'
import { text, useEnglish } from './text.ts'

useEnglish(chats)
define('chat-list', ChatList)
define('chat-thread', ChatThread)
define('message-search', MessageSearch)
define('new-chat', NewChat)

export class ChatsView extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    label: { attribute: false },
    head: { attribute: false },
    banner: { attribute: false },
    mayBlock: { attribute: false },
    query: { state: true },
    sought: { state: true },
    state: { state: true },
    selected: { state: true },
    heard: { state: true },
  }

  declare stream: Stream
  /** The page's heading, for who cannot see it; empty where the page has one of its own. */
  declare label: string
  /** Above the list: whose account it is, and its menu. */
  declare head: TemplateResult | null
  /** Across the top when something is the matter. */
  declare banner: TemplateResult | null
  /** The phone may block people; a linked browser may not. */
  declare mayBlock: boolean
  /** What is being searched for; empty: the list is shown. */
  declare private query: string
  /** The message that was chosen among those found. */
  declare private sought: Message | null
  maySend: () => Promise<boolean> = async () => true
  declare private state: StreamState
  declare private selected: string | null
  /** The newest incoming message, for those who listen. */
  declare private heard: string
  #sound: MessageSound | null = null
  #unsubscribe: (() => void)[] = []

  constructor() {
    super()
    this.label = ''
    this.head = null
    this.banner = null
    this.selected = null
    this.heard = ''
    this.mayBlock = false
    this.query = ''
    this.sought = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.state = this.stream.state
    this.#sound = createMessageSound(this.ends)
    this.#unsubscribe = [
      this.stream.subscribe((state) => {
        this.state = state
      }),
      this.stream.observe((frame) => this.#hear(frame)),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const end of this.#unsubscribe) end()
    document.title = text('app.name')
  }

  protected override willUpdate(): void {
    const unread = totalUnread(this.state)
    document.title = unread > 0 ? `(${formatUnread(unread)}) ${text('app.name')}` : text('app.name')
  }

  protected override render(): TemplateResult {
    const conversation = this.selected === null ? undefined : this.state.conversations.get(this.selected)
    return html`
      ${this.banner === null ? nothing : html`<div class="banner" role="status">${this.banner}</div>`}
      <main class="chats ${conversation ? 'reading' : ''}" @chat-open=${this.#onOpen} @chat-close=${this.#onClose}>
        ${this.label === '' ? nothing : html`<h1 class="visually-hidden">${this.label}</h1>`}
        <section class="chats-side" aria-label=${text('app.chats')}>
          <header class="side-header">
            ${this.head}
            <button
              class="icon-button"
              type="button"
              aria-label=${text('app.newchat.title')}
              title=${text('app.newchat.title')}
              @click=${this.#newChat}
            >
              ${icon('pencil')}
            </button>
          </header>
          ${
            this.state.conversations.size === 0
              ? nothing
              : html`<search class="chat-search">
                  <input
                    class="field"
                    type="search"
                    maxlength="100"
                    autocomplete="off"
                    aria-label=${text('app.search')}
                    placeholder=${text('app.search')}
                    .value=${this.query}
                    @input=${this.#onQuery}
                  />
                </search>`
          }
          ${
            this.state.conversations.size === 0
              ? this.#empty()
              : this.query.trim() !== ''
                ? html`<message-search
                    .stream=${this.stream}
                    .state=${this.state}
                    .query=${this.query.trim()}
                    @message-open=${this.#onFound}
                  ></message-search>`
                : html`<chat-list .stream=${this.stream} .state=${this.state} .selected=${this.selected}></chat-list>`
          }
        </section>
        <section class="chats-main">
          ${
            conversation
              ? html`<chat-thread
                  .stream=${this.stream}
                  .state=${this.state}
                  .conversation=${conversation}
                  .mayBlock=${this.mayBlock}
                  .sought=${this.sought?.conversation === conversation.id ? this.sought : null}
                  .maySend=${this.maySend}
                ></chat-thread>`
              : html`<div class="notice">
                  ${icon('message-circle', 'large')}
                  <p>${text('app.pick')}</p>
                </div>`
          }
        </section>
        <new-chat .stream=${this.stream}></new-chat>
      </main>
      <p class="visually-hidden" aria-live="polite">${this.heard}</p>
    `
  }

  #empty(): TemplateResult {
    return html`<div class="notice">
      ${icon('message-circle', 'large')}
      <h2 class="title">${text('app.empty.title')}</h2>
      <p class="secondary">${text('app.empty.body')}</p>
      <div class="actions">
        <button class="button" type="button" @click=${this.#newChat}>${text('app.empty.action')}</button>
      </div>
    </div>`
  }

  #hear(frame: StreamFrame): void {
    if (frame.type !== 'event') return
    const { event } = frame
    if (event.kind === 'device' && event.linked) {
      this.heard = text('app.linked.device', { name: event.device.name })
    }
    if (event.kind !== 'message' || event.message.from === 'me') return
    const { message } = event
    const open = message.conversation === this.selected && document.visibilityState === 'visible'
    if (!open) this.#sound?.play()
    const name = this.state.conversations.get(message.conversation)?.title ?? ''
    const words = message.text ?? (message.media ? describeMedia(message.media) : '')
    this.heard = text('chat.incoming', { name, text: words })
  }

  #newChat = (): void => this.querySelector<NewChat>('new-chat')?.open()

  #onQuery = (event: InputEvent): void => {
    this.query = (event.target as HTMLInputElement).value
  }

  #onFound = async ({ detail }: CustomEvent<Message>): Promise<void> => {
    // The conversation may be further down the list than was loaded.
    await this.stream.reveal(detail.conversation, detail.seq).catch(() => undefined)
    this.sought = { ...detail }
    this.dispatchEvent(new CustomEvent('chat-open', { detail: detail.conversation, bubbles: true }))
    this.selected = detail.conversation
  }

  #onOpen = (event: CustomEvent<string>): void => {
    this.selected = event.detail
  }

  #onClose = (): void => {
    const was = this.selected
    this.selected = null
    // Where there is room for one of the two only, the way back leads to the row one came from.
    if (was === null) return
    void this.updateComplete.then(() =>
      this.querySelector<HTMLElement>(`.chat-row[data-id="${CSS.escape(was)}"]`)?.focus({ preventScroll: true }),
    )
  }
}

define('chats-view', ChatsView)
