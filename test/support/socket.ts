/** A WebSocket client for tests in the runtime: frames are kept in order, every wait is bounded. */
type Frame = Record<string, unknown> & { type: string }

/** How long any wait of a test may take. */
const WAIT_MS = 5_000

export class TestSocket {
  readonly #socket: WebSocket
  readonly #frames: Frame[] = []
  readonly #wakers = new Set<() => void>()
  #closed: { code: number; reason: string } | null = null
  #refs = 0

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      this.#frames.push(data === 'pong' ? { type: 'pong' } : (JSON.parse(data as string) as Frame))
      this.#wake()
    })
    socket.addEventListener('close', ({ code, reason }) => {
      this.#closed = { code, reason }
      this.#wake()
    })
    socket.accept()
  }

  /** Frames that came and were not taken yet. */
  get waiting(): readonly Frame[] {
    return this.#frames
  }

  /** Takes the next frame, which must be of this type; events of the stream may be skipped by `skip`. */
  async next<T = Frame>(type: string, { skip = [] as string[] } = {}): Promise<T> {
    for (;;) {
      await this.#until(() => this.#frames.length > 0 || this.#closed !== null, `a ${type}`)
      const frame = this.#frames.shift()
      if (frame === undefined) throw new Error(`closed ${this.#closed?.code} while waiting for ${type}`)
      if (skip.includes(frame.type)) continue
      if (frame.type !== type) throw new Error(`wanted ${type}, got ${JSON.stringify(frame)}`)
      return frame as T
    }
  }

  /** Takes the first frame that `matches`, leaving the others in their order. */
  async find<T = Frame>(matches: (frame: Frame) => boolean, what = 'a frame'): Promise<T> {
    await this.#until(() => this.#frames.some(matches) || this.#closed !== null, what)
    const index = this.#frames.findIndex(matches)
    if (index < 0) throw new Error(`closed ${this.#closed?.code} while waiting for ${what}`)
    return this.#frames.splice(index, 1)[0] as T
  }

  /** Sends a request and gives its answer back, `ok` or `error`. */
  async ask<T = Frame>(frame: Record<string, unknown>): Promise<T> {
    const ref = `r${++this.#refs}`
    this.send({ ref, ...frame })
    return this.find<T>((answer) => answer.ref === ref, `the answer to ${String(frame.type)}`)
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  sendBytes(bytes: ArrayBuffer): void {
    this.#socket.send(bytes)
  }

  close(code = 1000): void {
    this.#socket.close(code)
  }

  /** The code that the server closed with. */
  async closed(): Promise<number> {
    await this.#until(() => this.#closed !== null, 'the close')
    return this.#closed?.code ?? 0
  }

  #wake(): void {
    for (const waker of this.#wakers) waker()
  }

  async #until(isDone: () => boolean, what: string): Promise<void> {
    if (isDone()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wakers.delete(check)
        reject(new Error(`no ${what} within ${WAIT_MS} ms; waiting frames: ${JSON.stringify(this.#frames)}`))
      }, WAIT_MS)
      const check = (): void => {
        if (!isDone()) return
        clearTimeout(timer)
        this.#wakers.delete(check)
        resolve()
      }
      this.#wakers.add(check)
    })
  }
}
