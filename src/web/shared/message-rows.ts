/**
 * The rows that are in the page and how tall they are. A new row is measured once, within the frame in which it was
 * drawn; after that a single observer tells when any of them has grown. To ask all of them in every frame, or to observe
 * each, costs more than all else that a scroll does; and what is mended only when an observer tells of it has been
 * counted as a layout shift by then (Chromium, 2026).
 */

export class DrawnRows {
  /** Of the list, and of what scrolls it. */
  width: number
  viewport: number
  readonly #scroller: HTMLElement
  readonly #list: HTMLElement
  readonly #observer: ResizeObserver
  /** By element; NaN: not measured yet. */
  #heights = new Map<Element, number>()
  /** Which items the rows show, in the order of the list's children. */
  #indices: readonly number[] = []
  #isMeasured = true
  /** What the rows in the list are tall together. */
  #together = 0

  /** @param onResize the rows, or the room for them, have another size; called before this is painted */
  constructor(scroller: HTMLElement, list: HTMLElement, onResize: () => void) {
    this.#scroller = scroller
    this.#list = list
    this.viewport = scroller.clientHeight
    this.width = list.clientWidth
    this.#observer = new ResizeObserver((entries) => {
      if (this.#take(entries)) onResize()
    })
    this.#observer.observe(scroller)
    this.#observer.observe(list)
  }

  disconnect(): void {
    this.#observer.disconnect()
    this.#heights.clear()
    this.#indices = []
  }

  /**
   * To be called when rows were drawn.
   * @param indices of the items that the list's children show
   * @param changed those that were drawn anew, which may have another height now
   */
  drawn(indices: readonly number[], changed: ReadonlySet<number>): void {
    this.#indices = indices
    const before = this.#heights
    this.#heights = new Map()
    for (const [index, row] of this.all()) {
      const height = changed.has(index) ? NaN : (before.get(row) ?? NaN)
      this.#heights.set(row, height)
      if (Number.isNaN(height)) this.#isMeasured = false
    }
  }

  /** Other items than those that were drawn: what the rows show is not known until they are drawn again. */
  forget(): void {
    this.#indices = []
  }

  /**
   * Measures the rows that were not measured yet.
   * @param isLate what is in them is not drawn yet
   * @returns whether there were any
   */
  measure(isLate: (index: number) => boolean = () => false): boolean {
    if (this.#isMeasured) return false
    this.#isMeasured = true
    for (const [index, row] of this.all()) {
      if (!Number.isNaN(this.#heights.get(row))) continue
      if (isLate(index)) this.#isMeasured = false
      else this.#heights.set(row, heightOf(row))
    }
    return true
  }

  /** The items in the page with their heights, as far as they are known. */
  *measured(): Generator<[index: number, height: number]> {
    for (const [index, row] of this.all()) {
      const height = this.#heights.get(row)
      if (height !== undefined && !Number.isNaN(height)) yield [index, height]
    }
  }

  *all(): Generator<[index: number, row: HTMLElement]> {
    let row = this.#list.firstElementChild
    for (const index of this.#indices) {
      if (row === null) return
      yield [index, row as HTMLElement]
      row = row.nextElementSibling
    }
  }

  #take(entries: readonly ResizeObserverEntry[]): boolean {
    let isOther = false
    for (const { target, contentRect } of entries) {
      const { width, height } = contentRect
      // What is not shown has no size.
      if (width === 0) continue
      if (target === this.#scroller) {
        isOther ||= height !== this.viewport
        this.viewport = height
      } else {
        isOther ||= width !== this.width
        this.width = width
        this.#together = height
      }
    }
    if (isOther || Math.abs(this.#sum() - this.#together) > 0.1) {
      for (const row of this.#heights.keys()) this.#heights.set(row, heightOf(row))
      this.#isMeasured = true
      return true
    }
    return false
  }

  /** NaN when one was not measured. */
  #sum(): number {
    let sum = 0
    for (const [row, height] of this.#heights) if (!row.classList.contains('kept')) sum += height
    return sum
  }
}

function heightOf(row: Element): number {
  return row.getBoundingClientRect().height
}
