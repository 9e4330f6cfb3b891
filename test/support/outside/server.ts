/** Starts the built Worker for a test, on a free loopback port with storage of its own, and ends it again. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { Built } from './build.ts'
import type { HostOrder } from './host.ts'

export interface ServerSettings {
  /** Which part of wrangler.toml: `npm start`'s, or what a plain deploy gets. */
  configuration?: 'local' | 'default'
  /** Instead of those of wrangler.toml. */
  vars?: Record<string, string>
  /** What `request.cf` says of every client. */
  cf?: Record<string, string>
  /** Without it, the bundle that vitest's globalSetup built. */
  built?: Built
}

export interface Server {
  /** Such as http://127.0.0.1:40985, with no slash at the end. */
  readonly origin: string
  /** All that the process has printed so far. */
  readonly printed: () => string
  /** Ends the process and starts another on the same port and storage. */
  restart(): Promise<void>
  /** SIGKILL to the runtime and its host: nothing is flushed. `restart` brings it back. */
  kill(): Promise<void>
  /** Ends the process and removes its storage. */
  stop(): Promise<void>
}

const START_MS = 20_000
const BERLIN = { country: 'DE', city: 'Berlin', latitude: '52.52', longitude: '13.40', timezone: 'Europe/Berlin' }

/** Starts a server. Unless told otherwise: wrangler.toml's local settings, without the demo content. */
export async function startServer(settings: ServerSettings = {}): Promise<Server> {
  const built = settings.built ?? inject('built')
  const configuration = settings.configuration ?? 'local'
  const persistence = await mkdtemp(join(tmpdir(), 'tandem-stored-'))
  const order: HostOrder = {
    script: built.script,
    directory: built.directory,
    options: built.options[configuration],
    vars: { ...(configuration === 'local' ? { DEMO: 'off' } : {}), ...settings.vars },
    cf: settings.cf ?? BERLIN,
    persistence,
    port: 0,
  }
  let printed = ''
  const print = (text: string): void => void (printed += text)
  let running = await startHost(order, print)
  const { origin } = running
  const sameAgain: HostOrder = { ...order, port: Number(new URL(origin).port) }
  return {
    origin,
    printed: () => printed,
    async restart() {
      await endHost(running.host)
      running = await startHost(sameAgain, print)
    },
    kill: () => killHost(running.host),
    async stop() {
      await endHost(running.host)
      await rm(persistence, { recursive: true, force: true })
    },
  }
}

async function startHost(
  order: HostOrder,
  print: (text: string) => void,
): Promise<{ host: ChildProcess; origin: string }> {
  // A process group of its own, so that `kill` reaches the runtime with its host.
  const host = fork(join(import.meta.dirname, 'host.ts'), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true })
  host.stdout?.setEncoding('utf8').on('data', print)
  let complaints = ''
  host.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
    print(text)
  })
  host.send(order)
  const answer = await Promise.race([
    once(host, 'message', { signal: AbortSignal.timeout(START_MS) }).then(([message]) => message as { url: string }),
    once(host, 'exit').then(() => null),
  ]).catch(async (error: unknown) => {
    await killHost(host)
    throw error
  })
  if (answer === null) throw new Error(`the server did not start: ${complaints}`)
  return { host, origin: new URL(answer.url).origin }
}

async function endHost(host: ChildProcess): Promise<void> {
  if (hasEnded(host)) return
  const ended = once(host, 'exit', { signal: AbortSignal.timeout(10_000) })
  host.disconnect()
  await ended.catch(() => killHost(host))
}

async function killHost(host: ChildProcess): Promise<void> {
  if (hasEnded(host) || host.pid === undefined) return
  const ended = once(host, 'exit')
  process.kill(-host.pid, 'SIGKILL')
  await ended
}

function hasEnded(host: ChildProcess): boolean {
  return host.exitCode !== null || host.signalCode !== null
}
