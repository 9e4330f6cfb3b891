/** A person's scroll, and when it has come to rest. */

/** Without a scroll event for so long, the motion is over (Safari has no `scrollend` before 26.2). */
const REST_MS = 150
/** At the beginning of what is there no motion goes on. */
const AT_TOP_MS = 30

export class Motion {
  readonly #onRest: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  /** So far. */
  #scrolls = 0

  constructor(onRest: () => void) {
    this.#onRest = onRest
  }

  /** To be called with every scroll of a person's. */
  goesOn(isAtTop: boolean): void {
    this.#scrolls++
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#restSoon(), isAtTop ? AT_TOP_MS : REST_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
  }

  /** In a frame in which nobody scrolls: a busy page learns late that the motion goes on. */
  #restSoon(): void {
    const scrolls = this.#scrolls
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => {
      if (this.#scrolls === scrolls) this.#onRest()
    })
  }
}
