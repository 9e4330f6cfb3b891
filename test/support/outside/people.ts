/** People and browsers for tests: sign in, show a code, scan, approve, come back; each over the wire and nothing else. */
import { randomInt, randomUUID } from 'node:crypto'
import { call, type Answer, type Call, type Json } from './http.ts'
import { createDeviceKey, proveResume, type DeviceKey } from './keys.ts'
import { dial, type DialSettings, type Frame, type TestSocket } from './socket.ts'

type Origin = { readonly origin: string }

/** Somebody signed in on a phone. */
export interface Person {
  server: Origin
  number: string
  account: { id: string; name: string } & Json
  accessToken: string
  refreshToken: string
  expiresAt: number
}

/** A browser that shows a code. */
export interface Browser {
  socket: TestSocket
  key: DeviceKey
  /** Its first `qr`. */
  qr: Frame
}

/** A linked browser. */
export interface LinkedBrowser extends Browser {
  device: string
  linked: Frame
  snapshot: Frame
}

/** A number that is possible and nobody's: German mobile numbers of a random tail. */
export function randomNumber(): string {
  return `+4915${randomInt(1, 10)}${String(randomInt(0, 10 ** 8)).padStart(8, '0')}`
}

/** Signs in with the echoed code. @throws Error that names what was answered */
export async function signIn(server: Origin, number = randomNumber()): Promise<Person> {
  const sent = await call(`${server.origin}/v1/phone/code`, { method: 'POST', json: { number } })
  if (sent.status !== 202) throw new Error(`no code: ${sent.status} ${sent.text.slice(0, 200)}`)
  const session = await call(`${server.origin}/v1/phone/session`, {
    method: 'POST',
    json: { number, code: sent.json.code },
  })
  if (session.status !== 200) throw new Error(`no session: ${session.status} ${session.text.slice(0, 200)}`)
  const { account, accessToken, refreshToken, expiresAt } = session.json
  return { server, number, account, accessToken, refreshToken, expiresAt }
}

/** Signs several people in, a few at a time. */
export async function signInMany(server: Origin, count: number): Promise<Person[]> {
  const people: Person[] = []
  while (people.length < count) {
    const batch = Math.min(10, count - people.length)
    people.push(...(await Promise.all(Array.from({ length: batch }, () => signIn(server)))))
  }
  return people
}

/** Calls as this person's phone. */
export function asPhone(person: Person, path: string, options: Call = {}): Promise<Answer> {
  return call(person.server.origin + path, { token: person.accessToken, ...options })
}

/** The address of a new browser's socket. */
export function newBrowserUrl(server: Origin, key: DeviceKey): string {
  return `${server.origin}/v1/socket?key=${key.publicKey}`
}

/** Opens a new browser and awaits its first code. */
export async function openBrowser(server: Origin, settings: DialSettings = {}): Promise<Browser> {
  const key = createDeviceKey()
  const socket = await dial(newBrowserUrl(server, key), settings)
  return { socket, key, qr: await socket.next('qr') }
}

export function scan(person: Person, token: unknown, headers?: Record<string, string>): Promise<Answer> {
  return asPhone(person, '/v1/link/scan', { method: 'POST', json: { token }, ...(headers ? { headers } : {}) })
}

/** Scans by a code that was typed. */
export function typeCode(person: Person, code: unknown): Promise<Answer> {
  return asPhone(person, '/v1/link/scan', { method: 'POST', json: { code } })
}

/** Asks a browser that is not linked for a code to type. */
export function spell(socket: TestSocket): Promise<Frame> {
  socket.send({ type: 'spell' })
  return socket.first('spelled')
}

export function approve(person: Person, token: unknown, extra: Record<string, unknown> = {}): Promise<Answer> {
  return asPhone(person, '/v1/link/approve', { method: 'POST', json: { token, ...extra } })
}

export function decline(person: Person, token: unknown): Promise<Answer> {
  return asPhone(person, '/v1/link/decline', { method: 'POST', json: { token } })
}

/** The full path: a code, a scan, an approval, `linked` and the first snapshot. */
export async function link(person: Person, browser?: Browser): Promise<LinkedBrowser> {
  const { socket, key, qr } = browser ?? (await openBrowser(person.server))
  await expectStatus(200, scan(person, qr.token))
  const scanned = await socket.first('scanned')
  await expectStatus(200, approve(person, qr.token, scanned.match === null ? {} : { match: scanned.match }))
  const linked = await socket.next('linked')
  const snapshot = await socket.next('snapshot')
  return { socket, key, qr, device: linked.device.id, linked, snapshot }
}

/** Dials a resume and answers the challenge; what comes next is for the test. */
export async function resume(
  browser: { key: DeviceKey; device: string },
  server: Origin,
  options: { cursor?: number | string; sign?: (host: string, nonce: string) => string } & DialSettings = {},
): Promise<TestSocket> {
  const { cursor, sign, ...settings } = options
  const query = `device=${encodeURIComponent(browser.device)}${cursor === undefined ? '' : `&cursor=${cursor}`}`
  const socket = await dial(`${server.origin}/v1/socket?${query}`, settings)
  const { nonce } = await socket.next('challenge')
  const host = new URL(server.origin).host
  const signature = sign?.(host, nonce) ?? proveResume(browser.key, host, browser.device, nonce)
  socket.send({ type: 'prove', signature })
  return socket
}

/** Dials a resume that must end 4401: at once where the device is unknown, else after its proof. */
export async function resumeInVain(browser: { key: DeviceKey; device: string }, server: Origin): Promise<void> {
  const socket = await dial(`${server.origin}/v1/socket?device=${encodeURIComponent(browser.device)}`)
  const first = await socket.first('challenge').catch(() => null)
  if (first !== null) {
    const { host } = new URL(server.origin)
    socket.send({ type: 'prove', signature: proveResume(browser.key, host, browser.device, first.nonce) })
  }
  const { code } = await socket.ends()
  if (code !== 4401) throw new Error(`expected 4401, got ${code} after ${JSON.stringify(socket.seen)}`)
}

/** The phone's own socket, its first snapshot taken. */
export async function openPhone(person: Person): Promise<{ socket: TestSocket; snapshot: Frame }> {
  const socket = await dial(phoneUrl(person), {
    origin: null,
    headers: { Authorization: `Bearer ${person.accessToken}` },
  })
  return { socket, snapshot: await socket.next('snapshot') }
}

/** The address of the phone's socket. */
export function phoneUrl(person: Person, cursor?: number | string): string {
  return `${person.server.origin}/v1/account/socket${cursor === undefined ? '' : `?cursor=${cursor}`}`
}

/** Two people, their phones and the conversation between them, as the first sees it. */
export async function pair(server: Origin): Promise<{
  ada: Person
  bob: Person
  adaPhone: TestSocket
  bobPhone: TestSocket
  conversation: string
}> {
  const [ada, bob] = await Promise.all([signIn(server), signIn(server)])
  const [{ socket: adaPhone }, { socket: bobPhone }] = await Promise.all([openPhone(ada), openPhone(bob)])
  const started = await adaPhone.ok({ type: 'start', number: bob.number })
  return { ada, bob, adaPhone, bobPhone, conversation: started.conversation.id }
}

/** A `send` with an id of its own. */
export function message(
  conversation: string,
  text: string,
  extra: Record<string, unknown> = {},
): Record<string, unknown> {
  return { type: 'send', id: randomUUID(), conversation, text, ...extra }
}

async function expectStatus(status: number, answering: Promise<Answer>): Promise<Answer> {
  const answer = await answering
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status} ${answer.text.slice(0, 300)}`)
  return answer
}
