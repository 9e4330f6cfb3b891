/** What is to happen after a while, by name: the next of a name takes the place of the one before. */

export class Timers {
  readonly #running = new Map<string, ReturnType<typeof setTimeout>>()

  after(what: string, delay: number, run: () => void): void {
    clearTimeout(this.#running.get(what))
    const timer = setTimeout(() => {
      this.#running.delete(what)
      run()
    }, delay)
    this.#running.set(what, timer)
  }

  has(what: string): boolean {
    return this.#running.has(what)
  }

  clear(): void {
    for (const timer of this.#running.values()) clearTimeout(timer)
    this.#running.clear()
  }
}
