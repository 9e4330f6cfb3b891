/**
 * A client that never stops talking: it sends numbered messages, several under way at once, and notes every event. When
 * its socket is lost it comes back with its cursor and sends again, under the same ids, what was not answered.
 */
import { randomUUID } from 'node:crypto'
import type { Frame, TestSocket } from '../support/outside/socket.ts'

/** Messages under way at once. */
const WINDOW = 8
/** Nothing of a test takes longer. */
const LONG_MS = 120_000

/** Opens a socket on which the stream goes on after a cursor. */
export type Open = (cursor: number) => Promise<TestSocket>

export class Client {
  readonly name: string
  /** The texts of the messages that came as events, in their order. */
  readonly received: string[] = []
  /** What broke the contract. */
  readonly faults: string[] = []
  /** Numbers that were answered `ok`. */
  readonly acknowledged = new Set<number>()
  /** How far it numbers; raised by the test, or never to stop. */
  limit = Infinity
  readonly #open: Open
  readonly #conversation: string
  readonly #unanswered = new Map<number, string>()
  readonly #ids = new Set<string>()
  #cursor: number
  #next = 1
  #socket: TestSocket | null = null

  constructor(name: string, conversation: string, cursor: number, open: Open) {
    this.name = name
    this.#conversation = conversation
    this.#cursor = cursor
    this.#open = open
  }

  /** The number of messages that it has sent. */
  get sent(): number {
    return this.#next - 1
  }

  get isAnswered(): boolean {
    return this.#unanswered.size === 0 && this.sent >= this.limit
  }

  /** Comes (back) and goes on. Resolves when it speaks; `ended` when its socket is lost. */
  async start(): Promise<{ ended: Promise<void> }> {
    const socket = await this.#open(this.#cursor)
    this.#socket = socket
    const ended = this.#listen(socket)
    for (const number of this.#unanswered.keys()) this.#transmit(number)
    this.#fill()
    return { ended }
  }

  async stop(): Promise<void> {
    await this.#socket?.close()
  }

  async #listen(socket: TestSocket): Promise<void> {
    for (;;) {
      let frame: Frame
      try {
        frame = await socket.find('a frame', () => true, LONG_MS)
      } catch {
        return
      }
      this.#receive(frame)
    }
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case 'event': {
        if (frame.cursor !== this.#cursor + 1) this.faults.push(`the event ${frame.cursor} after ${this.#cursor}`)
        this.#cursor = frame.cursor
        if (frame.event.kind === 'message') this.#note(frame.event.message)
        return
      }
      case 'ok': {
        const number = Number(frame.ref)
        if (this.#unanswered.delete(number)) this.acknowledged.add(number)
        return this.#fill()
      }
      case 'error':
        // The service failed, as it may around a kill: the same id once more.
        if (frame.code !== 'internal') this.faults.push(`an error: ${JSON.stringify(frame)}`)
        return this.#transmit(Number(frame.ref))
      case 'snapshot':
        this.faults.push(`a snapshot instead of the events after ${this.#cursor}`)
    }
  }

  #note({ from, id, text }: Frame): void {
    const key = `${from} ${id}`
    if (this.#ids.has(key)) this.faults.push(`twice: ${text}`)
    this.#ids.add(key)
    this.received.push(text)
  }

  #fill(): void {
    while (this.#unanswered.size < WINDOW && this.#next <= this.limit) {
      const number = this.#next++
      this.#unanswered.set(number, randomUUID())
      this.#transmit(number)
    }
  }

  #transmit(number: number): void {
    const id = this.#unanswered.get(number)
    if (id === undefined) return
    const text = `${this.name} ${number}`
    this.#socket?.send({ type: 'send', ref: String(number), id, conversation: this.#conversation, text })
  }
}
