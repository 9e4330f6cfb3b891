/** Accounts, phones and companions for the tests of the account room. */
import { env } from 'cloudflare:workers'
import { evictDurableObject } from 'cloudflare:test'
import { onTestFinished } from 'vitest'
import { conversationByKey } from '../../src/account/conversations.ts'
import type { ConversationRow } from '../../src/account/rows.ts'
import { PHONE_SOCKET_HEADER, type EventPage, type NewDevice, type PhoneSocketOpen } from '../../src/account/rpc.ts'
import type { Account } from '../../src/account/account.ts'
import type { Caller } from '../../src/http/types.ts'
import type { ErrorFrame, EventFrame, OkFrame, ServerFrame, SnapshotFrame } from '../../src/protocol/frames.ts'
import { wireId } from '../../src/protocol/ids.ts'
import type { Conversation, StreamEvent } from '../../src/protocol/model.ts'
import type { Request as StreamRequest } from '../../src/protocol/requests.ts'

const WAIT_MS = 5_000

// The demo has a file of tests of its own; everywhere else an account begins empty.
;(env as { DEMO: string }).DEMO = 'off'

export interface TestAccount {
  stub: DurableObjectStub<Account>
  id: string
  number: string
  caller: Caller
  refreshToken: string
}

let numbers = 0

/** A signed-in account with a number of its own. */
export async function createAccount(): Promise<TestAccount> {
  const stub = env.ACCOUNT.get(env.ACCOUNT.newUniqueId())
  const id = wireId(stub.id.toString())
  const number = `+1555${String(2_000_000 + numbers++)}`
  const grant = await stub.signIn(id, number)
  if (!grant.ok) throw new Error(grant.code)
  return { stub, id, number, caller: callerFor(id, grant.value.session), refreshToken: grant.value.refreshToken }
}

export function callerFor(account: string, session: string | null): Caller {
  return { account, session, issuedAt: Date.now(), expiresAt: Date.now() + 900_000 }
}

/** A device's description, its id that of a companion object of its own. */
export function createDevice(name = 'Firefox on Linux'): NewDevice {
  const id = wireId(env.COMPANION.newUniqueId().toString())
  return { id, name, browser: 'Firefox', os: 'Linux', place: { country: 'SE' }, linkedAt: Date.now() }
}

/** Puts the object out of memory; sockets hibernate. */
export async function evict(...accounts: TestAccount[]): Promise<void> {
  for (const { stub } of accounts) await evictDurableObject(stub)
}

/** A phone's socket, its frames in the order in which they came. */
export class Phone {
  readonly frames: ServerFrame[] = []
  closedWith: number | null = null
  readonly #socket: WebSocket
  #refs = 0
  readonly #waiting = new Set<() => void>()

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      this.frames.push(data === 'pong' ? { type: 'idle' } : (JSON.parse(data as string) as ServerFrame))
      this.#wake()
    })
    socket.addEventListener('close', ({ code }) => {
      this.closedWith = code
      this.#wake()
    })
    socket.accept()
  }

  send(data: string | ArrayBuffer | object): void {
    this.#socket.send(typeof data === 'string' || data instanceof ArrayBuffer ? data : JSON.stringify(data))
  }

  close(code: number): void {
    this.#socket.close(code)
  }

  /** Sends a request and waits for its answer. */
  async request(request: DistributiveOmit<StreamRequest, 'ref'>): Promise<OkFrame | ErrorFrame> {
    const ref = `r${++this.#refs}`
    this.send({ ...request, ref })
    return this.#find((frame) =>
      (frame.type === 'ok' || frame.type === 'error') && frame.ref === ref ? frame : undefined,
    )
  }

  frame<T extends ServerFrame['type']>(type: T): Promise<Extract<ServerFrame, { type: T }>> {
    return this.#find((frame) => (frame.type === type ? (frame as Extract<ServerFrame, { type: T }>) : undefined))
  }

  event<K extends StreamEvent['kind']>(
    kind: K,
    matches: (event: Extract<StreamEvent, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<StreamEvent, { kind: K }>> {
    return this.#find((frame) => {
      if (frame.type !== 'event' || frame.event.kind !== kind) return undefined
      const event = frame.event as Extract<StreamEvent, { kind: K }>
      return matches(event) ? event : undefined
    })
  }

  async closed(): Promise<number> {
    await this.#until(() => this.closedWith !== null)
    return this.closedWith ?? 0
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  async #find<T>(pick: (frame: ServerFrame) => T | undefined): Promise<T> {
    let found: T | undefined
    await this.#until(() => {
      for (const frame of this.frames) found ??= pick(frame)
      return found !== undefined
    })
    return found as T
  }

  async #until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + WAIT_MS
    while (!condition()) {
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`waited in vain; got ${JSON.stringify(this.frames.slice(-5))}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Opens a phone's socket as the Worker would hand it over. */
export async function openPhone(
  account: TestAccount,
  cursor: number | null = null,
  change: Partial<Caller> = {},
): Promise<Phone> {
  const open: PhoneSocketOpen = { caller: { ...account.caller, ...change }, cursor }
  const response = await account.stub.fetch('https://tandem.test/v1/account/socket', {
    headers: { upgrade: 'websocket', [PHONE_SOCKET_HEADER]: JSON.stringify(open) },
  })
  if (response.webSocket === null) throw new Error(`refused with ${response.status}`)
  const phone = new Phone(response.webSocket)
  onTestFinished(() => phone.close(1000))
  return phone
}

/** The snapshot of a fresh socket. */
export async function snapshotOf(account: TestAccount): Promise<SnapshotFrame> {
  return (await openPhone(account)).frame('snapshot')
}

/** A phone's conversation with another account. */
export async function startWith(phone: Phone, peer: TestAccount): Promise<Conversation> {
  const answer = await phone.request({ type: 'start', account: peer.id })
  if (answer.type !== 'ok' || answer.conversation === undefined) throw new Error(JSON.stringify(answer))
  return answer.conversation
}

/** Two accounts with a phone each and the conversation that the first one began. */
export async function createPair(): Promise<{
  ada: TestAccount
  bo: TestAccount
  phoneA: Phone
  phoneB: Phone
  conversation: Conversation
}> {
  const [ada, bo] = [await createAccount(), await createAccount()]
  const [phoneA, phoneB] = [await openPhone(ada), await openPhone(bo)]
  return { ada, bo, phoneA, phoneB, conversation: await startWith(phoneA, bo) }
}

/** Sends a text and waits for its `ok`. @returns the message */
export async function sendText(phone: Phone, conversation: string, text: string, more: { replyTo?: string } = {}) {
  const answer = await phone.request({ type: 'send', id: crypto.randomUUID(), conversation, text, ...more })
  if (answer.type !== 'ok' || answer.message === undefined) throw new Error(JSON.stringify(answer))
  return answer.message
}

/** The cursors that the frames of a page themselves tell. */
export function cursorsOf({ frames }: EventPage): number[] {
  return frames.map((frame) => (JSON.parse(frame) as EventFrame).cursor)
}

/** The row of a conversation that is there. */
export function conversationOf(sql: SqlStorage, key: number): ConversationRow {
  const row = conversationByKey(sql, key)
  if (row === null) throw new Error('there is no such conversation')
  return row
}
