/**
 * The view on a long list: which items are in the page, where they stand, and where one is in them. It owns the
 * scroller's position and the space before and after the rows, measures what was drawn, and holds what is being read in its
 * place, whatever loads above it, grows, arrives or is resized. Who draws the rows asks it for `range`.
 *
 * The list runs from top to bottom and holds its place by itself. A reversed column holds to the newest message without
 * a script, but moves under a reader when one arrives below; `overflow-anchor` does what is wanted in two engines of
 * three (not in Safari, 2026) and cannot know of rows that are not in the page.
 */
import { MessageHeights } from './message-heights.ts'
import { indexOfItem, isMessage, keyOf, orderOf, type Item } from './message-items.ts'
import { EDGE, endOf, placeAnchored, rangeFor, RowOffsets, type Range } from './message-window.ts'

/** Kept in the page beyond what is seen, in pixels; and how much of it may be used up before rows are exchanged. */
const BEYOND = 1000
const SPARE = 80
/** Rows in the page, whatever their heights. */
const ROWS = 130
/** So near the end one is at it. */
const AT_END = 8
/** Without a scroll event for so long, the motion is over (Safari has no `scrollend` before 26.2). */
const REST_MS = 150
/** Rows that turn out shorter than guessed make room for others, which may again. */
const TURNS = 3

/**
 * A place in a conversation: how far the view's top is below an item's top or end; null: at the conversation's end.
 * What is read is held by its end, because a line may come and go above it (a day's, once those before it are known).
 */
export type Place = { order: number; key: string; edge: 'top' | 'end'; delta: number } | null

export interface ViewHooks {
  /** Other rows are wanted in the page. */
  draw: () => void
  /** The same, before this call returns. */
  drawNow: () => void
  /** Something may be seen that was not before. */
  seen: () => void
}

/** Where an item should come to stand. */
export type Block = 'start' | 'center' | 'nearest'

export class MessageView {
  /** What is read stays here. */
  place: Place = null
  range: Range = { start: 0, end: 0 }
  moving = false
  readonly #hooks: ViewHooks
  readonly #heights = new MessageHeights()
  #items: readonly Item[] = []
  #offsets = new RowOffsets(new Float64Array())
  #drift = 0
  #scroller: HTMLElement | null = null
  #list: HTMLElement | null = null
  /** Which items the rows in the page are. */
  #drawn: readonly number[] = []
  #observer: ResizeObserver | null = null
  #frame = 0
  #rest: ReturnType<typeof setTimeout> | undefined
  /** Where the view was put last: the scroll event that follows is nobody's motion. */
  #put = -1
  #viewport = 800
  /** On the way to a place: it stays what it is until all around it is drawn and measured. */
  #aiming = false

  constructor(hooks: ViewHooks) {
    this.#hooks = hooks
  }

  get items(): readonly Item[] {
    return this.#items
  }

  /** The items in the view, fully or in part. */
  get visible(): Range {
    if (this.#items.length === 0) return { start: 0, end: 0 }
    const top = this.#top
    return { start: this.#offsets.find(top), end: this.#offsets.find(top + this.#viewport - 1) + 1 }
  }

  get visibleHeight(): number {
    return this.#viewport
  }

  /** How far below the view the end is. */
  get below(): number {
    return this.place === null ? 0 : EDGE + this.#offsets.total - this.#top - this.#viewport
  }

  /** The distance of an item's top from the view's. */
  topOf(index: number): number {
    return this.#offsets.top(index) - this.#top
  }

  /** How far below the view's lower edge an item ends; negative: above it. */
  endBelow(index: number): number {
    return this.topOf(index) + this.#offsets.height(index) - this.#viewport
  }

  /** @param scroller holds the rows' list */
  attach(scroller: HTMLElement): void {
    this.#scroller = scroller
    this.#list = scroller.querySelector('ol')
    this.#viewport = scroller.clientHeight
    this.#observer = new ResizeObserver(() => this.#onResize())
    for (const element of [scroller, this.#list]) if (element) this.#observer.observe(element)
  }

  detach(): void {
    this.#observer?.disconnect()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#rest)
    this.#frame = 0
    this.#scroller = null
    this.#list = null
  }

  /** To be called before the rows are drawn. */
  setItems(items: readonly Item[]): void {
    if (items === this.#items) return
    this.#items = items
    this.#offsets = new RowOffsets(this.#heights.of(items))
    this.#drawn = []
    this.#fit()
  }

  /** To be called when the rows are drawn. @param indices of the items that the list's children show */
  drawn(indices: readonly number[]): void {
    this.#drawn = indices
    this.#arrange()
    // What elements in the rows draw is there after this task; then, still before it is painted, all is measured.
    this.#settleSoon()
  }

  /** Brings an item into the view, whether it is in the page or not. */
  show(index: number, block: Block): void {
    const item = this.#items[index]
    if (item === undefined) return
    const room = this.#viewport - this.#offsets.height(index)
    const top = this.topOf(index)
    const nearest = Math.min(Math.max(top, EDGE), room - EDGE)
    const wanted = block === 'start' ? this.#viewport / 4 : block === 'center' ? room / 2 : nearest
    this.go({ order: orderOf(item), key: keyOf(item), edge: 'top', delta: -Math.max(EDGE, wanted) })
  }

  /** @param place null: the end */
  go(place: Place): void {
    this.place = place
    this.moving = false
    this.#aiming = place !== null
    this.#arrange()
    this.#fit()
    this.#hooks.draw()
  }

  onScroll(): void {
    const scroller = this.#scroller
    if (scroller === null) return
    const put = Math.abs(scroller.scrollTop - this.#put) < 1
    this.#put = -1
    if (!put) {
      this.moving = true
      this.#aiming = false
      clearTimeout(this.#rest)
      this.#rest = setTimeout(() => this.#onRest(), REST_MS)
      this.#recall()
    }
    if (this.#fit()) this.#hooks.draw()
    this.#hooks.seen()
  }

  /** Measures what is drawn and puts everything in its place. */
  settle(): void {
    if (this.#scroller === null) return
    for (let turns = 0; turns < TURNS; turns++) {
      this.#measure()
      const isThere = this.#arrange()
      // Drawn and measured within this frame: a row of the wrong height is never painted.
      if (this.#fit()) {
        this.#hooks.drawNow()
        continue
      }
      // All around is drawn and measured: from now on what is seen stays, also where the list ended before the place.
      if (this.#aiming || !isThere) this.#recall()
      this.#aiming = false
      break
    }
    this.#hooks.seen()
  }

  /** The view's top as a distance from the first row's. */
  get #top(): number {
    if (this.#scroller === null) return Math.max(0, this.#offsets.total - this.#viewport)
    return this.#scroller.scrollTop - EDGE - this.#drift
  }

  #onRest(): void {
    this.moving = false
    this.#arrange()
    this.#hooks.seen()
  }

  /** What grew or shrank since it was drawn moves nothing that is being read, in the frame in which it does. */
  #onResize(): void {
    this.#measure()
    this.#arrange()
    // Rows are exchanged later: to draw them here would change what is being observed.
    this.#settleSoon()
  }

  #settleSoon(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.settle()
    })
  }

  #measure(): void {
    if (this.#scroller === null || this.#list === null) return
    this.#viewport = this.#scroller.clientHeight
    const width = this.#list.clientWidth
    if (width !== this.#heights.width && width > 0) {
      this.#heights.useWidth(width)
      this.#offsets = new RowOffsets(this.#heights.of(this.#items))
    }
    for (const [child, index] of this.#drawn.entries()) {
      const row = this.#list.children[child]
      const item = this.#items[index]
      if (row === undefined || item === undefined) continue
      const { height } = row.getBoundingClientRect()
      if (Math.abs(height - this.#offsets.height(index)) < 0.01) continue
      this.#offsets.setHeight(index, height)
      this.#heights.measured(item, height)
    }
  }

  /** Remembers what is read: the first message of which anything is seen. */
  #recall(): void {
    const scroller = this.#scroller
    if (scroller === null || this.#items.length === 0) return
    if (scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= AT_END) {
      this.place = null
      return
    }
    const top = this.#top
    const { start, end } = this.visible
    let index = start
    while (index < end - 1 && !isMessage(this.#items[index])) index++
    const item = this.#items[index]!
    this.place = { order: orderOf(item), key: keyOf(item), edge: 'end', delta: top - this.#offsets.top(index + 1) }
  }

  /** Where the view's top belongs, from the first row's. */
  #topOfPlace(place: NonNullable<Place>): number {
    const index = indexOfItem(this.#items, place.order, place.key)
    return this.#offsets.top(place.edge === 'end' ? index + 1 : index) + place.delta
  }

  /** Puts the rows and the view where they belong. @returns whether the list reaches as far as it takes */
  #arrange(): boolean {
    const { place } = this
    const scroller = this.#scroller
    const list = this.#list
    if (scroller === null || list === null) return true
    let { scrollTop } = scroller
    let isThere = true
    if (place === null) this.#drift = 0
    else if (this.#items.length > 0) {
      const top = this.#topOfPlace(place)
      const placed = placeAnchored({
        offsets: this.#offsets,
        top,
        scrollTop,
        viewport: this.#viewport,
        start: this.range.start,
        moving: this.moving,
      })
      this.#drift = placed.drift
      scrollTop = placed.scrollTop
      isThere = Math.abs(scrollTop - placed.drift - EDGE - top) < 1
    }
    const { start, end } = this.range
    const before = EDGE + this.#offsets.top(start) + this.#drift
    const after = EDGE + this.#offsets.total - this.#offsets.top(end)
    // As the list's own padding: a box that began where its first row does would move with every row.
    list.style.paddingBlock = `${Math.max(0, before)}px ${Math.max(0, after)}px`
    this.#arrangeKept()
    if (place === null) scrollTop = endOf(this.#offsets, this.#viewport)
    if (Math.abs(scroller.scrollTop - scrollTop) < 0.5) return isThere
    scroller.scrollTop = scrollTop
    this.#put = scroller.scrollTop
    return isThere
  }

  /** Rows outside of the window stand where they would be if all were there. */
  #arrangeKept(): void {
    const { start, end } = this.range
    for (const [child, index] of this.#drawn.entries()) {
      const row = this.#list?.children[child]
      if (!(row instanceof HTMLElement)) continue
      const kept = index < start || index >= end
      if (kept) row.style.insetBlockStart = `${EDGE + this.#offsets.top(index) + this.#drift}px`
      else if (row.style.insetBlockStart !== '') row.style.insetBlockStart = ''
    }
  }

  /** Chooses the rows. @returns whether others than now */
  #fit(): boolean {
    const { range } = this
    const top =
      this.place === null
        ? this.#offsets.total + EDGE - this.#viewport
        : this.#items.length === 0
          ? 0
          : this.#topOfPlace(this.place)
    const wanted = rangeFor(this.#offsets, top, this.#viewport, BEYOND, ROWS)
    const needed = rangeFor(this.#offsets, top, this.#viewport, BEYOND - SPARE, ROWS)
    const holds = range.start <= needed.start && range.end >= needed.end && range.end <= this.#items.length
    if (holds && range.end - range.start <= ROWS) return false
    this.range = wanted
    return true
  }
}
