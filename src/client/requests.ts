/**
 * Requests of the stream and their answers, matched by `ref`. What is asked without a socket waits for one, and what
 * a lost socket left unanswered is asked again on the next: every request may be repeated (contract, section 2).
 */
import type { FrameErrorCode } from '../protocol/errors.ts'
import type { ErrorFrame, OkFrame } from '../protocol/frames.ts'
import { QUEUED_FRAMES, REQUEST_TIMEOUT_MS, SEND_AGAIN_MS, SEND_RETRY_MS, SEND_TRIES } from '../protocol/limits.ts'
import type { Request } from '../protocol/requests.ts'

type WithoutRef<T> = T extends unknown ? Omit<T, 'ref'> : never
/** A request as its caller writes it. */
export type RequestBody = WithoutRef<Request>

/** Why a request failed: the server's code, or `timeout`, `closed` (the client was reset), `full` (too many wait). */
export class RequestError extends Error {
  override name = 'RequestError'
  readonly code: FrameErrorCode | 'timeout' | 'closed' | 'full'
  /** Seconds, with `rate_limited`. */
  readonly retryAfter: number | undefined

  constructor(code: RequestError['code'], retryAfter?: number) {
    super(code)
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** By its name: a page may hold this module twice, once in the script that opens the socket. */
export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === 'RequestError'
}

export interface Requests {
  /** Asks. A `send` never times out: it is repeated until it is answered. @throws {RequestError} */
  request: (body: RequestBody) => Promise<OkFrame>
  /** Takes an `ok` or `error` that has a `ref`. @returns false when nobody waits for it */
  answer: (frame: OkFrame | ErrorFrame) => boolean
  /** There is a socket, and it may be spoken on. */
  ready: (send: (text: string) => void) => void
  /** The socket is gone. */
  lost: () => void
  /** Rejects all that waits. */
  reset: () => void
}

interface Waiting {
  text: string
  keepTrying: boolean
  tries: number
  resolve(frame: OkFrame): void
  reject(error: RequestError): void
  timer: ReturnType<typeof setTimeout> | undefined
}

export function createRequests(): Requests {
  /** By ref, in the order of asking. */
  const waiting = new Map<string, Waiting>()
  let transmit: ((text: string) => void) | null = null
  let count = 0

  return {
    request(body) {
      const ref = String(++count)
      const text = JSON.stringify({ ...body, ref })
      return new Promise((resolve, reject) => {
        if (waiting.size >= QUEUED_FRAMES) return reject(new RequestError('full'))
        const keepTrying = body.type === 'send'
        const timer = keepTrying ? undefined : setTimeout(() => fail(ref, 'timeout'), REQUEST_TIMEOUT_MS)
        const entry: Waiting = { text, keepTrying, tries: 0, resolve, reject, timer }
        waiting.set(ref, entry)
        transmitEntry(entry)
      })
    },
    answer(frame) {
      const entry = frame.ref === undefined ? undefined : waiting.get(frame.ref)
      if (frame.ref === undefined || entry === undefined) return false
      if (frame.type === 'error') refused(frame.ref, entry, frame)
      else {
        settle(frame.ref, entry)
        entry.resolve(frame)
      }
      return true
    },
    ready(send) {
      transmit = send
      for (const entry of waiting.values()) transmitEntry(entry)
    },
    lost() {
      transmit = null
      for (const entry of waiting.values()) if (entry.keepTrying) clearTimeout(entry.timer)
    },
    reset() {
      transmit = null
      for (const ref of waiting.keys()) fail(ref, 'closed')
    },
  }

  function transmitEntry(entry: Waiting): void {
    if (transmit === null) return
    transmit(entry.text)
    if (entry.keepTrying) again(entry, SEND_AGAIN_MS)
  }

  function again(entry: Waiting, delay: number): void {
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => transmitEntry(entry), delay)
  }

  function refused(ref: string, entry: Waiting, { code, retryAfter }: ErrorFrame): void {
    const internal = code === 'internal'
    if (entry.keepTrying && (code === 'rate_limited' || (internal && ++entry.tries < SEND_TRIES))) {
      again(entry, retryAfter === undefined ? SEND_RETRY_MS * 2 ** entry.tries : retryAfter * 1000)
      return
    }
    settle(ref, entry)
    entry.reject(new RequestError(code, retryAfter))
  }

  function fail(ref: string, code: RequestError['code']): void {
    const entry = waiting.get(ref)
    if (entry === undefined) return
    settle(ref, entry)
    entry.reject(new RequestError(code))
  }

  function settle(ref: string, entry: Waiting): void {
    clearTimeout(entry.timer)
    waiting.delete(ref)
  }
}
