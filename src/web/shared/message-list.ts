/** The messages of one conversation, older ones as one scrolls up. Says `message-menu` (detail: the message). */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { tickOf, type Outgoing, type StreamState, type Thread } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { formatDay, isSameDay } from './format.ts'
import { icon } from './icon.ts'
import { messageBubble, outgoingBubble } from './message-bubble.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'

/** Older messages are loaded when their end is this near, and the way down is offered from here on; in pixels. */
const NEAR_TOP = 800
const FAR_FROM_BOTTOM = 300

export class MessageList extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    conversation: { attribute: false },
    sought: { attribute: false },
    failed: { state: true },
    away: { state: true },
  }

  declare stream: Stream
  declare state: StreamState
  declare conversation: Conversation
  /** A message of this conversation to go to, once it is there. */
  declare sought: Message | null
  declare private failed: boolean
  /** Scrolled up from the newest message. */
  declare private away: boolean
  #shown = ''

  constructor() {
    super()
    this.failed = false
    this.away = false
    this.sought = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#read, { signal: this.ends })
  }

  /** Goes to the newest message. */
  toNewest(): void {
    const scroller = this.querySelector('.messages')
    if (scroller) scroller.scrollTop = 0
  }

  protected override willUpdate(): void {
    if (this.conversation.id === this.#shown) return
    this.#shown = this.conversation.id
    this.failed = false
    this.away = false
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const previous = changed.get('conversation') as Conversation | undefined
    if (changed.has('conversation') && previous?.id !== this.conversation.id) this.toNewest()
    if (changed.has('sought') && this.sought !== null) void this.#seek(this.sought)
    this.#loadIfNeeded()
    this.#read()
  }

  protected override render(): TemplateResult {
    const { conversation, state } = this
    const thread = state.threads.get(conversation.id)
    const outgoing = [...state.outgoing.values()].filter((message) => message.conversation === conversation.id)
    return html`
      <div class="messages" @scroll=${this.#onScroll} tabindex="-1">
        <div class="messages-column">
          ${this.#above(thread)}
          <ol aria-label=${text('chat.messages', { name: conversation.title })}>
            ${thread ? this.#messages(thread.messages) : nothing}
            ${repeat(
              outgoing,
              ({ id }) => id,
              (message: Outgoing) => outgoingBubble(message, this.stream),
            )}
          </ol>
        </div>
      </div>
      ${
        this.away
          ? html`<button class="icon-button down" type="button" aria-label=${text('chat.down')} @click=${this.#down}>
              ${icon('arrow-down')}
            </button>`
          : nothing
      }
    `
  }

  #messages(messages: readonly Message[]): unknown {
    const now = Date.now()
    return repeat(
      messages,
      ({ from, id }) => `${from} ${id}`,
      (message, index) => {
        const before = messages[index - 1]
        const tick = message.from === 'me' ? tickOf(this.conversation, message) : null
        return html`${
          before !== undefined && isSameDay(before.sentAt, message.sentAt)
            ? nothing
            : html`<li class="day"><span>${formatDay(message.sentAt, now)}</span></li>`
        }${messageBubble(message, tick, this.stream, this.#menu)}`
      },
    )
  }

  #above(thread: Thread | undefined): TemplateResult | typeof nothing {
    if (this.failed) {
      return html`<p class="caption loading">
        ${text('chat.failed')}
        <button class="link-button" type="button" @click=${this.#tryAgain}>${text('chat.failed.action')}</button>
      </p>`
    }
    if (thread === undefined || !thread.loaded || thread.more) {
      return html`<p class="caption loading">${text('chat.loading')}</p>`
    }
    return thread.messages.length === 0 ? html`<p class="caption loading">${text('chat.none')}</p>` : nothing
  }

  #loadIfNeeded(): void {
    const thread = this.state.threads.get(this.conversation.id)
    const scroller = this.querySelector('.messages')
    if (this.failed || scroller === null || thread?.more === false) return
    // The column grows upwards: scrollTop is zero at the newest message and negative above it.
    const above = scroller.scrollHeight - scroller.clientHeight + scroller.scrollTop
    if (thread?.loaded && above > NEAR_TOP) return
    const { id } = this.conversation
    this.stream.loadHistory(id).catch(() => {
      if (this.conversation.id === id) this.failed = true
    })
  }

  /** What is on the screen was read. */
  #read = (): void => {
    if (document.visibilityState === 'visible') this.stream.markRead(this.conversation.id)
  }

  #onScroll = (event: Event): void => {
    this.away = (event.currentTarget as Element).scrollTop < -FAR_FROM_BOTTOM
    this.#loadIfNeeded()
  }

  #down = (): void => {
    this.toNewest()
  }

  #tryAgain = (): void => {
    this.failed = false
  }

  #menu = (message: Message): void => {
    this.dispatchEvent(new CustomEvent('message-menu', { detail: message, bubbles: true }))
  }

  /** Scrolls to a message that was found, and puts the keyboard there. */
  async #seek({ conversation, id, seq }: Message): Promise<void> {
    const there = await this.stream.reveal(conversation, seq).catch(() => false)
    await this.updateComplete
    if (!there || this.sought?.id !== id || this.conversation.id !== conversation) return
    const found = this.querySelector<HTMLElement>(`.message[data-id="${CSS.escape(id)}"]`)
    if (found === null) return
    found.tabIndex = -1
    found.scrollIntoView({ block: 'center' })
    found.focus({ preventScroll: true })
  }
}
