/** A socket under the test's control, standing where a WebSocket would, and the frames that a server sends on it. */
import type { SocketLike } from '../../src/client/connection.ts'
import type { ServerFrame, SnapshotFrame } from '../../src/protocol/frames.ts'
import type { Conversation, Message } from '../../src/protocol/model.ts'

type Listener = (event: { data: unknown; code: number }) => void

export class FakeSocket implements SocketLike {
  /** What the client sent, as it was. */
  readonly sent: string[] = []
  readonly url: string
  closedByClient = false
  readonly #listeners = new Map<string, Listener[]>()

  constructor(url = '') {
    this.url = url
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(data: string): void {
    this.sent.push(data)
  }

  close(): void {
    this.closedByClient = true
  }

  /** The frames sent, without pings. */
  get frames(): Record<string, unknown>[] {
    return this.sent.filter((text) => text !== 'ping').map((text) => JSON.parse(text) as Record<string, unknown>)
  }

  open(): void {
    this.#tell('open', {})
  }

  receive(data: ServerFrame | string | ArrayBuffer | Record<string, unknown>): void {
    const raw = typeof data === 'string' || data instanceof ArrayBuffer
    this.#tell('message', { data: raw ? data : JSON.stringify(data) })
  }

  end(code: number): void {
    this.#tell('close', { code })
  }

  #tell(type: string, event: { data?: unknown; code?: number }): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data: undefined, code: 0, ...event })
  }
}

export const ACCOUNT = { id: 'me-account', name: 'Account' }

export function message(seq: number, more: Partial<Message> = {}): Message {
  return { id: `m${seq}`, conversation: 'c', seq, from: 'peer', sentAt: seq * 1000, text: `text ${seq}`, ...more }
}

export function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    title: id,
    peer: { account: 'peer', deliveredUpTo: 0, readUpTo: 0 },
    unread: 0,
    readUpTo: 0,
    last: null,
    ...more,
  }
}

export function snapshot(cursor: number, conversations: Conversation[], more: string | null = null): SnapshotFrame {
  return { type: 'snapshot', cursor, account: ACCOUNT, conversations, more }
}
