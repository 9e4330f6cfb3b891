/** The day of what is passing by while one scrolls. */
import { dayOf, isMessage, standingOf } from './message-items.ts'
import type { MessageView } from './message-view.ts'

/** The day stays on the screen this long after the last motion. */
const SHOWN_MS = 1_200
/** Where the day stands, from the top. */
const HEIGHT = 44

export interface DayHooks {
  draw: () => void
  after: (delay: number, run: () => void) => void
}

export class PassingDay {
  day: number | null = null
  shown = false
  readonly #view: MessageView
  readonly #hooks: DayHooks

  constructor(view: MessageView, hooks: DayHooks) {
    this.#view = view
    this.#hooks = hooks
  }

  forget(): void {
    this.day = null
    this.shown = false
  }

  /** Names the day of what is passing by, unless its own line is in the same place. */
  look(): void {
    const { items, visible, moving } = this.#view
    let index = visible.start
    while (index < visible.end && !isMessage(items[index])) index++
    const item = items[index]
    if (!moving || !isMessage(item)) return
    const isShown = [index, index + 1, index + 2].some((row) => {
      const top = row < items.length ? this.#view.topOf(row) : -1
      return top > -HEIGHT / 4 && top < HEIGHT && standingOf(items, row, -1).day
    })
    this.#set(dayOf(item), !isShown)
    this.#hooks.after(SHOWN_MS, () => this.#set(this.day, false))
  }

  #set(day: number | null, shown: boolean): void {
    if (day === this.day && shown === this.shown) return
    this.day = day
    this.shown = shown
    this.#hooks.draw()
  }
}
