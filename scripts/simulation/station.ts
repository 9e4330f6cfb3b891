/**
 * An object as a queue: requests are taken one after the other, each for the same time. That is coarser than the runtime,
 * where a request that waits for another object lets the next one in; what is modelled is the documented limit of requests
 * a second.
 */

/** Waits are kept in steps of a twentieth. */
const STEP = Math.log(1.05)

/** Waits of many requests. */
export class Waits {
  readonly #counts = new Map<number, number>()
  count = 0
  longest = 0
  #sum = 0

  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count
  }

  add(milliseconds: number): void {
    const step = milliseconds < 0.01 ? -1 : Math.floor(Math.log(milliseconds / 0.01) / STEP)
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    this.count++
    this.#sum += milliseconds
    this.longest = Math.max(this.longest, milliseconds)
  }

  /** @param share - 0.5 for the median */
  quantile(share: number): number {
    let left = this.count * share
    for (const [step, count] of [...this.#counts].toSorted(([a], [b]) => a - b)) {
      left -= count
      if (left <= 0) return step < 0 ? 0 : Math.min(this.longest, 0.01 * Math.exp((step + 1) * STEP))
    }
    return this.longest
  }
}

export class Station {
  readonly #serviceMs: number
  readonly #waits: Waits
  #freeAt = 0
  longestQueue = 0
  served = 0

  /** @param waits - several stations may share one */
  constructor(perSecond: number, waits = new Waits()) {
    this.#serviceMs = 1000 / perSecond
    this.#waits = waits
  }

  /** How long a request that came now would wait. */
  waitAt(now: number): number {
    return Math.max(0, this.#freeAt - now)
  }

  /** Takes a request; requests come in the order of their times. @returns when it is answered */
  take(now: number): number {
    const wait = this.waitAt(now)
    this.longestQueue = Math.max(this.longestQueue, Math.ceil(wait / this.#serviceMs))
    this.#waits.add(wait)
    this.#freeAt = now + wait + this.#serviceMs
    this.served++
    return this.#freeAt
  }
}
