/** What a search found, newest first. Says `message-open` (detail: the message) when one is chosen. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Message } from '../../protocol/model.ts'
import { avatar } from './avatar.ts'
import { formatListTime } from './format.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'

/** Asked this long after the last letter. */
const PAUSE_MS = 200

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
    return html`<div class="chat-list">
      <p class="visually-hidden" role="status">
        ${this.asking || this.found.length === 0 ? '' : text('search.found', { n: this.found.length })}
      </p>
      <ul aria-label=${text('search.results')}>
        ${repeat(
          this.found,
          ({ from, id }) => `${from} ${id}`,
          (message) => this.#row(message),
        )}
      </ul>
      ${this.#below()}
    </div>`
  }

  #row(message: Message): TemplateResult {
    const conversation = this.state.conversations.get(message.conversation)
    const title = conversation?.title ?? ''
    return html`<li>
      <button class="chat-row" type="button" @click=${() => this.#open(message)}>
        ${avatar(title, conversation?.avatar)}
        <span class="chat-name"><bdi>${title}</bdi></span>
        <time class="chat-time" dir="auto" datetime=${new Date(message.sentAt).toISOString()}>
          ${formatListTime(message.sentAt, Date.now())}
        </time>
        <span class="chat-preview">
          ${message.from === 'me' ? text('chat.you') : nothing} <bdi>${message.text ?? ''}</bdi>
        </span>
      </button>
    </li>`
  }

  #below(): TemplateResult | typeof nothing {
    if (this.failed) return html`<p class="caption loading" role="alert">${text('search.failed')}</p>`
    if (this.asking) return html`<p class="caption loading">${text('search.asking')}</p>`
    if (this.more !== null) {
      return html`<p class="loading">
        <button class="link-button" type="button" @click=${() => void this.#ask(this.more)}>
          ${text('search.more')}
        </button>
      </p>`
    }
    return this.found.length === 0
      ? html`<p class="caption loading" role="status">${text('app.search.none', { q: this.query })}</p>`
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

  #open(message: Message): void {
    this.dispatchEvent(new CustomEvent<Message>('message-open', { detail: message, bubbles: true }))
  }
}
