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
import { tickOf, type StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import { isKnown, type Thread } from '../../client/thread.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { formatDay, formatUnread } from './format.ts'
import { icon } from './icon.ts'
import { messageBubble, outgoingBubble } from './message-bubble.ts'
import {
  arrivedSince,
  dayOf,
  indexOfItem,
  indexOfUnread,
  isGap,
  isMessage,
  isOutgoing,
  itemsOf,
  keyOf,
  orderOf,
  standingOf,
  type Divider,
  type Item,
} from './message-items.ts'
import { stepOf } from './message-keys.ts'
import { messageRow, waitingRow } from './message-row.ts'
import { MessageView, type Place } from './message-view.ts'
import { PageElement } from './page-element.ts'
import { text, type StringKey } from './text.ts'

/** Messages are loaded when their end is this near, and the way down is offered from here on; in pixels. */
const NEAR = 1500
const FAR_FROM_END = 300
/** More than this at once are not someone writing. */
const ARRIVING = 5
/** Pages that are loaded to find a message whose place is not known. */
const SEEK_PAGES = 20
const FOUND_SHOWN_MS = 1_600
const SAID_SHOWN_MS = 8_000
/** The day stays on the screen this long after the last motion. */
const DAY_SHOWN_MS = 1_200
/** A message counts as read when it has rested on the screen for so long. */
const READ_AFTER_MS = 250
/** A page up or down by the keyboard is over by then. */
const FOCUS_AGAIN_MS = 300
/** Where the day stands, from the top. */
const DAY_HEIGHT = 44

/** Where one was in each conversation of an account, for as long as the page is linked to it. */
const places = new WeakMap<Stream, { account: string | undefined; byConversation: Map<string, Place> }>()

export class MessageList extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    conversation: { attribute: false },
    sought: { attribute: false },
    failed: { state: true },
    away: { state: true },
    day: { state: true },
    dayShown: { state: true },
    found: { state: true },
    said: { state: true },
  }

  declare stream: Stream
  declare state: StreamState
  declare conversation: Conversation
  /** A message of this conversation to go to, once it is there. */
  declare sought: Message | null
  declare private failed: boolean
  /** Scrolled up from the newest message. */
  declare private away: boolean
  /** The day of what is read, shown in motion. */
  declare private day: number | null
  declare private dayShown: boolean
  /** The key of the message that was gone to. */
  declare private found: string
  /** What there is to say about what was sought. */
  declare private said: StringKey | ''
  readonly #view = new MessageView({
    draw: () => this.requestUpdate(),
    drawNow: () => {
      this.requestUpdate()
      this.performUpdate()
    },
    seen: () => this.#seen(),
  })
  #shown = ''
  #divider: Divider | null = null
  /** Where to go once the items are there. */
  #entering: Place | 'unread' | 'end' | null = null
  /** What is loaded reaches where one is to read; until then nothing of it is shown. */
  #entered = false
  #followed: Message | null = null
  #items: { thread: Thread | undefined; outgoing: unknown; failed: boolean; list: Item[] } | null = null
  #fresh = new Set<string>()
  /** Rows that stay in the page, by key: they hold the focus, or play. */
  #focused: { order: number; key: string } | null = null
  #playing = new Map<string, number>()
  #timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor() {
    super()
    this.failed = false
    this.away = false
    this.day = null
    this.dayShown = false
    this.found = ''
    this.said = ''
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
    this.#forgetTimers()
  }

  /** Goes to the newest message. */
  toNewest(): void {
    this.#view.go(null)
  }

  /** Goes to a message, shows which it is, and puts the keyboard there. @returns whether it is there; else it says so */
  async goTo(id: string): Promise<boolean> {
    const { id: conversation } = this.conversation
    for (let pages = 0; pages < SEEK_PAGES; pages++) {
      const item = this.#view.items.find((other) => isMessage(other) && other.id === id)
      if (item !== undefined) {
        await this.#present(item)
        return true
      }
      if (this.state.threads.get(conversation)?.more !== true) break
      const loaded = await this.stream.loadHistory(conversation).then(
        () => true,
        () => false,
      )
      await this.updateComplete
      if (this.conversation.id !== conversation) return false
      if (!loaded) break
    }
    this.#say()
    return false
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { conversation, state } = this
    if (conversation.id !== this.#shown) {
      this.#keepPlace()
      this.#leave()
      this.#shown = conversation.id
      this.#enter(this.#places().get(conversation.id) ?? null, conversation.unread > 0)
    } else if (this.#entered && this.#items?.thread?.loaded === true && !state.threads.get(conversation.id)?.loaded) {
      // A snapshot replaced all that was known: back to where one was.
      this.#enter(this.#view.place, false)
    }
    if (changed.has('sought') && this.sought !== null && this.sought !== this.#followed) void this.#seek(this.sought)
    this.#takeItems()
  }

  protected override firstUpdated(): void {
    this.#view.attach(this.querySelector<HTMLElement>('.messages')!)
  }

  protected override updated(): void {
    this.#view.drawn(this.#indices())
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
        @keydown=${this.#onKey}
        @focusin=${this.#onFocus}
        @focusout=${this.#onBlur}
        @animationend=${this.#onArrived}
        @play=${{ handleEvent: this.#onPlay, capture: true }}
        @pause=${{ handleEvent: this.#onPlay, capture: true }}
      >
        <div class="messages-column">
          <ol aria-label=${name}>
            ${repeat(
              this.#indices(),
              (index) => keyOf(this.#view.items[index]!),
              (index) => this.#row(index, now),
            )}
          </ol>
        </div>
      </div>
      <p class="day day-now ${this.dayShown ? 'shown' : ''}" aria-hidden="true">
        ${this.day === null ? nothing : html`<span>${formatDay(this.day, now)}</span>`}
      </p>
      <p class="list-said" role="status">${this.said === '' ? nothing : html`<span>${text(this.said)}</span>`}</p>
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

  #row(index: number, now: number): TemplateResult {
    const { items, range } = this.#view
    const item = items[index]!
    const key = keyOf(item)
    const unread = this.#divider === null ? -1 : indexOfUnread(items, this.#divider)
    const thread = this.state.threads.get(this.conversation.id)
    const all = thread?.more === false && thread.gaps.length === 0
    return messageRow(
      {
        item,
        standing: standingOf(items, index, unread),
        fresh: this.#fresh.has(key),
        found: key === this.found,
        kept: index < range.start || index >= range.end,
        position: all ? index + (isMessage(items[0]) || isOutgoing(items[0]) ? 1 : 0) : undefined,
        of: all ? items.length : -1,
        unread: this.#divider?.unread ?? 0,
      },
      this.#content(item),
      now,
    )
  }

  /** Drawn again only when what it is made of has changed: a hundred are passed by with each step of the wheel. */
  #content(item: Item): unknown {
    if (isMessage(item)) {
      const tick = item.from === 'me' ? tickOf(this.conversation, item) : null
      return guard([item, tick], () => messageBubble(item, tick, this.stream, this.#menu))
    }
    if (isOutgoing(item)) return guard([item], () => outgoingBubble(item, this.stream))
    const thread = this.state.threads.get(this.conversation.id)
    const isEmpty = thread?.loaded === true && !thread.more && !isGap(item)
    if (isEmpty && !this.failed) return html`<p class="caption loading">${text('chat.none')}</p>`
    return waitingRow(this.failed, this.#tryAgain)
  }

  /** The items that are in the page, in order. */
  #indices(): number[] {
    const { range, items } = this.#view
    const indices = Array.from({ length: range.end - range.start }, (_, index) => range.start + index)
    const kept = [...this.#playing].map(([key, order]) => ({ key, order }))
    if (this.#focused !== null) kept.push(this.#focused)
    for (const { key, order } of kept) {
      const index = items.length === 0 ? -1 : indexOfItem(items, order, key)
      if (index >= 0 && keyOf(items[index]!) === key && !indices.includes(index)) indices.push(index)
    }
    return kept.length === 0 ? indices : indices.toSorted((a, b) => a - b)
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
    }
    if (!this.#entered || this.#entering === null) return
    const to = this.#entering
    this.#entering = null
    const unread = to === 'unread' && this.#divider ? indexOfUnread(this.#view.items, this.#divider) : -1
    if (unread !== -1) this.#view.show(unread, 'start')
    else this.#view.go(typeof to === 'string' ? null : to)
  }

  #leave(): void {
    this.#forgetTimers()
    this.#divider = null
    this.#items = null
    this.#focused = null
    this.#playing.clear()
    this.#fresh.clear()
    this.failed = false
    this.away = false
    this.day = null
    this.dayShown = false
    this.found = ''
    this.said = ''
    this.#view.place = null
    this.#view.moving = false
  }

  #keepPlace(): void {
    if (this.#shown === '' || !this.#entered) return
    // Everything was wiped: this, too.
    if (this.stream.state.account === null) places.delete(this.stream)
    else this.#places().set(this.#shown, this.#view.place)
  }

  #places(): Map<string, Place> {
    const account = this.stream.state.account?.id
    const known = places.get(this.stream)
    if (known?.account === account && known !== undefined) return known.byConversation
    const byConversation = new Map<string, Place>()
    places.set(this.stream, { account, byConversation })
    return byConversation
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
    this.#showDay()
    if (!moving && !this.#timers.has('read')) this.#after('read', READ_AFTER_MS, () => this.#markRead())
    this.#loadNear()
  }

  /** What has come to rest on the screen, to its end, was read. */
  #markRead(): void {
    const { items, visible, place, moving } = this.#view
    if (!this.#entered || moving || document.visibilityState !== 'visible' || this.clientHeight === 0) return
    for (let index = visible.end - 1; index >= visible.start; index--) {
      const item = items[index]
      if (!isMessage(item) || (place !== null && this.#view.endBelow(index) > 1)) continue
      this.stream.markRead(this.conversation.id, item.seq)
      return
    }
  }

  #loadNear(): void {
    if (!this.#entered || this.failed) return
    const { items, range } = this.#view
    const { id } = this.conversation
    const thread = this.state.threads.get(id)
    if (thread?.loaded !== true) return void this.stream.loadHistory(id).catch(() => this.#onFailed(id))
    if (thread.more && this.#view.topOf(0) > -NEAR) this.stream.loadHistory(id).catch(() => this.#onFailed(id))
    if (thread.gaps.length === 0) return
    for (let index = range.start; index < range.end; index++) {
      const gap = items[index]
      if (!isGap(gap)) continue
      const above = this.#view.topOf(index) < this.#view.visibleHeight / 2
      this.stream.loadGap(id, gap, above ? 'newer' : 'older').catch(() => this.#onFailed(id))
    }
  }

  #onFailed(id: string): void {
    if (this.conversation.id === id) this.failed = true
  }

  /** Names the day of what is passing by, unless its own line is in the same place. */
  #showDay(): void {
    const { items, visible, moving } = this.#view
    let index = visible.start
    while (index < visible.end && !isMessage(items[index])) index++
    const item = items[index]
    if (!moving || !isMessage(item)) return
    const isShown = [index, index + 1, index + 2].some((row) => {
      const top = row < items.length ? this.#view.topOf(row) : -1
      return top > -DAY_HEIGHT / 4 && top < DAY_HEIGHT && standingOf(items, row, -1).day
    })
    this.day = dayOf(item)
    this.dayShown = !isShown
    this.#after('day', DAY_SHOWN_MS, () => (this.dayShown = false))
  }

  async #present(item: Item): Promise<void> {
    const [order, key] = [orderOf(item), keyOf(item)]
    const show = (): void => this.#view.show(indexOfItem(this.#view.items, order, key), 'center')
    show()
    await this.updateComplete
    await new Promise((resolve) => requestAnimationFrame(resolve))
    // Its height, and that of those around it, is known now.
    show()
    await this.updateComplete
    this.found = key
    this.said = ''
    this.#after('found', FOUND_SHOWN_MS, () => (this.found = ''))
    this.#rowOf(key)?.focus({ preventScroll: true })
  }

  /** Goes to a message that was found. */
  async #seek(sought: Message): Promise<void> {
    this.#followed = sought
    const { conversation, id, seq } = sought
    await this.stream.reveal(conversation, seq).catch(() => false)
    await this.updateComplete
    if (this.sought !== sought || this.conversation.id !== conversation) return
    const item = this.#view.items.find((other) => isMessage(other) && other.id === id && other.seq === seq)
    if (item === undefined) this.#say()
    else await this.#present(item)
  }

  #say(): void {
    this.said = 'chat.notfound'
    this.#after('said', SAID_SHOWN_MS, () => (this.said = ''))
  }

  #after(what: string, delay: number, run: () => void): void {
    clearTimeout(this.#timers.get(what))
    const timer = setTimeout(() => {
      this.#timers.delete(what)
      run()
    }, delay)
    this.#timers.set(what, timer)
  }

  #forgetTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #rowOf(key: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(`.row[data-key="${CSS.escape(key)}"]`)
  }

  async #focusRow(index: number): Promise<void> {
    const item = this.#view.items[index]
    if (item === undefined) return
    this.#bringInto(item)
    await this.updateComplete
    this.#rowOf(keyOf(item))?.focus({ preventScroll: true })
    // The browser may still be on its way to where an earlier key led.
    this.#after('focus', FOCUS_AGAIN_MS, () => this.#focused?.key === keyOf(item) && this.#bringInto(item))
  }

  #bringInto(item: Item): void {
    const index = indexOfItem(this.#view.items, orderOf(item), keyOf(item))
    if (this.#view.topOf(index) < 0 || this.#view.endBelow(index) > 0) this.#view.show(index, 'nearest')
  }

  #onKey = (event: KeyboardEvent): void => {
    const { items, visible } = this.#view
    const target = event.target as Element
    const row = target.closest('.row')
    // What is in a row (a button, a player) has keys of its own.
    if (target !== event.currentTarget && target !== row) return
    const focused = row === null || this.#focused === null ? null : this.#focused
    const at = focused === null ? null : indexOfItem(items, focused.order, focused.key)
    // Without the default: it would press what the menu has put the focus on.
    if (event.key === 'Enter' && row !== null) row.querySelector<HTMLElement>('.message-menu')?.click()
    else if (event.key === 'End' && at === null) this.toNewest()
    else {
      const to = stepOf(event, items, at, visible)
      if (to === null) return
      void this.#focusRow(to)
    }
    event.preventDefault()
  }

  #onFocus = (event: FocusEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('.row')?.dataset.key
    const item = this.#view.items.find((other) => keyOf(other) === key)
    this.#focused = item === undefined ? null : { order: orderOf(item), key: keyOf(item) }
  }

  #onBlur = (): void => {
    this.#focused = null
  }

  /** A player that leaves the page falls silent: while it plays its row stays. */
  #onPlay = (event: Event): void => {
    const key = (event.target as Element).closest<HTMLElement>('.row')?.dataset.key
    const item = this.#view.items.find((other) => keyOf(other) === key)
    if (item === undefined) return
    if (event.type === 'play') this.#playing.set(keyOf(item), orderOf(item))
    else this.#playing.delete(keyOf(item))
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

  #tryAgain = (): void => {
    this.failed = false
    if (!this.#entered) this.#enter(null, false)
  }

  #menu = (message: Message): void => {
    this.dispatchEvent(new CustomEvent('message-menu', { detail: message, bubbles: true }))
  }
}
