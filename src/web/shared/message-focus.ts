/** The keyboard in a list of messages, and the rows that stay in the page because they hold the focus, or play. */
import { indexOfItem, keyOf, orderOf, type Item } from './message-items.ts'
import { stepOf } from './message-keys.ts'
import type { MessageView } from './message-view.ts'

export interface FocusHooks {
  /** What was asked to be drawn is drawn. */
  drawn: () => Promise<unknown>
  rowOf: (key: string) => HTMLElement | null
  toNewest: () => void
  /** Calls it when the browser has come to where a key led. */
  soon: (run: () => void) => void
}

export class MessageFocus {
  readonly #view: MessageView
  readonly #hooks: FocusHooks
  #focused: { order: number; key: string } | null = null
  /** By key, with the order. */
  #playing = new Map<string, number>()

  constructor(view: MessageView, hooks: FocusHooks) {
    this.#view = view
    this.#hooks = hooks
  }

  forget(): void {
    this.#focused = null
    this.#playing.clear()
  }

  /** The items that are in the page, in order. */
  indices(): number[] {
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

  onKey = (event: KeyboardEvent): void => {
    const { items, visible } = this.#view
    const target = event.target as Element
    const row = target.closest('.row')
    // What is in a row (a button, a player) has keys of its own.
    if (target !== event.currentTarget && target !== row) return
    const focused = row === null || this.#focused === null ? null : this.#focused
    const at = focused === null ? null : indexOfItem(items, focused.order, focused.key)
    // Without the default: it would press what the menu has put the focus on.
    if (event.key === 'Enter' && row !== null) row.querySelector<HTMLElement>('.message-menu')?.click()
    else if (event.key === 'End' && at === null) this.#hooks.toNewest()
    else {
      const to = stepOf(event, items, at, visible)
      if (to === null) return
      void this.#focusRow(to)
    }
    event.preventDefault()
  }

  onFocus = (event: FocusEvent): void => {
    const item = this.#itemAt(event)
    this.#focused = item === undefined ? null : { order: orderOf(item), key: keyOf(item) }
  }

  onBlur = (): void => {
    this.#focused = null
  }

  /** A player that leaves the page falls silent: while it plays its row stays. */
  onPlay = (event: Event): void => {
    const item = this.#itemAt(event)
    if (item === undefined) return
    if (event.type === 'play') this.#playing.set(keyOf(item), orderOf(item))
    else this.#playing.delete(keyOf(item))
  }

  async #focusRow(index: number): Promise<void> {
    const item = this.#view.items[index]
    if (item === undefined) return
    this.#bringInto(item)
    await this.#hooks.drawn()
    this.#hooks.rowOf(keyOf(item))?.focus({ preventScroll: true })
    // The browser may still be on its way to where an earlier key led.
    this.#hooks.soon(() => this.#focused?.key === keyOf(item) && this.#bringInto(item))
  }

  #bringInto(item: Item): void {
    const index = indexOfItem(this.#view.items, orderOf(item), keyOf(item))
    if (this.#view.topOf(index) < 0 || this.#view.endBelow(index) > 0) this.#view.show(index, 'nearest')
  }

  #itemAt(event: Event): Item | undefined {
    const key = (event.target as Element).closest<HTMLElement>('.row')?.dataset.key
    return this.#view.items.find((other) => keyOf(other) === key)
  }
}
