/** The object's one alarm: moved only to earlier times, never disarmed by success, because each setting is a row written. */

export class Clock {
  readonly #storage: DurableObjectStorage
  /** Undefined until it was asked for. */
  #armedAt: number | null | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** Asks when the alarm is set, once in an instance's life; to be awaited before {@link arm}. */
  async load(): Promise<void> {
    if (this.#armedAt !== undefined) return
    const at = await this.#storage.getAlarm()
    // What happened meanwhile is newer than the answer.
    if (this.#armedAt === undefined) this.#armedAt = at
  }

  /** Makes sure of an alarm at `at` or before. Part of the caller's write, since nothing is awaited in between. */
  arm(at: number): void {
    if (this.#armedAt === undefined) throw new Error('the clock was not loaded')
    if (this.#armedAt !== null && this.#armedAt <= at) return
    this.#armedAt = at
    void this.#storage.setAlarm(at)
  }

  /** The alarm fires, and is used up by that. */
  fired(): void {
    this.#armedAt = null
  }
}
