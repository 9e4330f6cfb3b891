/**
 * The same storm for real, on this machine: the built Worker in its runtime, linked browsers on the client library's own
 * connection; the runtime is killed and started again, then every socket is cut.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createConnection, type Connection, type SocketLike } from '../../src/client/connection.ts'
import { PING, PONG } from '../../src/protocol/frames.ts'
import { startFront, type Front } from '../../test/crash/front.ts'
import { buildWorker } from '../../test/support/outside/build.ts'
import type { HostOrder } from '../../test/support/outside/host.ts'
import { proveResume } from '../../test/support/outside/keys.ts'
import { link, signIn, type LinkedBrowser } from '../../test/support/outside/people.ts'
import { dial, type Frame, type TestSocket } from '../../test/support/outside/socket.ts'
import { busiest, bySecond } from './storm.ts'

export interface Measured {
  dials: number[]
  busiestShare: number
  /** Dials of the storm; more than the sockets where one had to try again. */
  dialled: number
  backMs: { half: number; most: number; all: number }
}

const HOST = resolve(import.meta.dirname, '../../test/support/outside/host.ts')
const BATCH = 8
const LONG_MS = 120_000

/** Links `people` × `devices` browsers, lets the storm pass and says when they dialled and when they were back. */
export async function measureStorm(people: number, devices: number): Promise<Measured> {
  const built = await buildWorker()
  const persistence = await mkdtemp(join(tmpdir(), 'tandem-storm-'))
  const order: HostOrder = {
    script: built.script,
    directory: built.directory,
    options: built.options.local,
    vars: { DEMO: 'off' },
    cf: { country: 'DE' },
    persistence,
    port: 0,
  }
  let host = await startHost(order)
  const front = await startFront(host.origin)
  const browsers: Returning[] = []
  try {
    await inBatches(people, async () => {
      const person = await signIn(front)
      for (let device = 0; device < devices; device++) browsers.push(new Returning(front, await link(person)))
    })
    for (const browser of browsers) browser.connection.connect()
    await until(() => browsers.every(({ backAt }) => backAt !== null))
    const ended = once(host.process, 'exit')
    process.kill(-host.process.pid!, 'SIGKILL')
    await ended
    host = await startHost({ ...order, port: Number(new URL(host.origin).port) })
    const droppedAt = performance.now()
    for (const browser of browsers) browser.forget()
    front.cutAll()
    await until(() => browsers.every(({ backAt }) => backAt !== null))
    const dials = browsers.flatMap((browser) => browser.dials).map((at) => at - droppedAt)
    const back = browsers.map(({ backAt }) => (backAt ?? 0) - droppedAt).toSorted((a, b) => a - b)
    const at = (share: number): number => back[Math.min(back.length - 1, Math.floor(back.length * share))] ?? 0
    return {
      dials: bySecond(dials),
      busiestShare: busiest(dials) / browsers.length,
      dialled: dials.length,
      backMs: { half: at(0.5), most: at(0.99), all: at(1) },
    }
  } finally {
    for (const { connection } of browsers) connection.close()
    await front.stop()
    if (host.process.exitCode === null) process.kill(-host.process.pid!, 'SIGKILL')
    await Promise.all([built.directory, persistence].map((path) => rm(path, { recursive: true, force: true })))
  }
}

/** A linked browser that comes back by itself. */
class Returning {
  readonly connection: Connection
  backAt: number | null = null
  dials: number[] = []
  readonly #linked: LinkedBrowser
  readonly #front: Front

  constructor(front: Front, linked: LinkedBrowser) {
    this.#front = front
    this.#linked = linked
    this.connection = createConnection({
      dial: async () => {
        this.dials.push(performance.now())
        const query = `device=${linked.device}&cursor=${linked.snapshot.cursor}`
        return asSocketLike(await dial(`${front.origin}/v1/socket?${query}`))
      },
      onMessage: (text) => this.#receive(JSON.parse(text) as Frame),
    })
  }

  forget(): void {
    this.backAt = null
    this.dials = []
  }

  #receive(frame: Frame): void {
    if (frame.type === 'challenge') {
      const { key, device } = this.#linked
      const signature = proveResume(key, new URL(this.#front.origin).host, device, frame.nonce)
      this.connection.send(JSON.stringify({ type: 'prove', signature }))
    }
    if (frame.type === 'resumed') this.backAt ??= performance.now()
  }
}

/** The tests' own socket as the library wants one. */
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
      if (data === PING) socket.ping(LONG_MS).then(() => hear(PONG), ignore)
      else socket.sendText(data)
    },
    close: () => void socket.close().catch(ignore),
    addEventListener(type: string, listener: (event: never) => void) {
      if (type === 'open') queueMicrotask(listener as () => void)
      if (type === 'close') void socket.closed.then(listener as (closed: { code: number }) => void)
      if (type === 'message') {
        listeners.push(listener as (event: { data: unknown }) => void)
        listen().catch(ignore)
      }
    },
  }
}

async function startHost(order: HostOrder): Promise<{ process: ChildProcess; origin: string }> {
  // A process group of its own, so that a kill reaches the runtime with its host.
  const host = fork(HOST, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true })
  host.send(order)
  const [answer] = (await once(host, 'message', { signal: AbortSignal.timeout(60_000) })) as [{ url: string }]
  return { process: host, origin: new URL(answer.url).origin }
}

async function inBatches(count: number, task: () => Promise<void>): Promise<void> {
  let left = count
  const work = async (): Promise<void> => {
    while (left-- > 0) await task()
  }
  await Promise.all(Array.from({ length: BATCH }, work))
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + LONG_MS
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${LONG_MS} ms`)
    await setTimeout(20)
  }
}

function ignore(): void {}
