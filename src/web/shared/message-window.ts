/**
 * The arithmetic of a long list of which only a window is in the page: where each row is, which rows a view needs, and
 * where things must go so that what is being read stays where it is. Pure: no DOM, no clock. Lengths are CSS pixels.
 */

/** Room before the first row and after the last. */
export const EDGE = 12

/** Rows from `start` up to, and without, `end`. */
export interface Range {
  start: number
  end: number
}

/** Where the rows are, one below the other. A height may change at any time; what follows from it is summed up lazily. */
export class RowOffsets {
  readonly #heights: Float64Array
  readonly #tops: Float64Array
  /** The tops up to this row are right. */
  #summed = 0

  constructor(heights: Float64Array) {
    this.#heights = heights
    this.#tops = new Float64Array(heights.length + 1)
  }

  get count(): number {
    return this.#heights.length
  }

  get total(): number {
    return this.top(this.count)
  }

  /** The distance from the first row's top to this one's; of the row after the last: the height of all. */
  top(index: number): number {
    for (let row = this.#summed; row < index; row++) this.#tops[row + 1] = this.#tops[row]! + this.#heights[row]!
    this.#summed = Math.max(this.#summed, index)
    return this.#tops[index]!
  }

  height(index: number): number {
    return this.#heights[index]!
  }

  setHeight(index: number, height: number): void {
    this.#heights[index] = height
    this.#summed = Math.min(this.#summed, index)
  }

  /** The row at a distance from the first one's top; the nearest where there is none. */
  find(distance: number): number {
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.top(middle) <= distance) low = middle
      else high = middle - 1
    }
    return low
  }
}

/**
 * The rows that a view needs.
 * @param top of the view, from the first row's top
 * @param height of the view
 * @param beyond what is wanted above and below it
 * @param most rows, whatever their heights
 */
export function rangeFor(offsets: RowOffsets, top: number, height: number, beyond: number, most: number): Range {
  if (offsets.count === 0) return { start: 0, end: 0 }
  const first = offsets.find(top)
  const last = offsets.find(top + height)
  const spare = Math.max(0, Math.floor((most - (last + 1 - first)) / 2))
  return {
    start: Math.max(offsets.find(top - beyond), first - spare),
    end: Math.min(offsets.find(top + height + beyond), last + spare) + 1,
  }
}

export interface Placement {
  /** Added to the distance of every row from the top: what the rows above turned out to be taller or less tall by. */
  drift: number
  scrollTop: number
}

export interface Layout {
  offsets: RowOffsets
  /** Where the view's top belongs for that, from the first row's. */
  top: number
  scrollTop: number
  /** The height of the view. */
  viewport: number
  /** The first row in the page. */
  start: number
  /** The person is scrolling: to set `scrollTop` would end the motion (a fling, a wheel's animation). */
  moving: boolean
}

/**
 * Where rows and view go so that what is read stays where it is on the screen. At rest `scrollTop` takes up every
 * difference. In motion the rows do, by a drift, which the next rest settles; but not at the list's beginning, where
 * the drift would be seen as a hole, or would leave no room.
 */
export function placeAnchored({ offsets, top, scrollTop, viewport, start, moving }: Layout): Placement {
  const at = EDGE + top
  const drift = scrollTop - at
  if (moving && start > 0 && EDGE + offsets.top(start) + drift >= 0) return { drift, scrollTop }
  return { drift: 0, scrollTop: Math.max(0, Math.min(at, endOf(offsets, viewport))) }
}

/** The greatest `scrollTop` without a drift. */
export function endOf(offsets: RowOffsets, viewport: number): number {
  return Math.max(0, 2 * EDGE + offsets.total - viewport)
}
