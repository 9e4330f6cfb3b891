/**
 * How tall the items of a list are: as measured, by item and by the list's width, or else as guessed from the words and
 * the picture. A wrong guess costs nothing that is seen: what is read stays where it is when it turns out.
 */
import { mediaKind } from '../../protocol/media-types.ts'
import type { Media } from '../../protocol/model.ts'
import { isGap, isMessage, isOutgoing, type Item } from './message-items.ts'
import { shownSize } from './media-picture.ts'

/** Widths that are remembered: a window is dragged through many, a phone is turned between two. */
const WIDTHS = 3
/** Of the usual letters; a line; what is around the words; another item. */
const LETTER = 7.4
const LINE = 22
const AROUND = 18
const OTHER = 48
const BUBBLE_MAX = 0.62
const BUBBLE_PADDING = 24
const FILE = 52
const PLAYER = 62

export class MessageHeights {
  /** By width, the one in use last. */
  #measured = new Map<number, WeakMap<Item, number>>([[0, new WeakMap()]])
  #width = 0

  get width(): number {
    return this.#width
  }

  /** Measures are kept and looked up for this width from now on. */
  useWidth(width: number): void {
    if (width === this.#width) return
    this.#width = width
    const known = this.#measured.get(width) ?? new WeakMap<Item, number>()
    this.#measured.delete(width)
    this.#measured.set(width, known)
    const [oldest] = this.#measured.keys()
    if (this.#measured.size > WIDTHS && oldest !== undefined) this.#measured.delete(oldest)
  }

  measured(item: Item, height: number): void {
    this.#measured.get(this.#width)?.set(item, height)
  }

  of(items: readonly Item[]): Float64Array {
    const known = this.#measured.get(this.#width)
    const heights = new Float64Array(items.length)
    for (const [index, item] of items.entries()) heights[index] = known?.get(item) ?? guessHeight(item, this.#width)
    return heights
  }
}

/** @param width of the list; 0: not known yet */
export function guessHeight(item: Item, width: number): number {
  if (!isMessage(item) && !isOutgoing(item)) return isGap(item) ? 2 * OTHER : OTHER
  const line = Math.max(8, ((width || 700) * BUBBLE_MAX - BUBBLE_PADDING) / LETTER)
  const words = item.text === undefined ? 0 : Math.max(1, Math.ceil(item.text.length / line)) * LINE
  return AROUND + words + (isMessage(item) ? mediaHeight(item.media) : mediaHeight(item.file))
}

function mediaHeight(media: Pick<Media, 'contentType' | 'width' | 'height'> | undefined): number {
  if (media === undefined) return 0
  switch (mediaKind(media.contentType)) {
    case 'image':
    case 'video':
      return shownSize(media).height + LINE
    case 'audio':
      return PLAYER + LINE
    case 'file':
      return FILE + LINE
  }
}
