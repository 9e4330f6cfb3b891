/**
 * The list of conversations. Says `chat-open` (detail: id) when one is chosen, and loads more at its end. A row is
 * drawn anew only when something in it changed, and laid out only near the screen, so that a thousand of them are light.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import type { WatchedDrafts } from '../../client/drafts.ts'
import { listConversations, newestOutgoing, type StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Conversation } from '../../protocol/model.ts'
import { chatRow } from './chat-row.ts'
import { PageElement } from './page-element.ts'
import { nextRow } from './roving.ts'
import { text } from './text.ts'

/** More is loaded when the end is this near, in pixels. */
const NEAR_END = 600

export class ChatList extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    drafts: { attribute: false },
    selected: { attribute: false },
    read: { attribute: false },
    reached: { state: true },
  }

  declare stream: Stream
  declare state: StreamState
  declare drafts: WatchedDrafts
  declare selected: string | null
  /** The chat that is read as it comes: its row counts nothing. */
  declare read: string | null
  /** The row that the keyboard was on last. */
  declare private reached: string | null
  #listed: (Pick<StreamState, 'conversations' | 'outgoing'> & { list: readonly Conversation[] }) | null = null

  constructor() {
    super()
    this.selected = null
    this.read = null
    this.reached = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.ends.addEventListener(
      'abort',
      this.drafts.subscribe(() => this.requestUpdate()),
    )
  }

  /** Puts the keyboard on a row. */
  focusRow(id: string): void {
    this.querySelector<HTMLElement>(`.chat-row[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true })
  }

  protected override render(): TemplateResult {
    const list = this.#list()
    const now = Date.now()
    const today = new Date(now).toDateString()
    const wished = [this.reached, this.selected].find((id) => id !== null && this.state.conversations.has(id))
    const reachable = wished ?? list[0]?.id
    const outgoing = newestOutgoing(this.state)
    return html`<div class="chat-list" @scroll=${this.#onScroll} @keydown=${this.#onKey} @focusin=${this.#onFocus}>
      <ul aria-label=${text('app.chats')}>
        ${repeat(
          list,
          ({ id }) => id,
          (conversation) => {
            const { id } = conversation
            const row = {
              conversation,
              unread: id === this.read ? 0 : conversation.unread,
              typing: this.state.typing.has(id),
              draft: this.drafts.get(id),
              outgoing: outgoing.get(id),
              current: id === this.selected,
              reachable: id === reachable,
              now,
            }
            return html`<li>
              ${guard([conversation, row.unread, row.typing, row.draft, row.outgoing, row.current, row.reachable, today], () => chatRow(row, this.#open))}
            </li>`
          },
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

  /** In its order, sorted anew only when a conversation changed or a message is on its way out. */
  #list(): readonly Conversation[] {
    const { conversations, outgoing } = this.state
    if (this.#listed?.conversations !== conversations || this.#listed.outgoing !== outgoing)
      this.#listed = { conversations, outgoing, list: listConversations(this.state) }
    return this.#listed.list
  }

  #open = (id: string): void => {
    this.dispatchEvent(new CustomEvent('chat-open', { detail: id, bubbles: true }))
  }

  #onKey = (event: KeyboardEvent): void => {
    const next = nextRow(event, [...this.querySelectorAll<HTMLElement>('.chat-row')])
    if (next === null) return
    event.preventDefault()
    next.focus()
  }

  #onFocus = (event: FocusEvent): void => {
    this.reached = (event.target as HTMLElement).dataset.id ?? null
  }

  #onScroll = (event: Event): void => this.#loadNear(event.currentTarget as Element)

  #loadNear(list: Element): void {
    if (this.state.more === null || list.scrollHeight - list.scrollTop - list.clientHeight > NEAR_END) return
    // A failed page is asked for again by the next scroll.
    this.stream.loadConversations().catch(() => undefined)
  }
}
