/**
 * The floor's account: tables of the same shape, each change in one transaction, events pushed to the devices that are
 * online and messages delivered to the other account. What gathers during a call goes in the next one, as in the
 * service: a call for each event would be the slower floor.
 */
import { DurableObject } from 'cloudflare:workers'
import { parseWireId, wireId } from '../../src/protocol/ids.ts'
import type { FloorEnv } from './env.ts'

const SCHEMA = `
  CREATE TABLE profile (one INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL) STRICT;
  CREATE TABLE conversations (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL UNIQUE, activity INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0, out_last INTEGER NOT NULL DEFAULT 0, in_last INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE messages (
    conversation INTEGER NOT NULL, seq INTEGER NOT NULL, author INTEGER NOT NULL, id TEXT NOT NULL, sent_at INTEGER NOT NULL,
    text TEXT, PRIMARY KEY (conversation, seq), UNIQUE (author, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE events (cursor INTEGER PRIMARY KEY, kind TEXT NOT NULL, conversation INTEGER, a INTEGER) STRICT;
  CREATE TABLE outbox (
    conversation INTEGER NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (conversation, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE devices (id TEXT PRIMARY KEY, online INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE counters (what TEXT PRIMARY KEY, used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE due (what TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`
const IDLE_MS = 30 * 86_400_000
const PUSH_AGAIN_MS = 10_000

interface Carried {
  number: number
  seq: number
  id: string
  sentAt: number
  text: string
}

interface SendFrame {
  type: 'send' | 'start'
  ref: string
  id: string
  conversation: string
  text: string
  account: string
}

type Peer = { key: number; id: string; account: string; number: number }

/** One call at a time; what is added meanwhile goes together in the next. */
class Lane<T> {
  readonly #call: (items: T[]) => Promise<void>
  #items: T[] = []
  #busy = false

  constructor(call: (items: T[]) => Promise<void>) {
    this.#call = call
  }

  async add(...items: T[]): Promise<void> {
    this.#items.push(...items)
    if (this.#busy) return
    this.#busy = true
    while (this.#items.length > 0) await this.#call(this.#items.splice(0))
    this.#busy = false
  }
}

export class Account extends DurableObject<FloorEnv> {
  readonly #sql = this.ctx.storage.sql
  readonly #id = wireId(this.ctx.id.toString())
  readonly #pushes = new Map<string, Lane<string>>()
  readonly #deliveries = new Map<number, Lane<Carried>>()
  #alarmAt = 0

  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  async make(): Promise<{ account: { id: string }; accessToken: string }> {
    this.#sql.exec(SCHEMA)
    this.#sql.exec('INSERT INTO profile VALUES (1, ?, ?)', this.#id, this.#id)
    return { account: { id: this.#id }, accessToken: this.#id }
  }

  async admitScan(): Promise<void> {
    this.#sql.exec("INSERT INTO counters VALUES ('scans', 1) ON CONFLICT (what) DO UPDATE SET used = used + 1")
  }

  async addDevice(device: string): Promise<{ cursor: number; account: object; conversations: object[] }> {
    const now = Date.now()
    const cursor = this.ctx.storage.transactionSync(() => {
      this.#sql.exec('INSERT INTO devices VALUES (?, 1, ?)', device, now)
      this.#sql.exec("INSERT OR IGNORE INTO due VALUES ('idle', ?)", now + IDLE_MS)
      return this.#append('device', null, 1)
    })
    this.#arm(now)
    this.#tell([frameOf(cursor, { kind: 'device', device: { id: device }, linked: true })], device)
    const conversations = this.#sql.exec('SELECT * FROM conversations ORDER BY activity DESC LIMIT 50').toArray()
    return { cursor, account: this.#card(), conversations }
  }

  async setOnline(device: string, online: number): Promise<void> {
    this.#sql.exec('UPDATE devices SET online = ?, seen = ? WHERE id = ?', online, Date.now(), device)
  }

  /** The frames after `cursor`. */
  async connectDevice(device: string, cursor: number): Promise<string[]> {
    await this.setOnline(device, 1)
    return this.#sql
      .exec<{ cursor: number; kind: string; a: number; id: string; text: string }>(
        `SELECT e.cursor, e.kind, e.a, m.id, m.text FROM events e
         LEFT JOIN messages m ON m.conversation = e.conversation AND m.seq = e.cursor WHERE e.cursor > ? ORDER BY e.cursor`,
        cursor,
      )
      .toArray()
      .map(({ kind, a, id, text, ...row }) => frameOf(row.cursor, { kind, a, message: { id, text } }))
  }

  /** @returns up to which number it was taken */
  async deliver(from: string, messages: Carried[]): Promise<number> {
    const frames: string[] = []
    const last = messages.at(-1)?.number ?? 0
    this.ctx.storage.transactionSync(() => {
      const peer = this.#peer(from)
      for (const message of messages) {
        const seq = this.#append('message', peer.key, 0)
        this.#insert(peer, seq, peer.key, message)
        this.#sql.exec('UPDATE conversations SET activity = ? WHERE key = ?', seq, peer.key)
        frames.push(messageFrame(seq, peer, message, from))
      }
      this.#sql.exec('UPDATE conversations SET in_last = ? WHERE key = ?', last, peer.key)
    })
    this.#arm(Date.now())
    this.#tell(frames)
    return last
  }

  override async fetch(): Promise<Response> {
    const { 0: client, 1: socket } = new WebSocketPair()
    this.ctx.acceptWebSocket(socket)
    const conversations = this.#sql.exec('SELECT * FROM conversations ORDER BY activity DESC LIMIT 50').toArray()
    const snapshot = { type: 'snapshot', cursor: this.#head(), account: this.#card(), conversations, more: null }
    socket.send(JSON.stringify(snapshot))
    return new Response(null, { status: 101, webSocket: client, headers: { 'Sec-WebSocket-Protocol': 'tandem.v1' } })
  }

  override webSocketMessage(socket: WebSocket, data: string): void {
    const frame = JSON.parse(data) as SendFrame
    if (frame.type === 'start') {
      const { id } = this.#peer(frame.account)
      socket.send(JSON.stringify({ type: 'ok', ref: frame.ref, conversation: { id } }))
    } else this.#send(socket, frame)
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close()
  }

  /** For what was not taken in time; there is nothing to do where nothing is checked. */
  override async alarm(): Promise<void> {}

  #send(socket: WebSocket, { ref, id, conversation, text }: SendFrame): void {
    const now = Date.now()
    const { peer, message } = this.ctx.storage.transactionSync(() => {
      const found = this.#sql
        .exec<Peer>(
          `UPDATE conversations SET out_last = out_last + 1, activity = (SELECT coalesce(max(cursor), 0) + 1 FROM events)
           WHERE id = ? RETURNING key, id, account, out_last AS number`,
          conversation,
        )
        .one()
      const seq = this.#append('message', found.key, 0)
      const sent: Carried = { number: found.number, seq, id, sentAt: now, text }
      this.#insert(found, seq, 0, sent)
      this.#sql.exec('INSERT INTO outbox VALUES (?, ?, ?)', found.key, found.number, seq)
      return { peer: found, message: sent }
    })
    this.#arm(now)
    this.#tell([messageFrame(message.seq, peer, message, 'me')])
    socket.send(JSON.stringify({ type: 'ok', ref, message }))
    this.ctx.waitUntil(this.#deliveryTo(peer).add(message))
  }

  #deliveryTo({ key, account }: Peer): Lane<Carried> {
    const known = this.#deliveries.get(key)
    if (known !== undefined) return known
    const lane = new Lane<Carried>(async (messages) => {
      const upTo = await this.#account(account).deliver(this.#id, messages)
      const delivered = messages.at(-1)?.seq ?? 0
      const cursor = this.ctx.storage.transactionSync(() => {
        this.#sql.exec('DELETE FROM outbox WHERE conversation = ? AND number <= ?', key, upTo)
        this.#sql.exec('UPDATE conversations SET delivered = ? WHERE key = ?', delivered, key)
        return this.#append('status', key, delivered)
      })
      this.#tell([frameOf(cursor, { kind: 'status', deliveredUpTo: delivered })])
    })
    this.#deliveries.set(key, lane)
    return lane
  }

  /** Frames to the phone's sockets and to each device that is online. */
  #tell(frames: string[], except?: string): void {
    for (const socket of this.ctx.getWebSockets()) for (const frame of frames) socket.send(frame)
    for (const { id } of this.#sql.exec<{ id: string }>('SELECT id FROM devices WHERE online = 1')) {
      if (id !== except) this.ctx.waitUntil(this.#pushTo(id).add(...frames))
    }
  }

  #pushTo(device: string): Lane<string> {
    const known = this.#pushes.get(device)
    if (known !== undefined) return known
    const id = this.env.COMPANION.idFromString(parseWireId(device) ?? '')
    const lane = new Lane<string>((frames) => this.env.COMPANION.get(id).push(frames))
    this.#pushes.set(device, lane)
    return lane
  }

  #insert({ key }: Peer, seq: number, author: number, { id, sentAt, text }: Carried): void {
    this.#sql.exec('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)', key, seq, author, id, sentAt, text)
  }

  #append(kind: string, conversation: number | null, a: number): number {
    return this.#sql
      .exec<{ cursor: number }>(
        'INSERT INTO events (kind, conversation, a) VALUES (?, ?, ?) RETURNING cursor',
        kind,
        conversation,
        a,
      )
      .one().cursor
  }

  #peer(account: string): Peer {
    const find = 'SELECT key, id, account, out_last AS number FROM conversations WHERE account = ?'
    const known = this.#sql.exec<Peer>(find, account).toArray()[0]
    if (known !== undefined) return known
    this.#sql.exec('INSERT INTO conversations (id, account) VALUES (?, ?)', crypto.randomUUID(), account)
    return this.#sql.exec<Peer>(find, account).one()
  }

  #head(): number {
    return this.#sql.exec<{ head: number }>('SELECT coalesce(max(cursor), 0) AS head FROM events').one().head
  }

  #card(): object {
    return { id: this.#id, name: this.#id }
  }

  /** The service's alarm after a change: one row written, at most every ten seconds. */
  #arm(now: number): void {
    if (this.#alarmAt > now) return
    this.#alarmAt = now + PUSH_AGAIN_MS
    void this.ctx.storage.setAlarm(this.#alarmAt)
  }

  #account(account: string): DurableObjectStub<Account> {
    return this.env.ACCOUNT.get(this.env.ACCOUNT.idFromString(parseWireId(account) ?? ''))
  }
}

function messageFrame(seq: number, { id: conversation }: Peer, { id, sentAt, text }: Carried, from: string): string {
  return frameOf(seq, { kind: 'message', message: { id, conversation, seq, from, sentAt, text }, unread: 0 })
}

function frameOf(cursor: number, event: object): string {
  return JSON.stringify({ type: 'event', cursor, event })
}
