/**
 * The linked device's side of the stream: forwards the account's events to the socket in cursor order, and the
 * socket's requests to the account. A push is a hint: duplicates are dropped and a gap is pulled.
 * What must survive hibernation (the last forwarded cursor) is in the socket's attachment.
 */
import type { CatchUp, ConnectResult, EventPage } from '../account/rpc.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import type { SnapshotFrame } from '../protocol/frames.ts'
import { parseWireId, wireId } from '../protocol/ids.ts'
import type { UnlinkReason } from '../protocol/model.ts'
import type { Request, TypingRequest } from '../protocol/requests.ts'
import { errorName, record } from '../telemetry.ts'
import { type Attached, openSockets, type StreamSocket } from './attachment.ts'
import { readRecord } from './device-record.ts'
import { RequestPump } from './request-pump.ts'
import type { Push } from './rpc.ts'
import { closeSocket, sendFrame, sendText } from '../http/sockets.ts'

export class DeviceStream {
  readonly #ctx: DurableObjectState
  readonly #env: Env
  readonly #device: string
  /** The newest cursor that the account told of. */
  #head = 0
  /** Sockets between proof and stream: pushes meanwhile are covered by the catch-up that follows. */
  #opening = 0
  #pulling: Promise<UnlinkReason | null> | null = null
  #presence: Promise<unknown> = Promise.resolve()
  readonly #pumps = new WeakMap<WebSocket, RequestPump>()

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx
    this.#env = env
    this.#device = wireId(ctx.id.toString())
  }

  /** An account's object. Made anew for each call: a stub held across events keeps both objects awake. */
  account(account: string): DurableObjectStub<import('../index.ts').Account> {
    const objectId = parseWireId(account)
    if (objectId === null) throw new TypeError('not an account')
    return this.#env.ACCOUNT.get(this.#env.ACCOUNT.idFromString(objectId))
  }

  /** Frames from the account. @returns up to where the socket has them, or `offline` where there is none to take them */
  async push(account: string, push: Push): Promise<number | 'offline'> {
    this.#head = Math.max(this.#head, push.head)
    const live = this.#live()
    // The catch-up of a socket that is opening goes up to the head that was just noted.
    if (live === null) return this.#opening > 0 ? push.head : 'offline'
    const cursor = this.#forward(live, push.events)
    if (push.typing !== undefined) sendFrame(live.socket, push.typing)
    if (cursor >= this.#head) return cursor
    await this.pull(account)
    return this.#live()?.attachment.cursor ?? 'offline'
  }

  /** While `task` runs, a device without a socket counts as opening: what is pushed meanwhile is pulled afterwards. */
  async whileOpening<T>(task: () => Promise<T>): Promise<T> {
    this.#opening++
    try {
      return await task()
    } finally {
      this.#opening--
    }
  }

  /** Begins the stream on a socket with everything anew. */
  startAnew(socket: WebSocket, snapshot: SnapshotFrame): void {
    setCursor(socket, snapshot.cursor)
    sendFrame(socket, snapshot)
  }

  /** Begins the stream on a proven socket after `cursor`; older sockets of the device give way (4409, S31). */
  async resume(
    account: string,
    socket: WebSocket,
    cursor: number | null,
  ): Promise<ConnectResult['outcome'] | { ended: UnlinkReason }> {
    const result = await this.whileOpening(() =>
      this.#inTurn(() => this.account(account).connectDevice(this.#device, cursor) as Promise<ConnectResult>),
    )
    if (result.outcome === 'ended') return { ended: result.reason }
    // Unlinked while the answer was on its way: the account's goodbye found no socket of a device yet (S9).
    const stored = readRecord(this.#ctx.storage)
    if (stored?.state === 'ended') return { ended: stored.reason }
    if (socket.readyState !== WebSocket.OPEN) {
      await this.leave(account)
      return 'connected'
    }
    for (const older of openSockets(this.#ctx, 'stream')) closeSocket(older.socket, CLOSE.replaced, 'replaced')
    const { device, account: card, catchUp } = result
    const from = catchUp.kind === 'events' && cursor !== null ? cursor : 0
    setCursor(socket, from)
    sendFrame(socket, { type: 'resumed', cursor: from, device, account: card })
    this.#catchUp(socket, catchUp)
    const ended = await this.pull(account)
    return ended === null ? 'connected' : { ended }
  }

  /** Pulls until the socket has everything that the account told of. @returns why the device ended, if it did */
  async pull(account: string): Promise<UnlinkReason | null> {
    this.#pulling ??= this.#pullAll(account).finally(() => {
      this.#pulling = null
    })
    return this.#pulling
  }

  /** The device's last socket closed: the account is told, unless another one is there by its turn. */
  async leave(account: string): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#live() !== null || this.#opening > 0) return
      await this.account(account).disconnectDevice(this.#device)
    })
  }

  /** The device signs itself out, after every request that it made before is answered. */
  async unlinkSelf(account: string, socket: WebSocket): Promise<void> {
    await this.#pumps.get(socket)?.idle()
    await this.account(account).unlinkSelf(this.#device)
  }

  /** A request from the socket; answered in order. */
  async request(account: string, socket: WebSocket, frame: Request | TypingRequest): Promise<void> {
    let pump = this.#pumps.get(socket)
    if (pump === undefined) {
      pump = new RequestPump(
        (frames) => this.account(account).deviceRequests(this.#device, frames),
        (answer) => sendFrame(socket, answer),
        (error) => record(this.#env, { event: 'call_failed', call: 'deviceRequests', error: errorName(error) }),
      )
      this.#pumps.set(socket, pump)
    }
    await pump.add(frame)
  }

  async #pullAll(account: string): Promise<UnlinkReason | null> {
    for (;;) {
      const live = this.#live()
      if (live === null || live.attachment.cursor >= this.#head) return null
      const result = await this.account(account).pull(this.#device, live.attachment.cursor)
      if (result.outcome === 'ended') return result.reason
      const before = live.attachment.cursor
      this.#catchUp(live.socket, result.catchUp)
      const after = this.#live()
      if (after?.socket === live.socket && after.attachment.cursor === before) return null
    }
  }

  #catchUp(socket: WebSocket, catchUp: CatchUp): void {
    if (catchUp.kind === 'snapshot') {
      this.startAnew(socket, catchUp.snapshot)
      return
    }
    this.#head = Math.max(this.#head, catchUp.head)
    const live = this.#live()
    if (live?.socket === socket) this.#forward(live, catchUp.events)
  }

  /** Sends what follows the cursor; skips what was sent, nothing after a gap. @returns the cursor from then on */
  #forward({ socket, attachment: { cursor } }: Attached<StreamSocket>, { after, frames }: EventPage): number {
    const fresh = after > cursor ? [] : frames.slice(cursor - after)
    for (const frame of fresh) sendText(socket, frame)
    if (fresh.length > 0) setCursor(socket, cursor + fresh.length)
    return cursor + fresh.length
  }

  #live(): Attached<StreamSocket> | null {
    return openSockets(this.#ctx, 'stream').at(-1) ?? null
  }

  /** Connects and disconnects reach the account in the order in which they happened here. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#presence.then(task)
    this.#presence = turn.catch(() => undefined)
    return turn
  }
}

function setCursor(socket: WebSocket, cursor: number): void {
  socket.serializeAttachment({ kind: 'stream', cursor } satisfies StreamSocket)
}
