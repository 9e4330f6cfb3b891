/**
 * Keeps one socket's requests in their order while the account answers: frames that come in during a call wait and go
 * together in the next one. So what a person sends arrives in the order sent, at one call for many frames.
 */
import { errorFrame } from '../http/sockets.ts'
import type { RequestAnswer } from '../account/rpc.ts'
import { QUEUED_FRAMES } from '../protocol/limits.ts'
import type { Request, TypingRequest } from '../protocol/requests.ts'

/** Frames in one call to the account. */
const BATCH = 64

type Frame = Request | TypingRequest

export class RequestPump {
  readonly #ask: (frames: Frame[]) => Promise<(RequestAnswer | null)[]>
  readonly #reply: (answer: RequestAnswer) => void
  readonly #onFault: (error: unknown) => void
  #queue: Frame[] = []
  #running: Promise<void> | null = null

  /**
   * @param ask - answers the frames in their order; when it throws, each is answered `internal`
   * @param reply - sends one answer to the socket
   * @param onFault - is told what `ask` threw
   */
  constructor(
    ask: (frames: Frame[]) => Promise<(RequestAnswer | null)[]>,
    reply: (answer: RequestAnswer) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#ask = ask
    this.#reply = reply
    this.#onFault = onFault
  }

  /** Takes a frame; resolves when everything taken so far is answered. Too many at once: `rate_limited`. */
  async add(frame: Frame): Promise<void> {
    if (this.#queue.length >= QUEUED_FRAMES) {
      if (frame.type !== 'typing') this.#reply(errorFrame(frame.ref, 'rate_limited', { retryAfter: 1 }))
      return
    }
    this.#queue.push(frame)
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    await this.#running
  }

  /** Resolves when everything taken so far is answered. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const frames = this.#queue.splice(0, BATCH)
      for (const answer of await this.#answersTo(frames)) {
        if (answer !== null) this.#reply(answer)
      }
    }
  }

  async #answersTo(frames: Frame[]): Promise<(RequestAnswer | null)[]> {
    try {
      return await this.#ask(frames)
    } catch (error) {
      this.#onFault(error)
      return frames.map((frame) => (frame.type === 'typing' ? null : errorFrame(frame.ref, 'internal')))
    }
  }
}
