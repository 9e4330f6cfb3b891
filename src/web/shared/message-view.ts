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
import type { Item } from './message-items.ts'
import { Motion } from './message-motion.ts'
import { placeAt, placeFor, topOfPlace, type Block, type Place } from './message-place.ts'
import { DrawnRows } from './message-rows.ts'
import { EDGE, endOf, firstPlaced, placeAnchored, rangeFor, RowOffsets, type Range } from './message-window.ts'

/** Kept in the page beyond what is seen, in pixels; and how much of it may be used up before rows are exchanged. */
const BEYOND = 1000
const SPARE = 60
/** Rows in the page, whatever their heights. */
const ROWS = 130
/** So near the end one is at it. */
const AT_END = 8
const NEAR_END = 400
/** Rows that turn out shorter than guessed make room for others, which may again. */
const TURNS = 3

export interface ViewHooks {
  /** Other rows are wanted in the page. */
  draw: () => void
  /** The same, before this call returns. */
  drawNow: () => void
  /** Something may be seen that was not before. */
  seen: () => void
}

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
  #rows: DrawnRows | null = null
  #frame = 0
  readonly #motion = new Motion(() => {
    this.moving = false
    this.settle()
  })
  /** Where the view was put last: the scroll event that follows is nobody's motion. */
  #put = -1
  /** As last seen or set: to ask for it after a change has all laid out at once. */
  #scrollTop = 0
  #padding = ''
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
    this.#list = scroller.querySelector('ol')!
    this.#rows = new DrawnRows(scroller, this.#list, () => this.#onResize())
    this.#viewport = this.#rows.viewport
    this.#scrollTop = scroller.scrollTop
    this.#padding = ''
  }

  detach(): void {
    this.#rows?.disconnect()
    cancelAnimationFrame(this.#frame)
    this.#motion.end()
    this.#frame = 0
    this.#rows = null
    this.#scroller = null
    this.#list = null
  }

  /** To be called before the rows are drawn. */
  setItems(items: readonly Item[]): void {
    if (items === this.#items) return
    this.#items = items
    this.#offsets = new RowOffsets(this.#heights.of(items))
    this.#rows?.forget()
    this.#fit()
  }

  /**
   * To be called when the rows are drawn.
   * @param indices of the items that the list's children show
   * @param changed those that were drawn anew
   */
  drawn(indices: readonly number[], changed: ReadonlySet<number>): void {
    this.#rows?.drawn(indices, changed)
    // The room for them first: a list that is too short for a moment has the browser scroll it.
    this.#arrange()
    // At once: a pointer that moves has the browser look where everything is before the next frame begins.
    this.#measure((index) => isDrawnLate(this.#items[index]))
    this.#arrange()
    // What elements in the rows draw is there after this task; then, still before it is painted, the rest is measured.
    this.#settleSoon()
  }

  /** Brings an item into the view, whether it is in the page or not. */
  show(index: number, block: Block): void {
    const item = this.#items[index]
    if (item === undefined) return
    const room = this.#viewport - this.#offsets.height(index)
    this.go(placeFor(item, block, this.topOf(index), room, this.#viewport))
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
    this.#scrollTop = scroller.scrollTop
    const put = Math.abs(this.#scrollTop - this.#put) < 1
    this.#put = -1
    if (!put) {
      this.moving = true
      this.#aiming = false
      this.#motion.goesOn(this.#scrollTop <= 0)
      this.#recall()
    }
    if (this.#fit()) this.#hooks.draw()
    this.#hooks.seen()
  }

  /** Measures what is drawn and puts everything in its place. */
  settle(): void {
    if (this.#rows === null) return
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
    return this.#scrollTop - EDGE - this.#drift
  }

  /** What grew or shrank since it was drawn moves nothing that is being read, in the frame in which it does. */
  #onResize(): void {
    this.#takeHeights()
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

  #measure(isLate?: (index: number) => boolean): void {
    if (this.#rows?.measure(isLate) === true && this.#scroller !== null) this.#scrollTop = this.#scroller.scrollTop
    this.#takeHeights()
  }

  /** Takes over what is known of the rows in the page. */
  #takeHeights(): void {
    if (this.#rows === null) return
    const { width, viewport } = this.#rows
    this.#viewport = viewport
    if (width !== this.#heights.width && width > 0) {
      this.#heights.useWidth(width)
      this.#offsets = new RowOffsets(this.#heights.of(this.#items))
    }
    for (const [index, height] of this.#rows.measured()) {
      const item = this.#items[index]
      if (item === undefined || Math.abs(height - this.#offsets.height(index)) < 0.01) continue
      this.#offsets.setHeight(index, height)
      this.#heights.measured(item, height)
    }
  }

  /** Remembers what is read: the first message of which anything is seen. */
  #recall(): void {
    const scroller = this.#scroller
    if (scroller === null || this.#items.length === 0) return
    const left = 2 * EDGE + this.#offsets.total + this.#drift - this.#viewport - this.#scrollTop
    // Near the end what is in the page decides.
    if (left < NEAR_END && scroller.scrollHeight - scroller.clientHeight - this.#scrollTop <= AT_END) {
      this.place = null
      return
    }
    this.place = placeAt(this.#items, this.#offsets, this.visible, this.#top)
  }

  /** Puts the rows and the view where they belong. @returns whether the list reaches as far as it takes */
  #arrange(): boolean {
    const { place } = this
    const scroller = this.#scroller
    const list = this.#list
    if (scroller === null || list === null) return true
    let scrollTop = this.#scrollTop
    let isThere = true
    if (place === null) this.#drift = 0
    else if (this.#items.length > 0) {
      const top = topOfPlace(place, this.#items, this.#offsets)
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
    const padding = `${Math.max(0, before)}px ${Math.max(0, after)}px`
    if (padding !== this.#padding) list.style.paddingBlock = this.#padding = padding
    this.#arrangeKept()
    if (place === null) scrollTop = endOf(this.#offsets, this.#viewport)
    if (Math.abs(this.#scrollTop - scrollTop) < 0.5) return isThere
    scroller.scrollTop = scrollTop
    this.#scrollTop = this.#put = scroller.scrollTop
    return isThere
  }

  /** Rows outside of the window stand where they would be if all were there. */
  #arrangeKept(): void {
    const { start, end } = this.range
    for (const [index, row] of this.#rows?.all() ?? []) {
      const kept = index < start || index >= end
      if (kept) row.style.insetBlockStart = `${EDGE + this.#offsets.top(index) + this.#drift}px`
      else if (row.style.insetBlockStart !== '') row.style.insetBlockStart = ''
    }
  }

  /** Chooses the rows. @returns whether others than now */
  #fit(): boolean {
    const { range } = this
    const { count, total } = this.#offsets
    const end = total + EDGE - this.#viewport
    const top = this.place === null ? end : count === 0 ? 0 : topOfPlace(this.place, this.#items, this.#offsets)
    const first = this.moving && this.place !== null ? firstPlaced(this.#offsets, this.#scrollTop - EDGE - top) : 0
    const wanted = rangeFor(this.#offsets, top, this.#viewport, BEYOND, ROWS)
    const needed = rangeFor(this.#offsets, top, this.#viewport, BEYOND - SPARE, ROWS)
    const start = Math.min(Math.max(needed.start, first), Math.max(0, needed.end - 1))
    const holds = range.start >= first && range.start <= start && range.end >= needed.end && range.end <= count
    if (holds && range.end - range.start <= ROWS) return false
    this.range = { start: Math.min(Math.max(wanted.start, first), Math.max(0, wanted.end - 1)), end: wanted.end }
    return true
  }
}

/** It has elements in it that draw themselves. */
function isDrawnLate(item: Item | undefined): boolean {
  return item !== undefined && (('media' in item && !('deleted' in item)) || 'file' in item || 'replyTo' in item)
}
