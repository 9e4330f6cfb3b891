/**
 * 500 linked browsers lose their sockets at one moment, as in a deploy: the service is killed and started again, then
 * every connection is cut. They come back by the rule of the contract (section 6), which is the client library's own
 * connection here, and go on exactly where they were, with what was written meanwhile.
 */
import { expect, test } from 'vitest'
import { createConnection, type Connection, type SocketLike } from '../../src/client/connection.ts'
import { PING, PONG } from '../../src/protocol/frames.ts'
import { eventually } from '../support/outside/eventually.ts'
import { proveResume } from '../support/outside/keys.ts'
import { link, message, openPhone, signIn, type LinkedBrowser, type Person } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial, type Frame, type TestSocket } from '../support/outside/socket.ts'
import { startFront, type Front } from './front.ts'

const PEOPLE = 125
const DEVICES = 4
const SOCKETS = PEOPLE * DEVICES
/** People who are set up side by side. */
const BATCH = 8
const SET_UP_MS = 30_000
const BACK_MS = 15_000
/** Longer than the test. */
const LONG_MS = 120_000
/** No second may hold more of the reconnects than this. */
const SHARE = 0.25

const server = useServer()

test(`${SOCKETS} browsers dropped at once come back spread over time, and go on where they were`, async () => {
  const front = await startFront(server.origin)
  try {
    const homes: Home[] = []
    await inBatches(PEOPLE, async () => void homes.push(await moveIn(front)))
    const browsers = homes.flatMap((home) => home.browsers)
    expect(browsers).toHaveLength(SOCKETS)
    const hasAll = (count: number) => async () =>
      browsers.every(({ isStreaming, texts }) => isStreaming && texts.length === count)
    await inBatches(PEOPLE, (index) => tellNext(homes, index, 'before'))
    await eventually('every browser to have the first message', hasAll(1), SET_UP_MS)

    await server.kill()
    await server.restart()
    const droppedAt = performance.now()
    front.cutAll()
    // Written while they come back, some to browsers that are there already and some to ones that are not.
    const writing = inBatches(PEOPLE, (index) => tellNext(homes, index, 'meanwhile'))
    await eventually('all to be back with what was written', hasAll(2), BACK_MS).catch(() => null)
    await writing

    const back = browsers.filter(({ isStreaming }) => isStreaming).length
    expect(back, `back within ${BACK_MS} ms`).toBe(SOCKETS)
    expect(browsers.flatMap(({ faults }) => faults)).toEqual([])
    expect(browsers.filter(({ texts }) => texts.join() !== 'before,meanwhile').map(({ texts }) => texts)).toEqual([])
    // As they dial: how soon each is answered is the machine's matter, and bounded above.
    const dials = browsers.flatMap((browser) => browser.dials).filter((at) => at >= droppedAt)
    expect(busiestSecond(dials) / SOCKETS, 'the share of the busiest second').toBeLessThanOrEqual(SHARE)
    for (const { connection } of browsers) connection.close()
  } finally {
    await front.stop()
  }
}, 160_000)

/** A linked browser on the library's connection; each event must be the one after the last. */
class StormBrowser {
  readonly faults: string[] = []
  readonly texts: string[] = []
  readonly connection: Connection
  isStreaming = false
  readonly dials: number[] = []
  #cursor: number
  readonly #linked: LinkedBrowser
  readonly #front: Front

  constructor(front: Front, linked: LinkedBrowser) {
    this.#front = front
    this.#linked = linked
    this.#cursor = linked.snapshot.cursor
    this.connection = createConnection({
      dial: () => this.#dial(),
      onMessage: (text) => this.#receive(JSON.parse(text) as Frame),
      onState: ({ name }) => {
        if (name !== 'open') this.isStreaming = false
      },
    })
  }

  async #dial(): Promise<SocketLike> {
    this.dials.push(performance.now())
    const query = `device=${this.#linked.device}&cursor=${this.#cursor}`
    return asSocketLike(await dial(`${this.#front.origin}/v1/socket?${query}`))
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case 'challenge': {
        const { key, device } = this.#linked
        const signature = proveResume(key, new URL(this.#front.origin).host, device, frame.nonce)
        return void this.connection.send(JSON.stringify({ type: 'prove', signature }))
      }
      case 'resumed':
        if (frame.cursor !== this.#cursor) this.faults.push(`resumed at ${frame.cursor} instead of ${this.#cursor}`)
        this.isStreaming = true
        return
      case 'event':
        if (frame.cursor !== this.#cursor + 1) this.faults.push(`the event ${frame.cursor} after ${this.#cursor}`)
        this.#cursor = frame.cursor
        if (frame.event.kind === 'message' && frame.event.message.from !== 'me')
          this.texts.push(frame.event.message.text)
        return
      default:
        this.faults.push(`a frame out of place: ${frame.type}`)
    }
  }
}

/** Somebody with linked browsers, which stream through the front. */
interface Home {
  person: Person
  browsers: StormBrowser[]
}

async function moveIn(front: Front): Promise<Home> {
  const person = await signIn(front)
  const linked = await Promise.all(Array.from({ length: DEVICES }, () => link(person)))
  const browsers = linked.map((browser) => new StormBrowser(front, browser))
  for (const { connection } of browsers) connection.connect()
  return { person, browsers }
}

/** A person writes to the next one, from a phone that talks to the service itself. */
async function tellNext(homes: readonly Home[], index: number, text: string): Promise<void> {
  const { person } = homes[index]!
  const next = homes[(index + 1) % homes.length]!.person
  const { socket } = await openPhone({ ...person, server })
  const { conversation } = await socket.ok({ type: 'start', account: next.account.id })
  await socket.ok(message(conversation.id, text))
  await socket.close()
}

/** Does `task` for each index, BATCH at a time. */
async function inBatches(count: number, task: (index: number) => Promise<void>): Promise<void> {
  const left = Array.from({ length: count }, (_, index) => index)
  const work = async (): Promise<void> => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) await task(index)
  }
  await Promise.all(Array.from({ length: BATCH }, work))
}

/** The most of these moments (milliseconds) that lie within any one second. */
function busiestSecond(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b)
  return Math.max(...sorted.map((first, at) => sorted.slice(at).filter((moment) => moment < first + 1_000).length))
}

/** The test's own socket as the library wants one. */
function asSocketLike(socket: TestSocket): SocketLike {
  const listeners: ((event: { data: unknown }) => void)[] = []
  const hear = (data: unknown): void => {
    for (const listener of listeners) listener({ data })
  }
  const listen = async (): Promise<void> => {
    for (;;) hear(JSON.stringify(await socket.find('a frame', () => true, LONG_MS)))
  }
  return {
    send(data) {
      // The answer to a heartbeat is no frame of the contract: the test's socket keeps it to itself.
      if (data === PING)
        socket.ping(LONG_MS).then(
          () => hear(PONG),
          () => {},
        )
      else socket.sendText(data)
    },
    close: () => void socket.close().catch(() => {}),
    addEventListener(type: string, listener: (event: never) => void) {
      if (type === 'open') queueMicrotask(listener as () => void)
      if (type === 'close') void socket.closed.then(listener as (closed: { code: number }) => void)
      if (type === 'message') {
        listeners.push(listener as (event: { data: unknown }) => void)
        listen().catch(() => {})
      }
    },
  }
}
