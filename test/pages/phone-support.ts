/** A scripted service for the phone's logic: each call takes the next line of the script, and is kept to be looked at. */
import { toBase64Url, utf8 } from '../../src/protocol/bytes.ts'
import type { SessionAnswer } from '../../src/protocol/http.ts'
import { createPhoneApi, type PhoneApi } from '../../src/client/phone-api.ts'
import type { PhoneTransport } from '../../src/client/phone-http.ts'
import {
  createPhoneSession,
  type PhoneSession,
  type SessionStore,
  type StoredSession,
} from '../../src/client/phone-session.ts'

export const ORIGIN = 'https://tandem.example'
export const NOW = 1_800_000_000_000
export const ACCOUNT = { id: 'a'.repeat(43), name: 'Ada', number: '+4915112345678' }
/** 32 bytes of 1, then 16 of 2: the device id and secret of one code. */
export const TOKEN = toBase64Url(new Uint8Array(48).fill(1, 0, 32).fill(2, 32))
export const DEVICE = toBase64Url(new Uint8Array(32).fill(1))

export interface Call {
  method: string
  path: string
  body: unknown
  bearer: string | null
}

/** `lost`: the service acts, the answer does not arrive. */
export type Line = Response | 'lost' | ((call: Call) => Response | 'lost')

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

export function problem(
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title: code, status, code, ...more }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
}

export function accessToken(name: string, seconds = 900): string {
  const part = (value: object) => toBase64Url(utf8(JSON.stringify(value)))
  return `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part({ iat: 1, exp: 1 + seconds, jti: name })}.signature`
}

export function sessionAnswer(name: string): SessionAnswer {
  return {
    accessToken: accessToken(name),
    expiresAt: NOW + 900_000,
    refreshToken: `refresh-${name}`,
    account: ACCOUNT,
  }
}

export function stored(name: string, renewAt: number): StoredSession {
  return { accessToken: accessToken(name), refreshToken: `refresh-${name}`, account: ACCOUNT, renewAt }
}

export function memoryStore(first: StoredSession | null): SessionStore & { value: StoredSession | null } {
  return {
    value: first,
    load() {
      return this.value
    },
    save(session) {
      this.value = session
    },
  }
}

/** A mutual exclusion like the one that tabs share. */
export function createLock(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const run = last.then(task)
    last = run.catch(() => {})
    return run
  }
}

export interface Scene {
  calls: Call[]
  clock: { now: number }
  slept: number[]
  store: ReturnType<typeof memoryStore>
  transport: PhoneTransport
  session: PhoneSession
  api: PhoneApi
  /** Another tab: its own session over the same store, lock and service. */
  tab: () => PhoneSession
}

/** Sets a scene: `script` answers the calls in order; one call more than it has lines fails the test. */
export function createScene(script: Line[], first: StoredSession | null = stored('1', NOW + 600_000)): Scene {
  const calls: Call[] = []
  const clock = { now: NOW }
  const slept: number[] = []
  const store = memoryStore(first)
  const lock = createLock()
  const transport: PhoneTransport = {
    origin: ORIGIN,
    async fetch(url, init) {
      const headers = new Headers(init.headers)
      const call = {
        method: init.method ?? 'GET',
        path: new URL(url).pathname,
        body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
        bearer: headers.get('authorization'),
      }
      const line = script[calls.push(call) - 1]
      if (line === undefined) throw new Error(`the script has no line for ${call.method} ${call.path}`)
      const answer = typeof line === 'function' ? line(call) : line
      if (answer === 'lost') throw new TypeError('network')
      return answer
    },
  }
  const tab = () =>
    createPhoneSession({
      transport,
      store,
      lock,
      now: () => clock.now,
      sleep: async (milliseconds) => {
        slept.push(milliseconds)
        clock.now += milliseconds
      },
    })
  const session = tab()
  return { calls, clock, slept, store, transport, session, api: createPhoneApi(transport, session), tab }
}
