/**
 * The messages of one conversation, of which only those near the view are in the page. Older ones are loaded as one
 * nears the end of what is known. Says `message-menu` (detail: the message).
 *
 * It is a list of list items, each with its number, and not a feed or a log: what arrives is told by a live region of
 * the page's own (`chats-view`), which names its author, and a feed would take the arrow keys' place for reading on.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import type { StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import { isKnown, type Thread } from '../../client/thread.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { formatDay, formatUnread } from './format.ts'
import { icon } from './icon.ts'
import { PassingDay } from './message-day.ts'
import { MessageFocus } from './message-focus.ts'
import { arrivedSince, indexOfUnread, isOwnNews, itemsOf, keyOf, type Divider, type Item } from './message-items.ts'
import { loadNear, readOn } from './message-near.ts'
import { keepPlace, placeLeft, type Place } from './message-place.ts'
import { messageRow, type RowActions } from './message-row.ts'
import { MessageSeek } from './message-seek.ts'
import { rowsOf } from './message-standing.ts'
import { MessageView } from './message-view.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'
import { Timers } from './timers.ts'

/** The way down is offered from here on, in pixels. */
const FAR_FROM_END = 300
/** More than this at once are not someone writing. */
const ARRIVING = 5
/** A message counts as read when it has rested on the screen for so long. */
const READ_AFTER_MS = 250
/** A page up or down by the keyboard is over by then. */
const FOCUS_AGAIN_MS = 300
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
  readonly #view = new MessageView({
    draw: () => this.requestUpdate(),
    drawNow: () => {
      this.requestUpdate()
      this.performUpdate()
    },
    seen: () => this.#seen(),
  })
  readonly #timers = new Timers()
  #shown = ''
  #divider: Divider | null = null
  /** Where to go once the items are there. */
  #entering: Place | 'unread' | 'end' | null = null
  /** What is loaded reaches where one is to read; until then nothing of it is shown. */
  #entered = false
  #items: { thread: Thread | undefined; outgoing: unknown; failed: boolean; list: Item[] } | null = null
  /** The conversation whose end rests on the screen. */
  #end: string | null = null
  #fresh = new Set<string>()
  /** The rows that were drawn anew, by index. */
  #changed = new Set<number>()
  readonly #focus = new MessageFocus(this.#view, {
    drawn: () => this.updateComplete,
    rowOf: (key) => this.#rowOf(key),
    toNewest: () => this.toNewest(),
    soon: (run) => this.#timers.after('focus', FOCUS_AGAIN_MS, run),
  })
  readonly #seek = new MessageSeek(this.#view, {
    drawn: () => this.updateComplete,
    draw: () => this.requestUpdate(),
    rowOf: (key) => this.#rowOf(key),
    after: (what, delay, run) => this.#timers.after(what, delay, run),
  })
  readonly #day = new PassingDay(this.#view, {
    draw: () => this.requestUpdate(),
    after: (delay, run) => this.#timers.after('day', delay, run),
  })

  constructor() {
    super()
    this.failed = false
    this.away = false
    this.sought = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#onVisibility, { signal: this.ends })
    const scroller = this.querySelector<HTMLElement>('.messages')
    if (scroller) this.#view.attach(scroller)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#keepPlace()
    this.#view.detach()
    this.#timers.clear()
  }

  /** Goes to the newest message. */
  toNewest(): void {
    this.#view.go(null)
  }

  /** Goes to a message, shows which it is, and puts the keyboard there. @returns whether it is there; else it says so */
  goTo(id: string): Promise<boolean> {
    return this.#seek.goTo(this.stream, this.conversation.id, id)
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { conversation, state } = this
    if (conversation.id !== this.#shown) {
      this.#keepPlace()
      this.#leave()
      this.#shown = conversation.id
      this.#enter(placeLeft(this.stream, conversation.id), conversation.unread > 0)
    } else if (this.#entered && this.#items?.thread?.loaded === true && !state.threads.get(conversation.id)?.loaded) {
      // A snapshot replaced all that was known: back to where one was.
      this.#enter(this.#view.place, false)
    }
    this.#seek.conversation = conversation.id
    if (changed.has('sought')) void this.#seek.follow(this.stream, this.sought)
    this.#takeItems()
  }

  protected override firstUpdated(): void {
    this.#view.attach(this.querySelector<HTMLElement>('.messages')!)
  }

  protected override updated(): void {
    this.#view.drawn(this.#focus.indices(), this.#changed)
    this.#changed.clear()
  }

  protected override render(): TemplateResult {
    const name = text('chat.messages', { name: this.conversation.title })
    const { unread } = this.conversation
    const now = Date.now()
    return html`
      <div
        class="messages"
        tabindex="0"
        role="group"
        aria-label=${name}
        @scroll=${() => this.#view.onScroll()}
        @keydown=${this.#focus.onKey}
        @focusin=${this.#focus.onFocus}
        @focusout=${this.#focus.onBlur}
        @animationend=${this.#onArrived}
        @play=${{ handleEvent: this.#focus.onPlay, capture: true }}
        @pause=${{ handleEvent: this.#focus.onPlay, capture: true }}
      >
        <div class="messages-column">
          <ol aria-label=${name}>
            ${this.#rows(now)}
          </ol>
        </div>
      </div>
      <p class="day day-now ${this.#day.shown ? 'shown' : ''}" aria-hidden="true">
        ${this.#day.day === null ? nothing : html`<span>${formatDay(this.#day.day, now)}</span>`}
      </p>
      <p class="list-said" role="status">
        ${this.#seek.said === '' ? nothing : html`<span>${text(this.#seek.said)}</span>`}
      </p>
      ${
        this.away
          ? html`<button
              class="icon-button down"
              type="button"
              aria-label=${unread > 0 ? text('chat.down.unread', { n: unread }) : text('chat.down')}
              @click=${this.#down}
            >
              ${icon('arrow-down')}
              ${unread > 0 ? html`<span class="badge" aria-hidden="true" dir="ltr">${formatUnread(unread)}</span>` : nothing}
            </button>`
          : nothing
      }
    `
  }

  /** The rows, each drawn again only when what it is made of has changed: a scroll passes by one with every frame. */
  #rows(now: number): unknown {
    const { items, range } = this.#view
    const rowAt = rowsOf({
      items,
      range,
      conversation: this.conversation,
      thread: this.state.threads.get(this.conversation.id),
      failed: this.failed,
      divider: this.#divider,
      fresh: this.#fresh,
      found: this.#seek.found,
    })
    const today = new Date(now).setHours(0, 0, 0, 0)
    return repeat(
      this.#focus.indices(),
      (index) => keyOf(items[index]!),
      (index) => {
        const row = rowAt(index)
        return guard([...Object.values(row), today], () => {
          this.#changed.add(index)
          return messageRow(row, now, this.stream, this.#actions)
        })
      },
    )
  }

  #takeItems(): void {
    const { id } = this.conversation
    const thread = this.#entered ? this.state.threads.get(id) : undefined
    const { outgoing } = this.state
    const { failed } = this
    const before = this.#items
    if (before === null || before.thread !== thread || before.outgoing !== outgoing || before.failed !== failed) {
      const own = [...outgoing.values()].filter(({ conversation }) => conversation === id)
      const list = itemsOf(thread, this.#entered ? own : [], failed)
      this.#items = { thread, outgoing, failed, list }
      if (before?.thread?.loaded && this.#view.place === null && document.visibilityState === 'visible') {
        for (const key of arrivedSince(before.list, list, ARRIVING)) this.#fresh.add(key)
      }
      this.#view.setItems(list)
      if (before?.thread?.loaded && isOwnNews(before.list, list)) this.#onOwnWords()
    }
    if (!this.#entered || this.#entering === null) return
    const to = this.#entering
    this.#entering = null
    const unread = to === 'unread' && this.#divider ? indexOfUnread(this.#view.items, this.#divider) : -1
    if (unread !== -1) this.#view.show(unread, 'start')
    else this.#view.go(typeof to === 'string' ? null : to)
  }

  /** Who writes, here or on another device, has read what is above, and sees what they wrote if they were near. */
  #onOwnWords(): void {
    this.#divider = null
    if (this.#view.below < this.#view.visibleHeight) this.#view.go(null)
  }

  #leave(): void {
    this.#timers.clear()
    this.#divider = null
    this.#items = null
    this.#focus.forget()
    this.#fresh.clear()
    this.failed = false
    this.away = false
    this.#day.forget()
    this.#seek.forget()
    this.#view.place = null
    this.#view.moving = false
  }

  #keepPlace(): void {
    if (this.#shown === '' || !this.#entered) return
    keepPlace(this.stream, this.#shown, this.#view.place)
  }

  /** Opens the conversation where reading is to go on; what is needed for it is loaded first. */
  #enter(place: Place, unread: boolean): void {
    const { id, readUpTo } = this.conversation
    if (unread) this.#divider = { after: readUpTo, unread: this.conversation.unread }
    this.#entering = unread ? 'unread' : (place ?? 'end')
    const seq = unread ? readUpTo + 1 : Math.floor(place?.order ?? Infinity)
    const thread = this.state.threads.get(id)
    this.#entered = thread !== undefined && (Number.isFinite(seq) ? isKnown(thread, seq) : thread.loaded)
    if (!this.#entered) void this.#loadFor(id, seq)
  }

  async #loadFor(id: string, seq: number): Promise<void> {
    try {
      if (Number.isFinite(seq)) await this.stream.reveal(id, seq)
      else await this.stream.loadHistory(id)
    } catch {
      if (this.#shown === id) this.failed = true
    }
    if (this.#shown !== id) return
    this.#entered = true
    this.requestUpdate()
  }

  /** After every change of what is in the view. */
  #seen(): void {
    const { place, below, moving } = this.#view
    this.away = below > FAR_FROM_END || (place !== null && this.conversation.unread > 0)
    this.classList.toggle('more-below', below > 1)
    const end = this.#entered && place === null ? this.#shown : null
    if (end !== this.#end) {
      this.#end = end
      this.dispatchEvent(new CustomEvent('chat-end', { detail: end, bubbles: true }))
    }
    this.#day.look()
    if (!moving && !this.#timers.has('read')) this.#timers.after('read', READ_AFTER_MS, () => this.#markRead())
    this.#loadNear()
  }

  /** What has come to rest on the screen, to its end, was read. */
  #markRead(): void {
    if (!this.#entered || document.visibilityState !== 'visible' || this.clientHeight === 0) return
    const seq = readOn(this.#view)
    if (seq !== null) this.stream.markRead(this.conversation.id, seq)
  }

  #loadNear(): void {
    if (!this.#entered || this.failed) return
    const { id } = this.conversation
    loadNear(this.stream, this.state.threads.get(id), id, this.#view, () => {
      if (this.conversation.id === id) this.failed = true
    })
  }

  #rowOf(key: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(`.row[data-key="${CSS.escape(key)}"]`)
  }

  #onArrived = (event: AnimationEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('.row')?.dataset.key
    if (key !== undefined && this.#fresh.delete(key)) this.requestUpdate()
  }

  /** What came while nobody looked begins below a line of its own. */
  #onVisibility = (): void => {
    if (document.visibilityState !== 'visible' || !this.#entered) return
    const { readUpTo, unread } = this.conversation
    if (unread > 0) this.#divider = { after: readUpTo, unread }
    this.requestUpdate()
    this.#seen()
  }

  #down = (): void => {
    this.toNewest()
    // The button goes: the keyboard stays where it leads to.
    this.querySelector<HTMLElement>('.messages')?.focus({ preventScroll: true })
  }

  #actions: RowActions = {
    menu: (message) => void this.dispatchEvent(new CustomEvent('message-menu', { detail: message, bubbles: true })),
    again: () => {
      this.failed = false
      if (!this.#entered) this.#enter(null, false)
    },
  }
}
