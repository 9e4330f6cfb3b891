/** What happens when: the events of a simulation, taken in the order of their times (a binary heap). */

type Event = (now: number) => void

export class Agenda {
  readonly #times: number[] = []
  readonly #events: Event[] = []

  /** Adds an event at a time, milliseconds. */
  add(at: number, event: Event): void {
    const [times, events] = [this.#times, this.#events]
    let index = times.length
    times.push(at)
    events.push(event)
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (times[parent]! <= at) break
      times[index] = times[parent]!
      events[index] = events[parent]!
      index = parent
    }
    times[index] = at
    events[index] = event
  }

  /** Lets everything happen, also what is added meanwhile. @returns the time of the last event, at most `until` */
  run(until = Infinity): number {
    let now = 0
    while (this.#times.length > 0 && this.#times[0]! <= until) {
      now = this.#times[0]!
      this.#take()(now)
    }
    return now
  }

  #take(): Event {
    const [times, events] = [this.#times, this.#events]
    const first = events[0]!
    const [time, event] = [times.pop()!, events.pop()!]
    const { length } = times
    if (length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= length) break
      if (child + 1 < length && times[child + 1]! < times[child]!) child++
      if (times[child]! >= time) break
      times[index] = times[child]!
      events[index] = events[child]!
      index = child
    }
    times[index] = time
    events[index] = event
    return first
  }
}
