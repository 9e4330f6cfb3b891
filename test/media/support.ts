/** Two people, their phones' sockets, and uploads over the Worker's own routes. */
import { env } from 'cloudflare:workers'
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import type { Account } from '../../src/account/account.ts'
import type { MediaRow } from '../../src/account/rows.ts'
import type { Conversation, Media, Message } from '../../src/protocol/model.ts'
import { accountOf, Phone, request } from '../support/service.ts'
import type { TestSocket } from '../support/socket.ts'

// An account begins empty here.
;(env as { DEMO: string }).DEMO = 'off'

export interface Uploaded {
  media: string
  put: string
  expiresAt: number
}

export class Uploader {
  readonly phone: Phone
  readonly socket: TestSocket

  private constructor(phone: Phone, socket: TestSocket) {
    this.phone = phone
    this.socket = socket
  }

  static async create(): Promise<Uploader> {
    const phone = await Phone.signIn()
    return new Uploader(phone, await phone.openStream())
  }

  get stub(): DurableObjectStub<Account> {
    return accountOf(this.phone.account.id)
  }

  get prefix(): string {
    return `${this.phone.account.id}/`
  }

  /** Announces an upload; answered `ok` or `error`. */
  announce(announced: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.socket.ask({ type: 'upload', ...announced })
  }

  /** Announces one that is taken. */
  async open(announced: Record<string, unknown>): Promise<Uploaded> {
    const answer = await this.announce(announced)
    if (answer.type !== 'ok') throw new Error(JSON.stringify(answer))
    return answer as unknown as Uploaded
  }

  /** Announces and puts. @returns the media's id */
  async upload(bytes: Uint8Array, contentType: string, more: Record<string, unknown> = {}): Promise<string> {
    const { media, put: url } = await this.open({ contentType, bytes: bytes.byteLength, ...more })
    const { status } = await put(url, bytes, contentType)
    if (status !== 201) throw new Error(`the PUT was answered ${status}`)
    return media
  }

  async startWith(other: Uploader): Promise<string> {
    const answer = await this.socket.ask<{ conversation: Conversation }>({
      type: 'start',
      number: other.phone.number,
    })
    return answer.conversation.id
  }

  send(conversation: string, media: string, id: string = crypto.randomUUID()): Promise<Record<string, unknown>> {
    return this.socket.ask({ type: 'send', id, conversation, media })
  }

  /** The next message event that comes. */
  async message(): Promise<Message & { media: Media }> {
    type Event = { event: { message: Message & { media: Media } } }
    const isMessage = (frame: Record<string, unknown>): boolean =>
      frame.type === 'event' && (frame.event as { kind: string }).kind === 'message'
    return (await this.socket.find<Event>(isMessage, 'a message')).event.message
  }

  evict(): Promise<void> {
    return evictDurableObject(this.stub)
  }

  rows(): Promise<MediaRow[]> {
    return runInDurableObject(this.stub, (_, { storage }) =>
      storage.sql.exec<MediaRow>('SELECT * FROM media ORDER BY id').toArray(),
    )
  }

  /** The names of what lies in R2 for this account. */
  async objects(): Promise<string[]> {
    const { objects } = await bucket().list({ prefix: this.prefix })
    return objects.map(({ key }) => key)
  }
}

export function bucket(): R2Bucket {
  if (env.MEDIA === undefined) throw new Error('the tests need a bucket')
  return env.MEDIA
}

export function put(url: string, body: BodyInit | null, contentType?: string, method = 'PUT'): Promise<Response> {
  const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType }
  return request(url, { method, headers, body })
}

/** Bytes that say where they are. */
export function bytesOf(length: number, seed = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + seed) % 251)
}

/** A body that says no length, in pieces. @param broken - it ends with an error */
export function chunked(bytes: Uint8Array, pieces = 5, broken = false): ReadableStream<Uint8Array> {
  const size = Math.ceil(bytes.byteLength / pieces)
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(bytes.slice(at, (at += size)))
      else if (broken) controller.error(new Error('gone'))
      else controller.close()
    },
  })
}
