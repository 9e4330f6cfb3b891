/** The service as tests in the runtime use it: over its own routes, as a browser and as a phone. */
import { env, exports } from 'cloudflare:workers'
import { toBase64Url, utf8 } from '../../src/protocol/bytes.ts'
import type { LinkFrame, QrFrame, SnapshotFrame } from '../../src/protocol/frames.ts'
import type { DeviceCard } from '../../src/protocol/model.ts'
import { parseLinkToken, parseWireId } from '../../src/protocol/ids.ts'
import { TestSocket } from './socket.ts'

export const ORIGIN = 'https://tandem.test'
const HOST = 'tandem.test'
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'

/** A request to the Worker from a loopback address. */
export function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (!headers.has('cf-connecting-ip')) headers.set('cf-connecting-ip', '127.0.0.1')
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, { ...init, headers }))
}

/** Opens a WebSocket; throws with the status when it is refused. */
export async function openSocket(path: string, headers: Record<string, string> = {}): Promise<TestSocket> {
  const response = await request(path, {
    headers: {
      Upgrade: 'websocket',
      'Sec-WebSocket-Protocol': 'tandem.v1',
      Origin: ORIGIN,
      'User-Agent': CHROME,
      ...headers,
    },
  })
  if (response.webSocket === null) throw new Error(`refused with ${response.status}`)
  return new TestSocket(response.webSocket)
}

/** A browser: its key and what it may open. */
export class Browser {
  readonly #pair: CryptoKeyPair
  readonly key: string

  private constructor(pair: CryptoKeyPair, key: string) {
    this.#pair = pair
    this.key = key
  }

  static async create(): Promise<Browser> {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
    const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer
    return new Browser(pair, toBase64Url(new Uint8Array(raw)))
  }

  open(headers: Record<string, string> = {}): Promise<TestSocket> {
    return openSocket(`/v1/socket?key=${this.key}`, headers)
  }

  async sign(device: string, nonce: string, host = HOST): Promise<string> {
    const text = utf8(`tandem.v1:resume:${host}:${device}:${nonce}`)
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.#pair.privateKey, text)
    return toBase64Url(new Uint8Array(signature))
  }

  /** Opens a resume and proves the key; what follows is for the caller to take. */
  async resume(device: string, cursor?: number): Promise<TestSocket> {
    const socket = await openSocket(`/v1/socket?device=${device}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
    const { nonce } = await socket.next<{ nonce: string }>('challenge')
    socket.send({ type: 'prove', signature: await this.sign(device, nonce) })
    return socket
  }
}

/** A signed-in phone. */
export class Phone {
  readonly number: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly account: { id: string; name: string }

  constructor(number: string, session: { accessToken: string; refreshToken: string; account: Phone['account'] }) {
    this.number = number
    this.accessToken = session.accessToken
    this.refreshToken = session.refreshToken
    this.account = session.account
  }

  static async signIn(number = newNumber()): Promise<Phone> {
    const { code } = await json<{ code: string }>(await post('/v1/phone/code', { number }))
    return new Phone(number, await json(await post('/v1/phone/session', { number, code })))
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return post(path, body, { Authorization: `Bearer ${this.accessToken}`, ...headers })
  }

  call(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.accessToken}`, 'Content-Type': 'application/json' }
    return request(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  }

  scan(token: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.post('/v1/link/scan', { token }, headers)
  }

  approve(token: string, more: Record<string, unknown> = {}): Promise<Response> {
    return this.post('/v1/link/approve', { token, ...more })
  }

  decline(token: string): Promise<Response> {
    return this.post('/v1/link/decline', { token })
  }

  async devices(): Promise<(DeviceCard & { online: boolean })[]> {
    const { devices } = await json<{ devices: (DeviceCard & { online: boolean })[] }>(
      await this.call('GET', '/v1/devices'),
    )
    return devices
  }

  openStream(cursor?: number): Promise<TestSocket> {
    return openSocket(`/v1/account/socket${cursor === undefined ? '' : `?cursor=${cursor}`}`, {
      Authorization: `Bearer ${this.accessToken}`,
    })
  }
}

/** The whole path: a code, a scan, an approval, the stream on the same socket. */
export async function link(phone: Phone): Promise<{
  browser: Browser
  socket: TestSocket
  device: DeviceCard
  token: string
  snapshot: SnapshotFrame
}> {
  const browser = await Browser.create()
  const socket = await browser.open()
  const { token } = await socket.next<QrFrame>('qr')
  await json(await phone.scan(token))
  await socket.next('scanned')
  await json(await phone.approve(token))
  const { device } = await socket.next<Extract<LinkFrame, { type: 'linked' }>>('linked')
  const snapshot = await socket.next<SnapshotFrame>('snapshot')
  return { browser, socket, device, token, snapshot }
}

/** The companion's object behind a token or a device id. */
export function companionOf(tokenOrDevice: string): DurableObjectStub<import('../../src/index.ts').Companion> {
  const objectId = parseLinkToken(tokenOrDevice)?.objectId ?? parseWireId(tokenOrDevice)
  return env.COMPANION.get(env.COMPANION.idFromString(objectId ?? ''))
}

/** The account's object. */
export function accountOf(account: string): DurableObjectStub<import('../../src/index.ts').Account> {
  return env.ACCOUNT.get(env.ACCOUNT.idFromString(parseWireId(account) ?? ''))
}

/** The body of an answer that must be a success. */
export async function json<T = Record<string, unknown>>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`answered ${response.status}: ${await response.text()}`)
  return response.json()
}

/** `status code` of a refusal, so that one line of a test says both. */
export async function refusal(response: Response): Promise<string> {
  const body = response.ok ? {} : await response.json<{ code?: string }>()
  return `${response.status} ${body.code ?? ''}`.trim()
}

/** A possible number that no other test uses. */
export function newNumber(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return `+49151${String(random % 100_000_000).padStart(8, '0')}`
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
