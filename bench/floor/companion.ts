/** The floor's companion: a hibernating socket, an alarm that shows the next code, two writes at the approval. */
import { DurableObject } from 'cloudflare:workers'
import { parseWireId, wireId } from '../../src/protocol/ids.ts'
import type { Account } from './account.ts'
import { type FloorEnv, tokenOf } from './env.ts'

const ROTATE_MS = 20_000
const HOLD_MS = 120_000
const RETRY_MS = 2_000

export class Companion extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  override async fetch(request: Request): Promise<Response> {
    const { 0: client, 1: socket } = new WebSocketPair()
    this.ctx.acceptWebSocket(socket)
    const cursor = new URL(request.url).searchParams.get('cursor')
    if (cursor === null) this.#show(socket)
    else this.ctx.waitUntil(this.#resume(socket, Number(cursor)))
    return new Response(null, { status: 101, webSocket: client, headers: { 'Sec-WebSocket-Protocol': 'tandem.v1' } })
  }

  override async alarm(): Promise<void> {
    const [socket] = this.ctx.getWebSockets()
    if (socket !== undefined) this.#show(socket)
  }

  async scan(): Promise<void> {
    this.#say({ type: 'scanned', match: null })
    void this.ctx.storage.setAlarm(Date.now() + HOLD_MS)
  }

  async approve(account: string): Promise<{ id: string }> {
    const device = { id: wireId(this.ctx.id.toString()) }
    this.ctx.storage.kv.put('device', { state: 'linking', account })
    void this.ctx.storage.setAlarm(Date.now() + RETRY_MS)
    const added = await this.#account(account).addDevice(device.id)
    this.ctx.storage.kv.put('device', { state: 'linked', account })
    void this.ctx.storage.deleteAlarm()
    this.#say({ type: 'linked', device, account: added.account })
    this.#say({ type: 'snapshot', ...added })
    return device
  }

  /** Frames as they are to be sent: the account has made them. */
  async push(frames: string[]): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) for (const frame of frames) socket.send(frame)
  }

  override webSocketMessage(): void {}

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close()
    const account = this.#linkedTo()
    if (account === null) await this.ctx.storage.deleteAll()
    else await this.#account(account).setOnline(wireId(this.ctx.id.toString()), 0)
  }

  #show(socket: WebSocket): void {
    const token = tokenOf(this.ctx.id)
    const device = wireId(this.ctx.id.toString())
    const issuedAt = Date.now()
    const frame = { type: 'qr', token, image: `/v1/code/${token}`, device, issuedAt, expiresAt: issuedAt + ROTATE_MS }
    socket.serializeAttachment(token)
    socket.send(JSON.stringify(frame))
    void this.ctx.storage.setAlarm(issuedAt + ROTATE_MS)
  }

  async #resume(socket: WebSocket, cursor: number): Promise<void> {
    const account = this.#linkedTo()
    if (account === null) return socket.close(4401)
    const frames = await this.#account(account).connectDevice(wireId(this.ctx.id.toString()), cursor)
    socket.send(JSON.stringify({ type: 'resumed', cursor }))
    for (const frame of frames) socket.send(frame)
  }

  #linkedTo(): string | null {
    return this.ctx.storage.kv.get<{ account: string }>('device')?.account ?? null
  }

  #say(frame: object): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(JSON.stringify(frame))
  }

  #account(account: string): DurableObjectStub<Account> {
    return this.env.ACCOUNT.get(this.env.ACCOUNT.idFromString(parseWireId(account) ?? ''))
  }
}
