/**
 * What a search found: chats by their names, of those that are known here, and messages, newest first. Says `chat-open`
 * (detail: id) or `message-open` (detail: the message) when one is chosen.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { listConversations, type StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { avatar } from './avatar.ts'
import { chatRow, rowTime } from './chat-row.ts'
import { findByName } from './find-by-name.ts'
import { icon } from './icon.ts'
import { PageElement } from './page-element.ts'
import { nextRow } from './roving.ts'
import { snippetOf } from './snippet.ts'
import { text } from './text.ts'

/** Asked this long after the last letter. */
const PAUSE_MS = 200
/** Chats that are shown by their names: more of them would push the messages away. */
const CHATS_SHOWN = 5

export class MessageSearch extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    query: { attribute: false },
    found: { state: true },
    more: { state: true },
    asking: { state: true },
    failed: { state: true },
  }

  declare stream: Stream
  declare state: StreamState
  declare query: string
  declare private found: readonly Message[]
  /** Where to go on; null at the end. */
  declare private more: string | null
  declare private asking: boolean
  declare private failed: boolean
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Answers to what was asked before the latest are not shown. */
  #turn = 0

  constructor() {
    super()
    this.query = ''
    this.found = []
    this.more = null
    this.asking = false
    this.failed = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#turn++
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('query')) return
    clearTimeout(this.#timer)
    this.#turn++
    this.asking = true
    this.failed = false
    this.#timer = setTimeout(() => void this.#ask(null), PAUSE_MS)
  }

  protected override render(): TemplateResult {
    const chats = findByName(listConversations(this.state), this.query).slice(0, CHATS_SHOWN)
    const quiet = this.asking || this.found.length === 0
    return html`<div class="chat-list" @keydown=${this.#onKey}>
      <p class="visually-hidden" role="status">${quiet ? '' : text('search.found', { n: this.found.length })}</p>
      ${chats.length === 0 ? nothing : this.#chats(chats)}
      ${this.found.length === 0 ? nothing : html`<h2 class="list-title">${text('search.messages')}</h2>`}
      <ul aria-label=${text('search.results')}>
        ${repeat(
          this.found,
          ({ from, id }) => `${from} ${id}`,
          (message, index) => this.#row(message, chats.length === 0 && index === 0),
        )}
      </ul>
      ${this.#below(chats.length > 0)}
    </div>`
  }

  #chats(chats: readonly Conversation[]): TemplateResult {
    const now = Date.now()
    return html`<h2 class="list-title">${text('search.chats')}</h2>
      <ul aria-label=${text('search.chats.found')}>
        ${repeat(
          chats,
          ({ id }) => id,
          (conversation, index) =>
            html`<li>
              ${chatRow(
                {
                  conversation,
                  unread: conversation.unread,
                  typing: this.state.typing.has(conversation.id),
                  draft: '',
                  outgoing: undefined,
                  current: false,
                  reachable: index === 0,
                  now,
                },
                (id) => this.dispatchEvent(new CustomEvent('chat-open', { detail: id, bubbles: true })),
              )}
            </li>`,
        )}
      </ul>`
  }

  #row(message: Message, reachable: boolean): TemplateResult {
    const conversation = this.state.conversations.get(message.conversation)
    const title = conversation?.title ?? ''
    return html`<li>
      <button class="chat-row" type="button" tabindex=${reachable ? '0' : '-1'} @click=${() => this.#open(message)}>
        ${avatar(title, conversation?.avatar)}
        <bdi class="chat-name">${title}</bdi>
        ${rowTime(message.sentAt, Date.now())}
        <span class="chat-preview">
          ${message.from === 'me' ? html`<span>${text('chat.you')}</span>` : nothing}
          <bdi class="words"
            >${snippetOf(message.text ?? '', this.query).map(({ text: words, found }) => (found ? html`<mark>${words}</mark>` : words))}</bdi
          >
        </span>
      </button>
    </li>`
  }

  #below(named: boolean): TemplateResult | typeof nothing {
    if (this.failed) return html`<p class="caption loading" role="alert">${text('search.failed')}</p>`
    if (this.asking) return html`<p class="caption loading">${text('search.asking')}</p>`
    if (this.more !== null) {
      return html`<p class="loading">
        <button class="link-button" type="button" @click=${() => void this.#ask(this.more)}>
          ${text('search.more')}
        </button>
      </p>`
    }
    return this.found.length === 0 && !named
      ? html`<div class="found-nothing">
          ${icon('search', 'large')}
          <p role="status">${text('app.search.none', { q: this.query })}</p>
        </div>`
      : nothing
  }

  async #ask(after: string | null): Promise<void> {
    const turn = ++this.#turn
    this.asking = true
    this.failed = false
    try {
      const page = await this.stream.search(this.query, after)
      if (turn !== this.#turn) return
      this.found = after === null ? page.messages : [...this.found, ...page.messages]
      this.more = page.more
    } catch {
      if (turn === this.#turn) this.failed = true
    } finally {
      if (turn === this.#turn) this.asking = false
    }
  }

  #onKey = (event: KeyboardEvent): void => {
    const next = nextRow(event, [...this.querySelectorAll<HTMLElement>('.chat-row')])
    if (next === null) return
    event.preventDefault()
    next.focus()
  }

  #open(message: Message): void {
    this.dispatchEvent(new CustomEvent<Message>('message-open', { detail: message, bubbles: true }))
  }
}
