/** The day of what is passing by while one scrolls. */
import { dayOf, isMessage, standingOf } from './message-items.ts'
import type { MessageView } from './message-view.ts'

/** The day stays on the screen this long after the last motion. */
const SHOWN_MS = 1_200
/** A row that begins a day shows it within so many pixels of its top. */
const OWN_LINE = 44
/** The passing day gives way to one that comes so near to the view's top, in time to be gone when it is there. */
const NEAR = 64

/** What is asked of the view. */
export type DayView = Pick<MessageView, 'items' | 'visible' | 'moving' | 'topOf'>

export interface DayHooks {
  draw: () => void
  after: (delay: number, run: () => void) => void
}

export class PassingDay {
  day: number | null = null
  shown = false
  readonly #view: DayView
  readonly #hooks: DayHooks

  constructor(view: DayView, hooks: DayHooks) {
    this.#view = view
    this.#hooks = hooks
  }

  forget(): void {
    this.day = null
    this.shown = false
  }

  /** Names the day of what is passing by, unless a day's own line is in the same place or comes near it. */
  look(): void {
    const { items, visible, moving } = this.#view
    let index = visible.start
    while (index < visible.end && !isMessage(items[index])) index++
    const item = items[index]
    if (!isMessage(item)) return
    const isBeside = [index, index + 1, index + 2].some((row) => {
      const top = row < items.length ? this.#view.topOf(row) : NEAR
      return top > -OWN_LINE && top < NEAR && standingOf(items, row, -1).day
    })
    if (moving) {
      this.#set(dayOf(item), !isBeside)
      this.#hooks.after(SHOWN_MS, () => this.#set(this.day, false))
    } else if (isBeside) this.#set(this.day, false)
  }

  #set(day: number | null, shown: boolean): void {
    if (day === this.day && shown === this.shown) return
    this.day = day
    this.shown = shown
    this.#hooks.draw()
  }
}
