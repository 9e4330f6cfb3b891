/**
 * The phone's own sockets: hibernating, each with its cursor and its token's expiry in the attachment, so that nothing
 * else is needed when the object wakes. Frames of one socket are answered in the order in which they came.
 */
import { verifyAccessToken } from '../http/access-token.ts'
import { closeSocket, errorFrame, sendFrame, sendText } from '../http/sockets.ts'
import type { Caller } from '../http/types.ts'
import { utf8Length } from '../protocol/bytes.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import { SUBPROTOCOL, type ServerFrame } from '../protocol/frames.ts'
import { CLIENT_FRAME_BYTES, PHONE_SOCKETS, QUEUED_FRAMES } from '../protocol/limits.ts'
import { parseStreamRequest, type Request as StreamRequest, type TypingRequest } from '../protocol/requests.ts'
import type { CatchUp, EventPage, PhoneSocketOpen, RequestAnswer } from './rpc.ts'

/** What sockets need of their account. */
export interface PhoneHost {
  readonly id: string
  readonly env: Env
  readonly ctx: DurableObjectState
  /** The head of the event log, and the next page after a cursor. */
  head(): number
  eventsAfter(cursor: number): EventPage
  catchUp(cursor: number | null): CatchUp
  answer(frame: StreamRequest | TypingRequest): Promise<RequestAnswer | null>
  isWelcome(caller: Pick<Caller, 'session' | 'issuedAt'>): boolean
}

/** What survives hibernation. */
interface SocketAttachment {
  session: string | null
  /** Of the access token: nothing is sent or accepted afterwards. */
  expiresAt: number
  /** The newest event that was sent. */
  cursor: number
  /** Rises with every socket, so that the oldest is known even within one millisecond. */
  ordinal: number
}

interface Lane {
  tail: Promise<void>
  waiting: number
}

export class PhoneSockets {
  readonly #host: PhoneHost
  readonly #lanes = new WeakMap<WebSocket, Lane>()

  constructor(host: PhoneHost) {
    this.#host = host
  }

  /** Opens a socket whose token was verified and brings it up to date. More than PHONE_SOCKETS replace the oldest. */
  open({ caller, cursor }: PhoneSocketOpen): Response {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket]
    const others = this.#open()
    const ordinal = 1 + Math.max(0, ...others.map(({ state }) => state.ordinal))
    for (const { socket } of others.toSorted((a, b) => b.state.ordinal - a.state.ordinal).slice(PHONE_SOCKETS - 1)) {
      closeSocket(socket, CLOSE.replaced)
    }
    this.#host.ctx.acceptWebSocket(server)
    const { session, expiresAt } = caller
    const state: SocketAttachment = { session, expiresAt, cursor: cursor ?? 0, ordinal }
    const catchUp = this.#host.catchUp(cursor)
    if (catchUp.kind === 'snapshot') {
      sendFrame(server, catchUp.snapshot)
      state.cursor = catchUp.snapshot.cursor
    }
    server.serializeAttachment(state)
    this.#bringUpToDate(server, state)
    return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': SUBPROTOCOL } })
  }

  /** Whether any phone is connected. */
  isAnyOpen(): boolean {
    return this.#open().length > 0
  }

  /** Sends every socket the events that it has not had yet. */
  flush(): void {
    for (const { socket, state } of this.#living()) this.#bringUpToDate(socket, state)
  }

  /** Sends a frame that is not logged. */
  send(frame: ServerFrame): void {
    for (const { socket } of this.#living()) sendFrame(socket, frame)
  }

  /** The session ended: its sockets close. */
  closeSession(session: string): void {
    for (const { socket, state } of this.#open()) if (state.session === session) closeSocket(socket, CLOSE.notLinked)
  }

  /** The account is deleted: no token of it is good any more. */
  closeAll(): void {
    for (const { socket } of this.#open()) closeSocket(socket, CLOSE.notLinked)
  }

  /** A frame came in. Resolves when it is answered. */
  message(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const size = typeof data === 'string' ? utf8Length(data) : data.byteLength
    if (size > CLIENT_FRAME_BYTES) {
      closeSocket(socket, CLOSE.frameTooLarge)
      return Promise.resolve()
    }
    const lane = this.#lanes.get(socket) ?? { tail: Promise.resolve(), waiting: 0 }
    this.#lanes.set(socket, lane)
    lane.waiting++
    const crowded = lane.waiting > QUEUED_FRAMES
    lane.tail = lane.tail.then(() => this.#handle(socket, data, crowded)).finally(() => lane.waiting--)
    return lane.tail
  }

  async #handle(socket: WebSocket, data: string | ArrayBuffer, crowded: boolean): Promise<void> {
    if (!this.#isLiving(socket)) return
    const parsed = parseStreamRequest(data)
    if (!parsed.ok) {
      sendFrame(socket, errorFrame(parsed.ref, parsed.code))
      if (parsed.fatal) closeSocket(socket, CLOSE.badFrame)
      return
    }
    const { frame } = parsed
    const answer = crowded ? crowdedOut(frame) : await this.#answer(socket, frame)
    if (answer !== null && this.#isLiving(socket)) sendFrame(socket, answer)
  }

  #answer(socket: WebSocket, frame: StreamRequest | TypingRequest): Promise<RequestAnswer | null> {
    return frame.type === 'token' ? this.#extend(socket, frame.ref, frame.accessToken) : this.#host.answer(frame)
  }

  /** A new access token of the same account: the socket lives on to its expiry. */
  async #extend(socket: WebSocket, ref: string, accessToken: string): Promise<RequestAnswer> {
    const { env, id } = this.#host
    const caller = await verifyAccessToken(env, accessToken)
    const state = attachmentOf(socket)
    if (caller?.account !== id || state === null || !this.#host.isWelcome(caller)) {
      return errorFrame(ref, 'not_allowed')
    }
    socket.serializeAttachment({ ...state, session: caller.session, expiresAt: caller.expiresAt })
    return { type: 'ok', ref }
  }

  #bringUpToDate(socket: WebSocket, state: SocketAttachment): void {
    const head = this.#host.head()
    let { cursor } = state
    while (cursor < head) {
      const { frames } = this.#host.eventsAfter(cursor)
      if (frames.length === 0) break
      for (const frame of frames) sendText(socket, frame)
      cursor += frames.length
    }
    if (cursor !== state.cursor) socket.serializeAttachment({ ...state, cursor })
  }

  #open(): { socket: WebSocket; state: SocketAttachment }[] {
    // After a close() of ours, a peer that never answers stays listed with readyState 2 (2026-11-22).
    return this.#host.ctx.getWebSockets().flatMap((socket) => {
      const state = socket.readyState === WebSocket.READY_STATE_OPEN ? attachmentOf(socket) : null
      return state === null ? [] : [{ socket, state }]
    })
  }

  /** The open sockets whose token is good; the others are closed. */
  #living(): { socket: WebSocket; state: SocketAttachment }[] {
    return this.#open().filter(({ socket }) => this.#isLiving(socket))
  }

  #isLiving(socket: WebSocket): boolean {
    if (socket.readyState !== WebSocket.READY_STATE_OPEN) return false
    const state = attachmentOf(socket)
    if (state !== null && Date.now() < state.expiresAt) return true
    closeSocket(socket, CLOSE.notLinked)
    return false
  }
}

function crowdedOut(frame: StreamRequest | TypingRequest): RequestAnswer | null {
  return frame.type === 'typing' ? null : errorFrame(frame.ref, 'rate_limited', { retryAfter: 1 })
}

function attachmentOf(socket: WebSocket): SocketAttachment | null {
  return socket.deserializeAttachment() as SocketAttachment | null
}
