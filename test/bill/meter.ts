/**
 * Counts what Cloudflare bills while a test goes on: requests to the Worker, requests to objects (fetch, RPC, alarms),
 * messages that come in on sockets, rows read and written, R2 operations. In the tests' runtime the Worker, its objects
 * and the test are one isolate, so the prototypes are wrapped once and whatever goes through them is counted.
 *
 * What is counted as what (docs/scale.md names the sources): each `setAlarm` is a row written, a deletion of one and of a
 * key too; each key read is a row read, also when there is none; `deleteAll` is taken for one row written.
 */
import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { vi } from 'vitest'
import { app } from '../../src/app.ts'
import { Account, Address, Companion, Keyring, Number as PhoneNumber, Spelling } from '../../src/index.ts'

/** How often each thing happened, by its name. */
export type Tally = Record<string, number>

export interface Counts {
  /** By method and route. */
  workerRequests: Tally
  /** By class and method: fetch, RPC and alarms, each a billed request. */
  objectRequests: Tally
  /** By class; twenty are billed as one request. */
  socketMessages: Tally
  /** By class and what was written. */
  rowsWritten: Tally
  /** By class. */
  rowsRead: Tally
  /** By operation. */
  r2: Tally
}

const CLASSES = { Account, Address, Companion, Keyring, Number: PhoneNumber, Spelling }
/** The end of a socket: not among what the prices name as a request. */
const UNBILLED = new Set(['constructor', 'webSocketClose', 'webSocketError'])
const QUIET_MS = 60

/** Storage is met before the class that it belongs to is known, so rows are kept by storage until they are read. */
interface StorageRows {
  owner: string | null
  read: number
  written: Tally
}

const owners = new Map<object, StorageRows>()
const calls = { workerRequests: {}, objectRequests: {}, socketMessages: {}, r2: {} } as Omit<
  Counts,
  'rowsWritten' | 'rowsRead'
>
let running = 0
let lastMoveAt = 0
let isCounting = true

/** Wraps everything; once for a file of tests. */
export async function installMeter(): Promise<void> {
  watchWorker()
  for (const [name, { prototype }] of Object.entries(CLASSES)) watchClass(name, prototype)
  await runInDurableObject(env.ADDRESS.get(env.ADDRESS.newUniqueId()), (_, { storage }) => {
    watchSql(Object.getPrototypeOf(storage.sql) as SqlStorage)
    watchKeys(Object.getPrototypeOf(storage.kv) as SyncKvStorage)
    watchStorage(Object.getPrototypeOf(storage) as DurableObjectStorage)
  })
  if (env.MEDIA !== undefined) watchBucket(Object.getPrototypeOf(env.MEDIA) as R2Bucket)
}

/** Does `work` and says what it cost, with all that follows from it. What was under way before is not counted. */
export async function metered(work: () => Promise<unknown>): Promise<Counts> {
  await quiet()
  for (const tally of Object.values(calls)) clear(tally)
  for (const rows of owners.values()) {
    rows.read = 0
    clear(rows.written)
  }
  await work()
  await quiet()
  const counts: Counts = {
    workerRequests: sorted(calls.workerRequests),
    objectRequests: sorted(calls.objectRequests),
    socketMessages: sorted(calls.socketMessages),
    rowsWritten: {},
    rowsRead: {},
    r2: sorted(calls.r2),
  }
  for (const { owner, read, written } of owners.values()) {
    const name = owner ?? 'unknown'
    for (const [what, count] of Object.entries(written)) add(counts.rowsWritten, `${name}: ${what}`, count)
    if (read > 0) add(counts.rowsRead, name, read)
  }
  return { ...counts, rowsWritten: sorted(counts.rowsWritten), rowsRead: sorted(counts.rowsRead) }
}

/**
 * If the object's alarm is due, it fires as the runtime lets it fire: used up, then handled. The test's own ways to do
 * that leave it in storage, so that it is not set anew, or make the object delete it, which would be counted.
 */
export function ring(stub: DurableObjectStub<Account | Companion | PhoneNumber | Spelling>): Promise<void> {
  return runInDurableObject(stub as DurableObjectStub<Account>, async (object, { storage }) => {
    const dueAt = await uncounted(() => storage.getAlarm())
    if (dueAt === null || dueAt > Date.now()) return
    await uncounted(() => storage.deleteAlarm())
    await object.alarm()
  })
}

/** Resolves when no object and no request has been busy for a moment. */
async function quiet(): Promise<void> {
  await vi.waitFor(
    () => {
      if (running > 0 || performance.now() - lastMoveAt < QUIET_MS) throw new Error('still busy')
    },
    { timeout: 5_000, interval: 10 },
  )
}

/** The call itself is made in one step, in which nothing else is. */
function uncounted<T>(call: () => T): T {
  isCounting = false
  try {
    return call()
  } finally {
    isCounting = true
  }
}

function watchWorker(): void {
  const { fetch } = app
  app.fetch = async (request, ...rest) => {
    add(calls.workerRequests, routeOf(request), 1)
    return watched(() => fetch(request, ...rest))
  }
}

function watchClass(name: string, prototype: object): void {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const original = methods[method]
    if (method === 'constructor' || typeof original !== 'function') continue
    methods[method] = function (this: { ctx: DurableObjectState }, ...args: unknown[]) {
      const { storage } = this.ctx
      for (const part of [storage, storage.sql, storage.kv]) rowsOf(part).owner = name
      if (method === 'webSocketMessage') add(calls.socketMessages, name, 1)
      else if (!UNBILLED.has(method)) add(calls.objectRequests, `${name}.${method}`, 1)
      return watched(() => Reflect.apply(original, this, args))
    }
  }
}

function watchSql(prototype: SqlStorage): void {
  const { exec } = prototype
  prototype.exec = function (this: SqlStorage, ...args: Parameters<SqlStorage['exec']>) {
    const cursor = Reflect.apply(exec, this, args)
    const rows = rowsOf(this)
    // Every cursor of the service is read to its end, or left, within the step that made it.
    queueMicrotask(() => {
      rows.read += cursor.rowsRead
      if (cursor.rowsWritten > 0) add(rows.written, nameOf(args[0]), cursor.rowsWritten)
    })
    return cursor
  } as SqlStorage['exec']
}

function watchKeys(prototype: SyncKvStorage): void {
  wrap(prototype, 'get', (rows) => void rows.read++)
  wrap(prototype, 'put', (rows, key) => add(rows.written, `put ${key}`, 1))
  wrap(prototype, 'delete', (rows, key) => add(rows.written, `delete ${key}`, 1))
  wrap(prototype, 'list', (rows) => void rows.read++)
}

function watchStorage(prototype: DurableObjectStorage): void {
  wrap(prototype, 'getAlarm', (rows) => void rows.read++)
  wrap(prototype, 'setAlarm', (rows, at) => add(rows.written, `set alarm in ${spanOf(Number(at) - Date.now())}`, 1))
  wrap(prototype, 'deleteAlarm', (rows) => add(rows.written, 'delete alarm', 1))
  wrap(prototype, 'deleteAll', (rows) => add(rows.written, 'delete all', 1))
}

function watchBucket(prototype: R2Bucket): void {
  const methods = prototype as unknown as Record<string, (...args: unknown[]) => unknown>
  for (const method of ['head', 'get', 'put', 'delete', 'list']) {
    const original = methods[method]
    if (original === undefined) throw new Error(`a bucket has no ${method}`)
    methods[method] = function (this: unknown, ...args: unknown[]) {
      add(calls.r2, method, 1)
      return Reflect.apply(original, this, args)
    }
  }
}

function wrap(prototype: object, method: string, count: (rows: StorageRows, key: string) => void): void {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>
  const original = methods[method]
  if (original === undefined) throw new Error(`storage has no ${method}`)
  methods[method] = function (this: object, ...args: unknown[]) {
    if (isCounting) count(rowsOf(this), String(args[0]))
    return Reflect.apply(original, this, args)
  }
}

function watched<T>(work: () => T): T {
  running++
  const done = (): void => {
    running--
    lastMoveAt = performance.now()
  }
  try {
    const result = work()
    if (!(result instanceof Promise)) done()
    return result instanceof Promise ? (result.finally(done) as T) : result
  } catch (error) {
    done()
    throw error
  }
}

function rowsOf(storage: object): StorageRows {
  const known = owners.get(storage)
  if (known !== undefined) return known
  const rows: StorageRows = { owner: null, read: 0, written: {} }
  owners.set(storage, rows)
  return rows
}

/** Such as `insert messages`. */
function nameOf(query: string): string {
  const [, verb = '', table = ''] =
    /^\s*(?:(INSERT)[^(]*?INTO|(?:(UPDATE))|(DELETE) FROM)\s+(\w+)/i
      .exec(query)
      ?.filter((part) => part !== undefined) ?? []
  return verb === '' ? query.trim().split(/\s+/, 2).join(' ').toLowerCase() : `${verb.toLowerCase()} ${table}`
}

/** How far ahead an alarm is set, as it tells which duty it is for. */
function spanOf(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 600) return `${seconds} s`
  return seconds < 86_400 ? 'hours' : 'days'
}

/** The route's own words: ids, tokens and signed parts are left out. */
function routeOf({ method, url }: Request): string {
  const path = new URL(url).pathname
    .split('/')
    .map((part) => (part.length > 20 ? '*' : part))
    .join('/')
    .replace(/^(\/v1\/media)\/.*/, '$1/*')
  return `${method} ${path}`
}

function add(tally: Tally, name: string, count: number): void {
  tally[name] = (tally[name] ?? 0) + count
  lastMoveAt = performance.now()
}

function clear(tally: Tally): void {
  for (const name of Object.keys(tally)) delete tally[name]
}

function sorted(tally: Tally): Tally {
  return Object.fromEntries(Object.entries(tally).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
