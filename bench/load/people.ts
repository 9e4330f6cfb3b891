/** People and browsers as load: they speak the service's wire, and so do the floor and the peers. */
import { generateKeyPairSync, randomInt, randomUUID, sign } from 'node:crypto'
import { post } from './http.ts'
import { type LoadSocket, openSocket } from './socket.ts'
import { openSocketIo } from './socket-io.ts'

/** Whom to load: all but the service itself sign in with no code; socket.io has a protocol of its own. */
export interface Target {
  origin: string
  kind: 'tandem' | 'bare' | 'socketio'
}

export interface Person {
  account: string
  accessToken: string
}

/** What load looks at of a frame, each part in the types that have it. */
export interface Frame {
  type: string
  token: string
  device: string
  expiresAt: number
  nonce: string
  cursor: number
  conversation: { id: string }
  messages: unknown[]
  event: { kind: string; message?: { id: string } }
}

/** One key serves all browsers: making a pair for each would load this process, not the subject. */
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = pair.publicKey.export({ format: 'jwk' })
const point = [Buffer.from([4]), Buffer.from(jwk.x ?? '', 'base64url'), Buffer.from(jwk.y ?? '', 'base64url')]
export const DEVICE_KEY = Buffer.concat(point).toString('base64url')

/** A browser that was linked. */
export interface Linked {
  socket: LoadSocket
  device: string
  cursor: number
}

/** Times of one link, milliseconds. */
export interface LinkTimes {
  /** From dialling to the snapshot, scan and approval by hand at once. */
  whole: number
  /** From the approval on its way to the `linked` frame in the browser. */
  approved: number
}

export async function signIn({ origin, kind }: Target): Promise<Person> {
  const number = `+4915${randomInt(1, 10)}${String(randomInt(0, 10 ** 8)).padStart(8, '0')}`
  const code = kind !== 'tandem' ? '' : (await post<{ code: string }>(origin, '/v1/phone/code', { number })).code
  const session = await post<{ account: { id: string }; accessToken: string }>(origin, '/v1/phone/session', {
    number,
    code,
  })
  return { account: session.account.id, accessToken: session.accessToken }
}

/** Opens a new browser. @returns its socket and its first code */
export async function openBrowser({
  origin,
}: Target): Promise<{ socket: LoadSocket } & Pick<Frame, 'token' | 'device' | 'expiresAt'>> {
  const socket = await openSocket(origin, `/v1/socket?key=${DEVICE_KEY}`, { headers: browserHeaders(origin) })
  const { token, device, expiresAt } = await socket.first((text) => frame(text, 'qr'))
  return { socket, token, device, expiresAt }
}

/** The whole path of a link. The socket is left open. */
export async function link(target: Target, person: Person): Promise<Linked & { times: LinkTimes }> {
  const { origin } = target
  if (target.kind === 'socketio') {
    const socket = await openSocketIo(origin, { account: person.account, phone: false })
    return { socket, device: '', cursor: 0, times: { whole: Number.NaN, approved: Number.NaN } }
  }
  const began = performance.now()
  const { socket, token, device } = await openBrowser(target)
  const seen = socket.first((text) => frame(text, 'scanned'))
  await post(origin, '/v1/link/scan', { token }, person.accessToken)
  await seen
  let linkedAt = 0
  const opened = socket.first((text) => {
    if (linkedAt === 0 && frame(text, 'linked') !== null) linkedAt = performance.now()
    return frame(text, 'snapshot')
  })
  const approvedAt = performance.now()
  const answered = post(origin, '/v1/link/approve', { token }, person.accessToken)
  const { cursor } = await opened
  const ended = performance.now()
  await answered
  return { socket, device, cursor, times: { whole: ended - began, approved: linkedAt - approvedAt } }
}

/** A linked browser's socket again, proven where the subject asks for it. Resolves with its frames after `resumed`. */
export async function resume(
  target: Target,
  { device, cursor }: Pick<Linked, 'device' | 'cursor'>,
): Promise<LoadSocket> {
  const { origin } = target
  const path = `/v1/socket?device=${device}&cursor=${cursor}`
  const socket = await openSocket(origin, path, { headers: browserHeaders(origin) })
  if (target.kind === 'tandem') {
    const { nonce } = await socket.first((text) => frame(text, 'challenge'))
    const message = Buffer.from(`tandem.v1:resume:${new URL(origin).host}:${device}:${nonce}`)
    const signature = sign('sha256', message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
    socket.send(JSON.stringify({ type: 'prove', signature: signature.toString('base64url') }))
  }
  await socket.first((text) => frame(text, 'resumed'))
  return socket
}

/** The phone's own socket, its snapshot taken. */
export async function openPhone({ origin, kind }: Target, { account, accessToken }: Person): Promise<LoadSocket> {
  if (kind === 'socketio') return openSocketIo(origin, { account, phone: true })
  const headers = { Authorization: `Bearer ${accessToken}`, 'Sec-WebSocket-Protocol': 'tandem.v1' }
  const socket = await openSocket(origin, '/v1/account/socket', { headers })
  await socket.first((text) => frame(text, 'snapshot'))
  return socket
}

/** Begins a conversation. @returns its id */
export async function startConversation(phone: LoadSocket, account: string): Promise<string> {
  const answer = phone.first((text) => frame(text, 'ok'))
  phone.send(JSON.stringify({ type: 'start', ref: 's', account }))
  return (await answer).conversation.id
}

/** A message's frame; its text is its id, so that whoever sees it knows it. */
export function sendFrame(conversation: string): { id: string; text: string } {
  const id = randomUUID()
  return {
    id,
    text: JSON.stringify({ type: 'send', ref: id, id, conversation, text: `a message of usual length ${id}` }),
  }
}

/** The frame, if it is of `type`; null otherwise. The type is looked for before anything is parsed. */
export function frame(text: string, type: string): Frame | null {
  if (!text.includes(`"type":"${type}"`)) return null
  const parsed = JSON.parse(text) as Frame
  return parsed.type === type ? parsed : null
}

/** Runs `task` for each index, `width` at a time. */
export async function inBatches<T>(count: number, width: number, task: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = Array.from({ length: count })
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await task(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, work))
  return results
}

function browserHeaders(origin: string): Record<string, string> {
  return {
    Origin: origin,
    'Sec-WebSocket-Protocol': 'tandem.v1',
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
  }
}
