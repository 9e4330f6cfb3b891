/**
 * A lean WebSocket client for load: one TCP socket, a handshake by hand, no promise per frame. It masks with zeros
 * (RFC 6455 allows any key), so that the generator spends its time on the subject's answers.
 */
import { connect, type Socket } from 'node:net'

const OPEN_MS = 60_000
const OPCODE = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const

export interface OpenSettings {
  headers?: Record<string, string>
  /** Another protocol on top of the frames. */
  dialect?: Dialect
}

/** What is said on top of the socket's frames. */
export interface Dialect {
  /** The frame of the contract within what came; null when it is the dialect's own, which may be answered. */
  decode: (text: string, answer: (text: string) => void) => string | null
  encode: (text: string) => string
}

/** Opens a socket on `path` of the service at `origin`. @throws Error that names the refusal, or after a minute */
export function openSocket(origin: string, path: string, settings: OpenSettings = {}): Promise<LoadSocket> {
  const { hostname, port, host } = new URL(origin)
  const headers = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...settings.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return new Promise((resolve, reject) => {
    const stream = connect(Number(port), hostname)
    stream.setNoDelay(true)
    stream.setTimeout(OPEN_MS, () => stream.destroy(new Error(`${path.slice(0, 40)} was not answered`)))
    stream.once('error', reject)
    stream.once('close', () => reject(new Error('closed before the upgrade')))
    let head = Buffer.alloc(0)
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      stream.off('data', read)
      if (!head.subarray(0, 12).toString('latin1').endsWith('101')) {
        stream.destroy()
        reject(new Error(`refused: ${head.subarray(0, 200).toString('latin1')}`))
        return
      }
      stream.setTimeout(0)
      resolve(new LoadSocket(stream, head.subarray(end + 4), settings.dialect))
    }
    stream.on('data', read)
    stream.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  })
}

/** An open socket. Frames that come before anybody listens wait. */
export class LoadSocket {
  /** Called once when the connection has ended, with the close code or 1006. */
  onEnd: (code: number) => void = () => {}
  #onText: ((text: string) => void) | undefined
  #early: string[] = []
  readonly #dialect: Dialect | undefined
  readonly #stream: Socket
  #pending: Buffer
  #parts: Buffer[] = []
  #code = 1006

  constructor(stream: Socket, head: Buffer, dialect: Dialect | undefined) {
    this.#stream = stream
    this.#pending = head
    this.#dialect = dialect
    stream.on('data', (chunk: Buffer) => {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
      this.#read()
    })
    stream.removeAllListeners('close')
    stream.on('error', () => {})
    stream.on('close', () => this.onEnd(this.#code))
    queueMicrotask(() => this.#read())
  }

  /** From now on each text frame goes to `onText`, the ones that waited first. */
  listen(onText: (text: string) => void): void {
    this.#onText = onText
    for (const text of this.#early.splice(0)) onText(text)
  }

  /** Resolves with the first frame for which `isIt` holds; the others are dropped. It takes the place of any listener. */
  first<T>(isIt: (text: string) => T | null): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const { onEnd } = this
    this.onEnd = (code) => {
      reject(new Error(`the socket closed ${code}`))
      onEnd(code)
    }
    const early = this.#early.splice(0)
    this.#onText = (text) => {
      const found = isIt(text)
      if (found === null) return
      this.#onText = undefined
      this.onEnd = onEnd
      resolve(found)
    }
    for (const text of early) this.#take(text)
    return promise
  }

  send(text: string): void {
    this.#write(this.#dialect === undefined ? text : this.#dialect.encode(text))
  }

  #write(text: string): void {
    const payload = Buffer.from(text)
    const { length } = payload
    const extra = length < 126 ? 0 : 2
    const frame = Buffer.alloc(6 + extra + length)
    frame[0] = 0x80 | OPCODE.text
    frame[1] = 0x80 | (extra === 0 ? length : 126)
    if (extra === 2) frame.writeUInt16BE(length, 2)
    payload.copy(frame, 6 + extra)
    this.#stream.write(frame)
  }

  /** The network goes away: no close frame. */
  cut(): void {
    this.#stream.destroy()
  }

  #receive(text: string): void {
    const said = this.#dialect === undefined ? text : this.#dialect.decode(text, (answer) => this.#write(answer))
    if (said !== null) this.#take(said)
  }

  #take(text: string): void {
    if (this.#onText === undefined) this.#early.push(text)
    else this.#onText(text)
  }

  #read(): void {
    for (;;) {
      const bytes = this.#pending
      if (bytes.length < 2) return
      const short = bytes[1]! & 0x7f
      const start = short < 126 ? 2 : short === 126 ? 4 : 10
      if (bytes.length < start) return
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
      if (bytes.length < start + length) return
      const payload = bytes.subarray(start, start + length)
      this.#pending = bytes.subarray(start + length)
      this.#frame(bytes[0]!, payload)
    }
  }

  #frame(first: number, payload: Buffer): void {
    const opcode = first & 0x0f
    if (opcode === OPCODE.close) {
      this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
      this.#stream.end(Buffer.from([0x88, 0x80, 0, 0, 0, 0]))
    } else if (opcode === OPCODE.ping) this.#stream.write(Buffer.from([0x80 | OPCODE.pong, 0x80, 0, 0, 0, 0]))
    else if (opcode === OPCODE.text && (first & 0x80) !== 0) this.#receive(payload.toString('utf8'))
    else if (opcode === OPCODE.text || opcode === OPCODE.continuation) {
      this.#parts.push(payload)
      if ((first & 0x80) === 0) return
      this.#receive(Buffer.concat(this.#parts.splice(0)).toString('utf8'))
    }
  }
}
