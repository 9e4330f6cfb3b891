/**
 * The companion room's routes: the socket, the code's picture, and the phone's scan, approve and decline.
 * What a page must be able to read is said inside an accepted socket, because a browser cannot read the status of a
 * refused upgrade (contract, section 1).
 */
import { Hono } from 'hono'
import type { Context } from 'hono'
import { configOf } from '../config.ts'
import { parseBody } from '../http/body.ts'
import { isAllowedOrigin, publicOrigin } from '../http/origin.ts'
import { problem, respondEmpty, respondWith } from '../http/problem.ts'
import { admitSocket } from '../http/rate-limit.ts'
import { hashSecret } from '../http/secrets.ts'
import type { AppEnv, Authenticate, PhoneEnv } from '../http/types.ts'
import { CLOSE, type CloseCode } from '../protocol/close-codes.ts'
import { FRAME_ERRORS } from '../protocol/errors.ts'
import { type ErrorFrame, SUBPROTOCOL } from '../protocol/frames.ts'
import { approveRequest, declineRequest, type ScanAnswer, scanRequest } from '../protocol/http.ts'
import { type LinkToken, parseLinkToken, parseWireId } from '../protocol/ids.ts'
import { RATE_PERIOD_SECONDS } from '../protocol/limits.ts'
import { failure, type Result } from '../protocol/result.ts'
import { parseTypedCode } from '../protocol/typed-code.ts'
import { errorName, record } from '../telemetry.ts'
import { browserOf } from './browser-name.ts'
import { drawCode } from './code-picture.ts'
import { linkUrl } from './link-screen.ts'
import { isDeviceKey } from './proof.ts'
import { OPEN_HEADER, type OpenNew, type OpenResume, type Scanner } from './rpc.ts'

type Stub = DurableObjectStub<import('../index.ts').Companion>

/** `GET /v1/socket` and the code's picture: routes of the browser, with no account behind them. */
export function createCompanionRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/v1/socket', openSocket).get('/v1/code/:token', showPicture)
}

/** `POST /v1/link/*`: what the phone does with a code. */
export function createLinkRoutes(authenticate: Authenticate): Hono<PhoneEnv> {
  const routes = new Hono<PhoneEnv>()
  routes.use('/v1/link/*', authenticate)

  routes.post('/v1/link/scan', async (c) => {
    const body = await parseBody(c, scanRequest)
    if (!body.ok) return body.response
    const { token, code } = body.value
    const result = code === undefined ? await scanToken(c, token ?? '') : await scanTyped(c, code)
    count(c, 'scanned', result)
    return respondWith(c, result, (answer) => answer)
  })

  routes.post('/v1/link/approve', async (c) => {
    const body = await parseBody(c, approveRequest)
    if (!body.ok) return body.response
    const { token, match, name } = body.value
    const found = findCompanion(c, token)
    const result =
      found === null
        ? failure('link_token_invalid')
        : await found.stub.approve(found.secret, scannerOf(c), match ?? null, name ?? null)
    count(c, 'approved', result)
    return respondWith(c, result, (answer) => answer)
  })

  routes.post('/v1/link/decline', async (c) => {
    const body = await parseBody(c, declineRequest)
    if (!body.ok) return body.response
    const found = findCompanion(c, body.value.token)
    const result = found === null ? failure('link_token_invalid') : await found.stub.decline(found.secret, scannerOf(c))
    count(c, 'declined', result)
    return respondEmpty(c, result)
  })

  return routes
}

async function scanToken(c: Context<PhoneEnv>, token: string): Promise<Result<ScanAnswer>> {
  const admitted = await accountOf(c).admitScan(c.var.caller)
  if (!admitted.ok) return admitted
  const found = findCompanion(c, token)
  return found === null ? failure('link_token_invalid') : found.stub.scan(found.secret, scannerOf(c))
}

/**
 * A try is counted before it is looked at, so that no number of tries at once is more than the account has (S13), and
 * given back if the code was right. A call that fails keeps it counted.
 */
async function scanTyped(c: Context<PhoneEnv>, text: string): Promise<Result<ScanAnswer>> {
  const admitted = await accountOf(c).admitTypedCode(c.var.caller)
  if (!admitted.ok) return admitted
  const code = parseTypedCode(text)
  const stub = code === null ? null : await findSpelled(c.env, code)
  const result =
    stub === null || code === null ? failure('link_token_invalid') : await stub.scanTyped(code, scannerOf(c))
  if (result.ok || result.code !== 'link_token_invalid') await giveTryBack(c, admitted.value)
  return result
}

/** The phone has its answer whatever comes of this: a try too few is soon forgotten. */
async function giveTryBack(c: Context<PhoneEnv>, countedAt: number): Promise<void> {
  try {
    await accountOf(c).typedCodeWasRight(countedAt)
  } catch (error) {
    record(c.env, { event: 'call_failed', call: 'typedCodeWasRight', error: errorName(error) })
  }
}

async function openSocket(c: Context<AppEnv>): Promise<Response> {
  const { config, visitor } = c.var
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') return problem('upgrade_required')
  const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',').map((protocol) => protocol.trim())
  if (!offered.includes(SUBPROTOCOL)) return problem('bad_request', { detail: `Offer the subprotocol ${SUBPROTOCOL}` })
  const origin = c.req.header('origin')
  if (origin === undefined) return problem('origin_not_allowed')
  if (!isAllowedOrigin(config, c.req.url, origin)) {
    record(c.env, { event: 'socket_refused', reason: 'origin_not_allowed' })
    return refuseInside(CLOSE.originNotAllowed, { code: 'origin_not_allowed' })
  }
  if (!(await admitSocket(c.env, config, visitor))) {
    record(c.env, { event: 'socket_refused', reason: 'rate_limited' })
    return refuseInside(CLOSE.rateLimited, { code: 'rate_limited', retryAfter: RATE_PERIOD_SECONDS })
  }
  const key = c.req.query('key')
  const device = c.req.query('device')
  if (key !== undefined && device === undefined) return openNew(c, key)
  if (device !== undefined && key === undefined) return openResume(c, device)
  return problem('bad_request', { detail: 'Give either key or device' })
}

async function openNew(c: Context<AppEnv>, key: string): Promise<Response> {
  if (!(await isDeviceKey(key))) return problem('bad_request', { detail: 'key must be an uncompressed P-256 point' })
  const open: OpenNew = {
    form: 'new',
    key,
    publicOrigin: publicOrigin(c.var.config, c.req.raw),
    ...browserOf(c.req.header('user-agent') ?? null),
    visitor: c.var.visitor,
  }
  return handOver(c.env.COMPANION.get(c.env.COMPANION.newUniqueId()), open)
}

async function openResume(c: Context<AppEnv>, device: string): Promise<Response> {
  const stub = companionStub(c.env, parseWireId(device))
  if (stub === null) {
    record(c.env, { event: 'socket_refused', reason: 'not_linked' })
    return refuseInside(CLOSE.notLinked, null)
  }
  const hosts = new Set([new URL(c.req.url).host])
  if (c.var.config.publicOrigin !== null) hosts.add(new URL(c.var.config.publicOrigin).host)
  return handOver(stub, { form: 'resume', device, cursor: parseCursor(c.req.query('cursor')), hosts: [...hosts] })
}

/** Hands the upgrade to the object: hono's own helper calls `accept()`, which rules hibernation out (2026-11-22). */
function handOver(stub: Stub, open: OpenNew | OpenResume): Promise<Response> {
  const headers = { Upgrade: 'websocket', [OPEN_HEADER]: JSON.stringify(open) }
  return stub.fetch('https://companion/', { headers })
}

/** Accepts a socket only to say why not, touching no object. */
function refuseInside(code: CloseCode, error: Pick<ErrorFrame, 'code' | 'retryAfter'> | null): Response {
  const { 0: client, 1: socket } = new WebSocketPair()
  socket.accept()
  if (error !== null) socket.send(JSON.stringify({ type: 'error', ...error, message: FRAME_ERRORS[error.code] }))
  socket.close(code)
  return new Response(null, { status: 101, webSocket: client, headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL } })
}

function showPicture(c: Context<AppEnv>): Response {
  if (c.req.header('sec-fetch-dest') === 'document') return problem('not_allowed')
  const token = c.req.param('token') ?? ''
  if (parseLinkToken(token) === null) return problem('not_found')
  const svg = drawCode(linkUrl(publicOrigin(configOf(c.env), c.req.raw), token))
  const isText = c.req.query('format') === 'base64'
  return new Response(isText ? `data:image/svg+xml;base64,${btoa(svg)}` : svg, {
    headers: {
      'Content-Type': isText ? 'text/plain' : 'image/svg+xml',
      'Cache-Control': 'no-store',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    },
  })
}

function findCompanion(c: Context<PhoneEnv>, token: string): { stub: Stub; secret: LinkToken['secret'] } | null {
  const parsed = parseLinkToken(token)
  const stub = companionStub(c.env, parsed?.objectId ?? null)
  return parsed === null || stub === null ? null : { stub, secret: parsed.secret }
}

/** The companion that shows this code to type; null if none does. */
async function findSpelled(env: Env, code: string): Promise<Stub | null> {
  const spelling = env.SPELLING.get(env.SPELLING.idFromName(hashSecret(code)))
  return companionStub(env, await spelling.companion())
}

function accountOf(c: Context<PhoneEnv>): DurableObjectStub<import('../index.ts').Account> {
  return c.env.ACCOUNT.get(c.env.ACCOUNT.idFromString(parseWireId(c.var.caller.account) ?? ''))
}

/** Null for an id that this namespace did not make: `idFromString` refuses those. */
function companionStub(env: Env, objectId: string | null): Stub | null {
  if (objectId === null) return null
  try {
    return env.COMPANION.get(env.COMPANION.idFromString(objectId))
  } catch {
    return null
  }
}

function count(c: Context<PhoneEnv>, step: 'scanned' | 'approved' | 'declined', result: Result<unknown>): void {
  record(c.env, { event: 'link', step, outcome: result.ok ? 'ok' : result.code })
}

function scannerOf(c: Context<PhoneEnv>): Scanner {
  const { account, session, issuedAt } = c.var.caller
  return { account, session, issuedAt, visitor: c.var.visitor }
}

function parseCursor(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null
  return Number(text)
}
