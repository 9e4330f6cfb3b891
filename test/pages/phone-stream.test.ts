import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SocketLike } from '../../src/client/connection.ts'
import { createPhoneStream } from '../../src/client/phone-stream.ts'
import {
  accessToken,
  ACCOUNT,
  createScene,
  json,
  type Line,
  NOW,
  problem,
  sessionAnswer,
  stored,
} from './phone-support.ts'

class FakeSocket implements SocketLike {
  readonly sent: string[] = []
  readonly url: string
  readonly protocols: string[]
  readonly #listeners = new Map<string, (event: never) => void>()

  constructor(url: string, protocols: string[]) {
    this.url = url
    this.protocols = protocols
  }

  send(data: string): void {
    if (data === 'ping') queueMicrotask(() => this.tell('message', { data: 'pong' }))
    else this.sent.push(data)
  }

  close(): void {}

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener)
  }

  tell(type: 'open' | 'message' | 'close', event: object = {}): void {
    this.#listeners.get(type)?.(event as never)
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

function scene(script: Line[], renewAt = NOW + 600_000) {
  const stage = createScene(script, stored('1', renewAt))
  Object.defineProperty(stage.clock, 'now', { get: () => Date.now(), set: () => {} })
  const sockets: FakeSocket[] = []
  const stream = createPhoneStream({
    origin: stage.transport.origin,
    session: stage.session,
    api: stage.api,
    now: () => Date.now(),
    openSocket(url, protocols) {
      const socket = new FakeSocket(url, protocols)
      sockets.push(socket)
      return socket
    },
  })
  return { ...stage, stream, sockets }
}

/** Lets timers of `milliseconds` and everything that they start come to rest. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
}

test('the socket is dialled with the token as a subprotocol, and never in the address', async () => {
  const { stream, sockets } = scene([])
  stream.connect()
  await pass(0)
  expect(sockets[0]?.url).toBe('wss://tandem.example/v1/account/socket')
  expect(sockets[0]?.protocols).toEqual(['tandem.v1', `bearer.${accessToken('1')}`])
})

test('a lost socket goes on from the cursor', async () => {
  const { stream, sockets } = scene([])
  stream.connect()
  await pass(0)
  sockets[0]?.tell('open')
  const snapshot = { type: 'snapshot', cursor: 7, account: ACCOUNT, conversations: [], more: null }
  sockets[0]?.tell('message', { data: JSON.stringify(snapshot) })
  sockets[0]?.tell('close', { code: 1006 })
  await pass(8_000)
  expect(sockets[1]?.url).toBe('wss://tandem.example/v1/account/socket?cursor=7')
})

test('before the token runs out the socket is given a new one', async () => {
  const { stream, sockets, calls } = scene([json(sessionAnswer('2'))])
  stream.connect()
  await pass(0)
  sockets[0]?.tell('open')
  await pass(599_999)
  expect(calls).toHaveLength(0)
  await pass(1)
  const frames = sockets[0]!.sent.map((text) => JSON.parse(text) as object)
  expect(frames).toEqual([expect.objectContaining({ type: 'token', accessToken: accessToken('2') })])
})

test('closed 4401 it asks for a new token and comes back', async () => {
  const { stream, sockets, calls } = scene([problem(401, 'unauthorized'), json(sessionAnswer('2')), json(ACCOUNT)])
  stream.connect()
  await pass(0)
  sockets[0]?.tell('open')
  sockets[0]?.tell('close', { code: 4401 })
  await pass(8_000)
  expect(calls.map((call) => call.path)).toEqual(['/v1/account', '/v1/phone/refresh', '/v1/account'])
  expect(sockets[1]?.protocols[1]).toBe(`bearer.${accessToken('2')}`)
})

test('closed 4410, as by a deleted account, it finds the session ended and dials no more', async () => {
  const { stream, sockets, store } = scene([problem(401, 'unauthorized'), problem(401, 'unauthorized')])
  stream.connect()
  await pass(0)
  sockets[0]?.tell('open')
  sockets[0]?.tell('close', { code: 4410 })
  await pass(8_000)
  expect(store.value).toBeNull()
  expect(sockets).toHaveLength(1)
  stream.close()
})

test('refused before the upgrade it finds out over HTTP whether the session has ended', async () => {
  const { stream, sockets, store } = scene([problem(401, 'unauthorized'), problem(401, 'unauthorized')])
  stream.connect()
  await pass(0)
  sockets[0]?.tell('close', { code: 1006 })
  await pass(8_000)
  expect(store.value).toBeNull()
  expect(sockets).toHaveLength(1)
  stream.close()
})

test('replaced by a newer socket it stops until it is asked', async () => {
  const { stream, sockets } = scene([])
  stream.connect()
  await pass(0)
  sockets[0]?.tell('open')
  sockets[0]?.tell('close', { code: 4409 })
  await pass(60_000)
  expect(sockets).toHaveLength(1)
  stream.connect()
  await pass(0)
  expect(sockets).toHaveLength(2)
})
