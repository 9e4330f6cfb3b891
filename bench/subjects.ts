/** What is measured: the service, the floor, and the peers, each a process of its own on a free loopback port. */
import { build } from 'esbuild'
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { buildWorker } from '../test/support/outside/build.ts'
import type { HostOrder } from './host.ts'
import type { Target } from './load/people.ts'
import { peersInstalled, startRedis } from './peers/install.ts'

/** Something that runs and can be put under load. */
export interface Subject extends Target {
  name: SubjectName
  /** Where the runtime's inspector listens, if it was asked for. */
  inspector: string | null
  /** Resident memory of the process that serves (the runtime's, or Node's), bytes. */
  memory(): Promise<number>
  /** CPU seconds that it has used so far. */
  cpuSeconds(): Promise<number>
  stop(): Promise<void>
}

export type SubjectName = 'tandem' | 'floor' | 'ceiling' | 'ws-redis' | 'partyserver' | 'socketio' | 'device-grant'

export interface StartSettings {
  /** Instead of those of wrangler.toml. */
  vars?: Record<string, string>
  inspect?: boolean
  /** The service with what only a measurement may ask of it: bench/tandem/entry.ts. */
  instrumented?: boolean
  /** Not minified, for a profile. */
  readable?: boolean
}

const ROOT = resolve(import.meta.dirname, '..')
const START_MS = 30_000

/** Starts a subject with storage of its own. The caller stops it. */
export async function startSubject(name: SubjectName, settings: StartSettings = {}): Promise<Subject> {
  switch (name) {
    case 'tandem':
      return startTandem(settings)
    case 'floor':
      return startWorker('floor', join(ROOT, 'bench/floor/worker.ts'), settings)
    case 'partyserver':
      await peersInstalled()
      return startWorker('partyserver', join(ROOT, 'bench/peers/partyserver/worker.js'), settings)
    case 'ceiling':
      return startNode(name, join(ROOT, 'bench/load/ceiling.ts'), {})
    case 'device-grant':
      await peersInstalled()
      return startNode(name, join(ROOT, 'bench/peers/device-grant/server.js'), {})
    case 'ws-redis':
    case 'socketio': {
      await peersInstalled()
      const redis = await startRedis()
      const subject = await startNode(name, join(ROOT, `bench/peers/${name}/server.js`), { REDIS_URL: redis.url })
      return {
        ...subject,
        async stop() {
          await subject.stop()
          await redis.stop()
        },
      }
    }
  }
}

/** The bundle that `wrangler deploy` would upload, with the local settings of wrangler.toml and without the demo. */
async function startTandem({
  vars,
  inspect = false,
  instrumented = false,
  readable = false,
}: StartSettings): Promise<Subject> {
  const built = await buildWorker(instrumented ? 'bench/tandem/entry.ts' : undefined)
  if (readable) await bundle(join(ROOT, 'src/index.ts'), built.script, false)
  const { bindings, ...options } = built.options.local
  const settings = { ...(bindings as Record<string, string>), DEMO: 'off', ...vars }
  const { script, directory } = built
  return startHost(
    { name: 'tandem', script, directory, options: { ...options, bindings: settings }, inspect },
    'tandem',
  )
}

/** A Worker with two classes of objects, set up in all that concerns the runtime as the service is. */
async function startWorker(
  name: SubjectName,
  entry: string,
  { inspect = false, readable = false }: StartSettings,
): Promise<Subject> {
  const directory = await mkdtemp(join(tmpdir(), `tandem-bench-${name}-`))
  const script = join(directory, 'index.js')
  await bundle(entry, script, !readable)
  const like = (await import('wrangler')).unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'), 'local', {
    envFiles: [],
  } as object).workerOptions as unknown as Record<string, unknown>
  const options = {
    compatibilityDate: like.compatibilityDate,
    compatibilityFlags: like.compatibilityFlags,
    durableObjects: {
      COMPANION: { className: 'Companion', useSQLite: true },
      ACCOUNT: { className: 'Account', useSQLite: true },
    },
    // The router of static files stands before every Worker that has some, so it stands before this one too.
    assets: { ...(like.assets as object), directory: join(ROOT, 'bench/floor/public') },
  }
  return startHost({ name, script, directory, options, inspect }, name)
}

/** As wrangler does it. */
async function bundle(entry: string, outfile: string, minify: boolean): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'warning',
  })
}

async function startHost(order: Omit<HostOrder, 'persistence'>, name: SubjectName): Promise<Subject> {
  const persistence = await mkdtemp(join(tmpdir(), `tandem-bench-stored-${name}-`))
  const host = fork(join(import.meta.dirname, 'host.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  host.send({ ...order, persistence } satisfies HostOrder)
  const { origin, inspector } = await firstMessage<{ origin: string; inspector: string | null }>(host, name)
  const runtime = await childOf(host.pid ?? 0)
  return {
    name,
    origin,
    inspector,
    kind: name === 'tandem' ? 'tandem' : 'bare',
    memory: () => memoryOf(runtime),
    cpuSeconds: () => cpuOf(runtime),
    async stop() {
      await end(host)
      for (const path of [persistence, order.directory]) await rm(path, { recursive: true, force: true })
    },
  }
}

async function startNode(name: SubjectName, file: string, env: Record<string, string>): Promise<Subject> {
  const storage = await mkdtemp(join(tmpdir(), `tandem-bench-stored-${name}-`))
  const child = fork(file, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...env, STORAGE: storage },
  })
  const { origin } = await firstMessage<{ origin: string }>(child, name)
  return {
    name,
    origin,
    inspector: null,
    kind: name === 'socketio' ? 'socketio' : 'bare',
    memory: () => memoryOf(child.pid ?? 0),
    cpuSeconds: () => cpuOf(child.pid ?? 0),
    async stop() {
      await end(child)
      await rm(storage, { recursive: true, force: true })
    },
  }
}

async function firstMessage<T>(child: ChildProcess, name: string): Promise<T> {
  const answer = await Promise.race([
    once(child, 'message', { signal: AbortSignal.timeout(START_MS) }).then(([message]) => message as T),
    once(child, 'exit').then(() => null),
  ])
  if (answer === null) throw new Error(`${name} did not start`)
  return answer
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(20_000) })
  if (child.connected) child.disconnect()
  await ended.catch(() => child.kill('SIGKILL'))
}

async function childOf(parent: number): Promise<number> {
  const lines = (await ps('pid=,ppid=,comm=')).filter(([, ppid, comm]) => Number(ppid) === parent && comm === 'workerd')
  const [pid] = lines[0] ?? []
  if (pid === undefined) throw new Error('the host runs no workerd')
  return Number(pid)
}

async function memoryOf(pid: number): Promise<number> {
  const line = (await ps('pid=,rss=')).find(([id]) => Number(id) === pid)
  return Number(line?.[1] ?? Number.NaN) * 1024
}

/** `ps` tells whole seconds only, so the kernel's own count is read where there is one. */
async function cpuOf(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return Number.NaN
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function ps(columns: string): Promise<string[][]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', columns])
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
}
