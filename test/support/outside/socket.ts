/**
 * A strict WebSocket client for tests: every header can be set, a refused upgrade can be read, every wait is bounded,
 * and bytes that no well-behaved client would send can be sent. It shares no code with the service.
 */
import { createHash, randomBytes } from 'node:crypto'
import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Json } from './http.ts'
import { createFrameReader, encodeFrame, OPCODE, type WebSocketFrame } from './websocket-frames.ts'

/** A frame of the contract; what is in it is for the test to check. */
export type Frame = { type: string } & Json

export interface DialSettings {
  protocols?: string[]
  /** Null: no `Origin`, as a native app. Not given: the service's own. */
  origin?: string | null
  headers?: Record<string, string>
}

export interface Refusal {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

export interface Closed {
  code: number
  reason: string
}

const WAIT_MS = 5_000
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Dials and expects the upgrade. @throws Error that names the refusal */
export async function dial(url: string, settings: DialSettings = {}): Promise<TestSocket> {
  const result = await tryDial(url, settings)
  if (result instanceof TestSocket) return result
  throw new Error(`the upgrade was refused: ${result.status} ${result.body.slice(0, 200)}`)
}

/** Dials and expects a refusal before the upgrade. @throws Error where the socket was accepted */
export async function dialRefused(url: string, settings: DialSettings = {}): Promise<Refusal> {
  const result = await tryDial(url, settings)
  if (!(result instanceof TestSocket)) return result
  result.cut()
  throw new Error('the upgrade was accepted')
}

/** Dials; a socket, or how it was refused. */
export function tryDial(url: string, settings: DialSettings = {}): Promise<TestSocket | Refusal> {
  const { origin: own, protocol } = new URL(url)
  if (protocol !== 'http:') throw new TypeError('dial the http address of the service')
  const key = randomBytes(16).toString('base64')
  const origin = settings.origin === undefined ? own : settings.origin
  const protocols = settings.protocols ?? ['tandem.v1']
  const headers: Record<string, string> = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...(protocols.length > 0 ? { 'Sec-WebSocket-Protocol': protocols.join(', ') } : {}),
    ...(origin === null ? {} : { Origin: origin }),
    ...settings.headers,
  }
  return new Promise((resolve, reject) => {
    const dialling = request(url, { headers, agent: false, timeout: WAIT_MS })
    dialling.on('upgrade', (response, stream, head) => {
      const expected = createHash('sha1')
        .update(key + GUID)
        .digest('base64')
      if (response.headers['sec-websocket-accept'] !== expected) {
        stream.destroy()
        reject(new Error('Sec-WebSocket-Accept is wrong'))
        return
      }
      resolve(new TestSocket(stream, head, response.headers['sec-websocket-protocol'] ?? null))
    })
    dialling.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => void (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    dialling.on('timeout', () => dialling.destroy(new Error('the upgrade was not answered')))
    dialling.on('error', reject)
    dialling.end()
  })
}

/** An accepted socket. Frames wait in order until a test takes them. */
export class TestSocket {
  /** All frames of the contract so far, taken or not. */
  readonly seen: Frame[] = []
  /** Resolves when the socket has ended; 1006 where no close frame came. */
  readonly closed: Promise<Closed>
  /** The subprotocol that the server chose. */
  readonly protocol: string | null
  /** Bytes of the largest frame so far. */
  largest = 0
  readonly #stream: Socket
  readonly #waiting: Frame[] = []
  readonly #takers = new Set<() => void>()
  #ended: Closed | null = null
  #end: (closed: Closed) => void = () => {}
  #closeSent = false
  #pongs = 0
  #parts: Buffer[] = []

  constructor(stream: Socket, head: Buffer, protocol: string | null) {
    this.#stream = stream
    this.protocol = protocol
    this.closed = new Promise((resolve) => (this.#end = resolve))
    const read = createFrameReader((frame) => this.#receive(frame))
    stream.on('data', read)
    stream.on('error', () => this.#finish({ code: 1006, reason: '' }))
    stream.on('close', () => this.#finish({ code: 1006, reason: '' }))
    stream.setNoDelay(true)
    if (head.length > 0) read(head)
  }

  get isOpen(): boolean {
    return this.#ended === null && !this.#closeSent
  }

  /** The next frame, which must be of `type`. @throws Error when it is another, or none comes in time */
  async next(type: string, within = WAIT_MS): Promise<Frame> {
    const frame = await this.#take(() => this.#waiting[0], `"${type}"`, within)
    this.#waiting.shift()
    if (frame.type !== type) throw new Error(`expected "${type}", got ${JSON.stringify(frame).slice(0, 300)}`)
    return frame
  }

  /** The first frame that `matches`, now or later; those before it stay. */
  async find(what: string, matches: (frame: Frame) => boolean, within = WAIT_MS): Promise<Frame> {
    const frame = await this.#take(() => this.#waiting.find(matches), what, within)
    this.#waiting.splice(this.#waiting.indexOf(frame), 1)
    return frame
  }

  /** The first frame of `type`, now or later; those before it stay. */
  first(type: string, within = WAIT_MS): Promise<Frame> {
    return this.find(`"${type}"`, (frame) => frame.type === type, within)
  }

  /** The first event of `kind`: its body. */
  async event(kind: string, matches: (event: Frame) => boolean = () => true, within = WAIT_MS): Promise<Frame> {
    const frame = await this.find(
      `event "${kind}"`,
      ({ type, event }) => type === 'event' && event.kind === kind && matches(event),
      within,
    )
    return frame.event
  }

  /** Sends a request with a ref of its own and awaits its answer, `ok` or `error`. */
  async ask(asked: Record<string, unknown>, within = WAIT_MS): Promise<Frame> {
    const ref = asked.ref ?? randomBytes(8).toString('hex')
    this.send({ ...asked, ref })
    const isAnswer = (frame: Frame): boolean => (frame.type === 'ok' || frame.type === 'error') && frame.ref === ref
    return await this.find(`the answer to ${String(asked.type)}`, isAnswer, within)
  }

  /** As `ask`. @throws Error where the answer is not `ok` */
  async ok(asked: Record<string, unknown>, within = WAIT_MS): Promise<Frame> {
    const answer = await this.ask(asked, within)
    if (answer.type !== 'ok') throw new Error(`${String(asked.type)} was answered ${JSON.stringify(answer)}`)
    return answer
  }

  /** Fails if any frame arrives within the time, or is already waiting. */
  async quiet(within: number): Promise<void> {
    const frame = await this.#take(() => this.#waiting[0], 'nothing', within).catch(() => null)
    if (frame !== null) throw new Error(`expected silence, got ${JSON.stringify(frame).slice(0, 300)}`)
  }

  /** Forgets the frames that wait. */
  drain(): void {
    this.#waiting.length = 0
  }

  /** The close, which must come in time. */
  async ends(within = WAIT_MS): Promise<Closed> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error(`not closed within ${within} ms`)), within)
    try {
      return await Promise.race([this.closed, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  send(frame: object): void {
    this.sendText(JSON.stringify(frame))
  }

  sendText(text: string): void {
    this.sendFrame(OPCODE.text, Buffer.from(text))
  }

  sendBinary(bytes: Uint8Array): void {
    this.sendFrame(OPCODE.binary, Buffer.from(bytes))
  }

  /** One raw frame; nothing is checked. */
  sendFrame(opcode: number, payload: Buffer, fin = true): void {
    if (!this.#stream.destroyed) this.#stream.write(encodeFrame(opcode, payload, fin))
  }

  /** Sends the heartbeat and awaits its answer. */
  async ping(within = WAIT_MS): Promise<void> {
    const before = this.#pongs
    this.sendText('ping')
    await this.#take(() => (this.#pongs > before ? true : undefined), 'pong', within)
  }

  /** Closes as a client does and awaits the server's close frame. */
  async close(code = 1000, within = WAIT_MS): Promise<Closed> {
    if (this.isOpen) {
      this.#closeSent = true
      const payload = Buffer.alloc(2)
      payload.writeUInt16BE(code)
      this.sendFrame(OPCODE.close, payload)
    }
    return await this.ends(within)
  }

  /** The network goes away: no close frame. */
  cut(): void {
    this.#stream.destroy()
  }

  #receive({ fin, opcode, payload }: WebSocketFrame): void {
    if (opcode === OPCODE.ping) this.sendFrame(OPCODE.pong, payload)
    else if (opcode === OPCODE.close) this.#receiveClose(payload)
    else if (opcode === OPCODE.text || opcode === OPCODE.continuation) {
      this.#parts.push(payload)
      if (!fin) return
      const whole = Buffer.concat(this.#parts)
      this.#parts = []
      this.#receiveText(whole)
    }
  }

  #receiveText(bytes: Buffer): void {
    const text = bytes.toString('utf8')
    if (text === 'pong') this.#pongs++
    else {
      const frame = JSON.parse(text) as Frame
      this.largest = Math.max(this.largest, bytes.length)
      this.seen.push(frame)
      this.#waiting.push(frame)
    }
    this.#wake()
  }

  #receiveClose(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
    if (!this.#closeSent) {
      this.#closeSent = true
      this.sendFrame(OPCODE.close, payload.subarray(0, 2))
    }
    this.#finish({ code, reason: payload.subarray(2).toString('utf8') })
    this.#stream.end()
  }

  #finish(closed: Closed): void {
    if (this.#ended !== null) return
    this.#ended = closed
    this.#end(closed)
    this.#wake()
  }

  #wake(): void {
    for (const take of this.#takers) take()
  }

  #take<T>(look: () => T | undefined, what: string, within: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const settle = (): void => {
      const found = look()
      if (found === undefined && this.#ended === null) return
      this.#takers.delete(settle)
      clearTimeout(timer)
      if (found !== undefined) resolve(found)
      else reject(new Error(`waited for ${what}, but the socket closed ${this.#ended?.code} ${this.#ended?.reason}`))
    }
    const timer = setTimeout(() => {
      this.#takers.delete(settle)
      const waiting = this.#waiting.map((frame) => JSON.stringify(frame).slice(0, 120)).slice(0, 5)
      reject(new Error(`waited ${within} ms for ${what}; waiting are [${waiting.join(' ')}]`))
    }, within)
    this.#takers.add(settle)
    settle()
    return promise
  }
}
