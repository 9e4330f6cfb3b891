/**
 * The chats of an account: the list and the open thread, side by side or one at a time. Where the stream comes from,
 * what stands above the list and what must be asked before sending is the page's business.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { createDrafts, type Drafts, type WatchedDrafts } from '../../client/drafts.ts'
import { totalUnread, type StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Message } from '../../protocol/model.ts'
import { ChatList } from './chat-list.ts'
import { ChatThread, type ChatMore } from './chat-thread.ts'
import { keepPicturesFresh } from './fresh-pictures.ts'
import { icon, mark } from './icon.ts'
import { followIncoming } from './incoming.ts'
import { MessageSearch } from './message-search.ts'
import { NewChat } from './new-chat.ts'
import { define, PageElement } from './page-element.ts'
import { chats } from '../strings/en/chats.ts'
import { text, useEnglish } from './text.ts'
import { showUnread } from './unread.ts'

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
    menu: { attribute: false },
    banner: { attribute: false },
    more: { attribute: false },
    drafts: { attribute: false },
    query: { state: true },
    sought: { state: true },
    state: { state: true },
    selected: { state: true },
    atEnd: { state: true },
    heard: { state: true },
  }

  declare stream: Stream
  /** The page's heading, for who cannot see it; empty where the page has one of its own. */
  declare label: string
  /** Above the list: whose account it is. */
  declare head: TemplateResult | null
  /** At the end of the same line. */
  declare menu: TemplateResult | null
  /** Across the top when something is the matter. Not spoken by itself: see {@link say}. */
  declare banner: TemplateResult | null
  /** What the page adds to a chat: the phone may block people, a linked browser may not. */
  declare more: ChatMore | null
  /** In memory unless the page keeps them. */
  declare drafts: WatchedDrafts
  /** What is being searched for; empty: the list is shown. */
  declare private query: string
  /** The message that was chosen among those found. */
  declare private sought: Message | null
  maySend: () => Promise<boolean> = async () => true
  declare private state: StreamState
  declare private selected: string | null
  /** The chat whose end rests on the screen. */
  declare private atEnd: string | null
  /** What was said last to those who listen. */
  declare private heard: string

  constructor() {
    super()
    this.label = ''
    this.head = null
    this.menu = null
    this.banner = null
    this.selected = null
    this.atEnd = null
    this.heard = ''
    this.more = null
    this.drafts = createDrafts()
    this.query = ''
    this.sought = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const { stream, ends } = this
    this.state = stream.state
    const end = stream.subscribe((state) => {
      this.state = state
    })
    ends.addEventListener('abort', end)
    document.addEventListener('visibilitychange', () => this.requestUpdate(), { signal: ends })
    keepPicturesFresh(stream, ends)
    followIncoming(
      { stream, selected: () => this.selected, say: (words) => this.say(words), open: (id) => this.#go(id) },
      ends,
    )
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    showUnread(0)
  }

  /** Says something to who listens, after what they are hearing: the one live region of the chats. */
  say(words: string): void {
    // The same words twice are no change of the region, and would not be spoken.
    this.heard = words === this.heard ? `${words}\u00a0` : words
  }

  protected override willUpdate(): void {
    const read = this.state.conversations.get(this.#read() ?? '')?.unread ?? 0
    showUnread(totalUnread(this.state) - read)
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('selected') && this.selected !== null) void this.#keepFocus()
  }

  protected override render(): TemplateResult {
    const conversation = this.selected === null ? undefined : this.state.conversations.get(this.selected)
    return html`
      ${this.banner === null ? nothing : html`<div class="banner">${this.banner}</div>`}
      <main
        class="chats ${conversation ? 'reading' : ''}"
        @chat-open=${this.#onOpen}
        @chat-close=${this.#onClose}
        @chat-end=${this.#onEnd}
      >
        ${this.label === '' ? nothing : html`<h1 class="visually-hidden">${this.label}</h1>`}
        <section class="chats-side" aria-label=${text('app.chats')}>
          <header class="side-header">
            ${this.head}
            <button
              class="icon-button new-chat-button"
              type="button"
              aria-label=${text('app.newchat.title')}
              title=${text('app.newchat.title')}
              @click=${this.#newChat}
            >
              ${icon('square-pen')}
            </button>
            ${this.menu}
          </header>
          ${this.state.conversations.size === 0 ? this.#empty() : [this.#searchField(), this.#list()]}
        </section>
        <section class="chats-main">
          ${
            conversation
              ? html`<chat-thread
                  .stream=${this.stream}
                  .state=${this.state}
                  .conversation=${conversation}
                  .more=${this.more}
                  .sought=${this.sought?.conversation === conversation.id ? this.sought : null}
                  .drafts=${this.drafts satisfies Drafts}
                  .maySend=${this.maySend}
                ></chat-thread>`
              : html`<div class="notice">
                  ${mark()}
                  <p class="screen-title">${text('app.name')}</p>
                  <p>${text(this.state.conversations.size === 0 ? 'app.pick.none' : 'app.pick')}</p>
                </div>`
          }
        </section>
        <new-chat .stream=${this.stream}></new-chat>
      </main>
      <p class="visually-hidden" aria-live="polite">${this.heard}</p>
    `
  }

  #searchField(): TemplateResult {
    return html`<search class="chat-search">
      ${icon('search', 'small')}
      <input
        class="field"
        type="search"
        maxlength="100"
        autocomplete="off"
        aria-label=${text('app.search')}
        placeholder=${text('app.search.short')}
        .value=${this.query}
        @input=${this.#onQuery}
        @keydown=${this.#onSearchKey}
      />
    </search>`
  }

  #list(): TemplateResult {
    const query = this.query.trim()
    if (query === '') {
      return html`<chat-list
        .stream=${this.stream}
        .state=${this.state}
        .drafts=${this.drafts}
        .selected=${this.selected}
        .read=${this.#read()}
      ></chat-list>`
    }
    return html`<message-search
      .stream=${this.stream}
      .state=${this.state}
      .query=${query}
      @message-open=${this.#onFound}
    ></message-search>`
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

  #newChat = (): void => this.querySelector<NewChat>('new-chat')?.open()

  #onQuery = (event: InputEvent): void => {
    this.query = (event.target as HTMLInputElement).value
  }

  /** Escape leaves the search; the way down leads into what it found, or the list. */
  #onSearchKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.query !== '') {
      event.preventDefault()
      this.query = ''
    } else if (event.key === 'ArrowDown') {
      event.preventDefault()
      this.querySelector<HTMLElement>('.chats-side .chat-row[tabindex="0"]')?.focus()
    }
  }

  #onFound = async ({ detail }: CustomEvent<Message>): Promise<void> => {
    // The conversation may be further down the list than was loaded.
    await this.stream.reveal(detail.conversation, detail.seq).catch(() => undefined)
    this.sought = { ...detail }
    this.#go(detail.conversation)
  }

  #onOpen = (event: CustomEvent<string>): void => {
    this.selected = event.detail
  }

  #onEnd = (event: CustomEvent<string | null>): void => {
    this.atEnd = event.detail
  }

  /** The chat in which whatever comes is read as it comes: it counts nothing, not even until the service has heard of it. */
  #read(): string | null {
    return this.selected === this.atEnd && document.visibilityState === 'visible' ? this.selected : null
  }

  #onClose = (): void => {
    const was = this.selected
    this.selected = null
    // Where there is room for one of the two only, the way back leads to the row one came from.
    if (was === null) return
    void this.updateComplete.then(() => this.querySelector<ChatList>('chat-list')?.focusRow(was))
  }

  /** Where the thread takes the list's place, the row that was chosen is gone, and the focus with it. */
  async #keepFocus(): Promise<void> {
    const thread = this.querySelector<ChatThread>('chat-thread')
    await thread?.updateComplete
    if (document.activeElement === document.body || document.activeElement?.checkVisibility() === false) {
      thread?.querySelector<HTMLElement>('.back')?.focus({ preventScroll: true })
    }
  }

  /** Opens a chat, and tells the page, which may keep its history. */
  #go(conversation: string): void {
    this.dispatchEvent(new CustomEvent('chat-open', { detail: conversation, bubbles: true }))
    this.selected = conversation
  }
}

define('chats-view', ChatsView)
