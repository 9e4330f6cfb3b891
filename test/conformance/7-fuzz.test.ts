/**
 * Any bytes at all (S24): random frames on every kind of socket and random bodies on every route. No answer is a 5xx,
 * nothing is thrown, and the service still answers afterwards. FUZZ sets the number of inputs, FUZZ_SEED repeats a run.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { call } from '../support/outside/http.ts'
import { createDeviceKey } from '../support/outside/keys.ts'
import {
  asPhone,
  link,
  newBrowserUrl,
  openBrowser,
  openPhone,
  pair,
  resume,
  signIn,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial, tryDial, TestSocket } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

/** As many as a run of all tests has time for; `FUZZ=100000` takes some minutes. */
const INPUTS = Number(process.env.FUZZ ?? 10_000)
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const server = useServer()

const TYPES = [
  'send',
  'start',
  'conversations',
  'history',
  'read',
  'search',
  'delete',
  'block',
  'upload',
  'media',
  'token',
]
const FIELDS = [
  'id',
  'conversation',
  'text',
  'media',
  'replyTo',
  'number',
  'account',
  'after',
  'ids',
  'before',
  'limit',
]
const MORE_FIELDS = ['upTo', 'for', 'on', 'contentType', 'bytes', 'name', 'width', 'thumb', 'accessToken', 'signature']
const PATHS = [
  '/v1/phone/code',
  '/v1/phone/session',
  '/v1/phone/refresh',
  '/v1/link/scan',
  '/v1/link/approve',
  '/v1/link/decline',
  '/v1/devices/x',
  '/v1/account',
  '/v1/health',
  '/v1/nothing',
]

const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    '\u0000',
    '💥',
    '\ud800',
    '__proto__',
    'constructor',
    -1,
    0,
    1e308,
    2 ** 53,
    null,
    [],
    {},
  ),
  fc.uuid(),
  fc.jsonValue({ maxDepth: 3 }),
)
/** Frames for a socket that may see `ids`: wrong in every way, and now and then right. */
function frames(ids: readonly string[]): fc.Arbitrary<string | Uint8Array> {
  const value = fc.oneof(
    { weight: 3, arbitrary: hostile },
    { weight: 1, arbitrary: fc.constantFrom(...ids, 'all', true) },
  )
  const shaped = fc
    .tuple(
      fc.constantFrom(...TYPES, 'typing', 'wake', 'sleep', 'spell', 'prove'),
      fc.oneof(fc.string({ minLength: 1, maxLength: 64 }), fc.string({ maxLength: 70 }), hostile),
      fc.dictionary(fc.constantFrom(...FIELDS, ...MORE_FIELDS), value, { maxKeys: 6 }),
    )
    .map(([type, ref, fields]) => JSON.stringify({ type, ref, ...fields }))
  return fc.oneof(
    { weight: 8, arbitrary: shaped },
    { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  )
}

const body = fc.oneof(
  fc
    .dictionary(fc.constantFrom('token', 'match', 'name', 'number', 'code', 'refreshToken', 'avatar'), hostile)
    .map((fields) => JSON.stringify(fields)),
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
)

requirement(
  '7.5',
  `frames (${INPUTS / 2} inputs, seed ${SEED})`,
  async () => {
    const { ada, bob, conversation } = await pair(server)
    const browser = await link(ada)
    await browser.socket.close()
    const open: (() => Promise<TestSocket>)[] = [
      async () => (await openPhone(ada)).socket,
      () => resume(browser, server),
      async () => (await openBrowser(server)).socket,
      () => dial(`${server.origin}/v1/socket?device=${browser.device}`),
    ]
    const sockets: (TestSocket | undefined)[] = open.map(() => undefined)
    const inputs = fc.sample(frames([conversation, bob.account.id, bob.number]), {
      numRuns: Math.ceil(INPUTS / 2),
      seed: SEED,
    })
    for (const [at, input] of inputs.entries()) {
      // The unproven socket ends at its first frame, so it gets few.
      const kind = at % 50 === 0 ? 3 : at % 3
      let socket = sockets[kind]
      if (socket === undefined || !socket.isOpen) {
        socket = await open[kind]!()
        sockets[kind] = socket
      }
      if (typeof input === 'string') socket.sendText(input)
      else socket.sendBinary(input)
      if (at % 20 === 0 && socket.isOpen) await socket.ping().catch(() => undefined)
      if (socket.isOpen) {
        expectNoFault(socket)
        socket.drain()
        socket.seen.length = 0
      }
    }
    for (const socket of sockets) {
      if (socket?.isOpen) await socket.ping().catch(() => undefined)
      if (socket !== undefined) expectNoFault(socket)
      socket?.cut()
    }
    await expectAlive(ada, browser)
  },
  600_000,
)

requirement(
  '7.5',
  `bodies, queries and headers (${INPUTS / 2} inputs, seed ${SEED})`,
  async () => {
    const person = await signIn(server)
    const inputs = fc.sample(
      fc.tuple(body, fc.constantFrom(...PATHS), fc.constantFrom('POST', 'PATCH', 'PUT', 'DELETE')),
      {
        numRuns: Math.ceil(INPUTS / 2),
        seed: SEED,
      },
    )
    const next = inputs.values()
    const worker = async (): Promise<void> => {
      for (const [input, path, method] of next) {
        const headers = { 'Content-Type': 'application/json' }
        const answer = await asPhone(person, path, { method, body: input, headers })
        expect({ method, path, input, status: answer.status, text: answer.text }).toSatisfy(
          ({ status }: { status: number }) => status < 500,
        )
        if (method === 'DELETE' && path === '/v1/account' && answer.status === 204)
          Object.assign(person, await signIn(server))
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    const odd = ['%00', '%', '%ff', '..%2f', 'a'.repeat(5_000), '💥', '__proto__', '%0d%0aX: y']
    for (const value of odd) {
      const query = encodeURI(value).replaceAll('%25', '%')
      for (const path of [
        `/v1/qr/${query}`,
        `/v1/media/${query}`,
        `/v1/devices/${query}`,
        `/v1/${query}`,
        `/${query}`,
      ]) {
        expect((await call(server.origin + path)).status).toBeLessThan(500)
      }
      for (const name of ['key', 'device', 'cursor']) {
        const dialled = await tryDial(`${server.origin}/v1/socket?${name}=${query}`)
        if (dialled instanceof TestSocket) dialled.cut()
        else expect(dialled.status).toBeLessThan(500)
      }
    }
    const socket = await dial(newBrowserUrl(server, createDeviceKey()))
    await socket.next('qr')
    await socket.close()
    expect((await call(`${server.origin}/v1/health`)).json).toMatchObject({ ok: true })
    expect(server.printed()).not.toMatch(/Uncaught|uncaught|TypeError|RangeError/)
  },
  600_000,
)

function expectNoFault(socket: TestSocket): void {
  expect(socket.seen.filter(({ type, code }) => type === 'error' && code === 'internal')).toEqual([])
}

async function expectAlive(
  person: Awaited<ReturnType<typeof signIn>>,
  browser: Awaited<ReturnType<typeof link>>,
): Promise<void> {
  const { socket: phone, snapshot } = await openPhone(person)
  expect(snapshot.account.id).toBe(person.account.id)
  await phone.ok({ type: 'conversations', ids: [] })
  const listed = await asPhone(person, '/v1/devices')
  expect(listed.status).toBe(200)
  // A random frame may have been a well-formed "unlink".
  if (listed.json.devices.length > 0) {
    const again = await resume(browser, server)
    await again.next('resumed')
    await again.close()
  }
  await phone.close()
}
