import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AccountForIdentity } from '../../src/account/rpc.ts'
import { app } from '../../src/app.ts'
import { signAccessToken, verifyAccessToken } from '../../src/http/access-token.ts'
import { randomBytes } from '../../src/http/secrets.ts'
import { toBase64Url } from '../../src/protocol/bytes.ts'
import type { CodeAnswer, SessionAnswer } from '../../src/protocol/http.ts'
import { failure } from '../../src/protocol/result.ts'
import { signatureOf } from '../../src/identity/code-delivery.ts'
import { replaceAccount, uniqueNumber, wrongFor } from './support.ts'

const signOut = vi.fn<AccountForIdentity['signOut']>()
let restore = () => {}

beforeEach(() => {
  signOut.mockClear()
  restore = replaceAccount({ signOut: async (caller) => signOut(caller) })
})
afterEach(() => {
  restore()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function post(path: string, body: unknown, { settings = {}, ip }: { settings?: object; ip?: string } = {}) {
  const headers = { 'content-type': 'application/json', ...(ip === undefined ? {} : { 'cf-connecting-ip': ip }) }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return app.request(path, init, { ...env, ...settings })
}

async function problemIn(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body = await response.json<{ code: string; status: number }>()
  expect(body.status).toBe(response.status)
  return body.code
}

async function signIn(number = uniqueNumber()): Promise<SessionAnswer> {
  const { code } = await (await post('/v1/phone/code', { number })).json<CodeAnswer>()
  const response = await post('/v1/phone/session', { number, code })
  expect(response.status).toBe(200)
  return response.json()
}

describe('POST /v1/phone/code', () => {
  it('answers 202 with the seconds to wait, and the code only with the echo', async () => {
    const response = await post('/v1/phone/code', { number: uniqueNumber() })
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ retryAfter: 30, code: expect.stringMatching(/^\d{6}$/) })
  })

  it('takes any possible number in any spelling, and nothing else', async () => {
    const number = uniqueNumber()
    const spelled = `${number.slice(0, 3)} (${number.slice(3, 6)}) ${number.slice(6, 9)}-${number.slice(9)}`
    const { code } = await (await post('/v1/phone/code', { number: spelled })).json<CodeAnswer>()
    expect((await post('/v1/phone/session', { number, code })).status).toBe(200)
    for (const impossible of ['0151 23456789', '+49', '+4915', 'number', '+999123456789', `${number};ext=5`, '+']) {
      const response = await post('/v1/phone/code', { number: impossible })
      expect(response.status, impossible).toBe(400)
      expect(await problemIn(response)).toBe('bad_request')
    }
  })

  it('S14: admits five codes an hour for a number, then 429 with Retry-After', async () => {
    const number = uniqueNumber()
    for (let count = 0; count < 5; count++) expect((await post('/v1/phone/code', { number })).status).toBe(202)
    const refused = await post('/v1/phone/code', { number })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500)
    expect(await problemIn(refused)).toBe('rate_limited')
  })

  it('S14: admits twenty codes an hour for an address, loopback only where it is counted', async () => {
    const many = async (ip: string, settings: object) => {
      const statuses: number[] = []
      for (let count = 0; count < 21; count++) {
        statuses.push((await post('/v1/phone/code', { number: uniqueNumber() }, { ip, settings })).status)
      }
      return statuses
    }
    expect((await many('2001:db8:5::1', {})).at(-1)).toBe(429)
    const sameNetwork = await post('/v1/phone/code', { number: uniqueNumber() }, { ip: '2001:db8:5::2' })
    expect(sameNetwork.status).toBe(429)
    expect((await many('127.0.0.1', {})).at(-1)).toBe(202)
    expect((await many('127.0.0.1', { LIMIT_LOOPBACK: 'on' })).at(-1)).toBe(429)
  })

  it('never echoes a code where the webhook delivers it, and signs what it posts', async () => {
    const posted: Request[] = []
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      posted.push(new Request(url, init))
      return new Response(null, { status: 204 })
    })
    const settings = {
      CODE_DELIVERY: 'webhook',
      CODE_WEBHOOK_URL: 'https://sms.example/send',
      CODE_WEBHOOK_SECRET: 'shared secret',
    }
    const number = uniqueNumber()
    const response = await post('/v1/phone/code', { number }, { settings })
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ retryAfter: 30 })
    const [request] = posted
    const body = (await request?.text()) ?? ''
    expect(JSON.parse(body)).toEqual({ number, code: expect.stringMatching(/^\d{6}$/) })
    const signature = request?.headers.get('tandem-signature') ?? ''
    const seconds = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(signature)?.[1])
    expect(signature).toBe(signatureOf('shared secret', body, seconds * 1000))
    expect(Math.abs(Date.now() / 1000 - seconds)).toBeLessThan(5)
  })

  it('answers 502 delivery_failed when the webhook refuses, redirects or cannot be reached', async () => {
    const settings = {
      CODE_DELIVERY: 'webhook',
      CODE_WEBHOOK_URL: 'https://sms.example/send',
      CODE_WEBHOOK_SECRET: 'shared secret',
    }
    const answers = [
      async () => new Response('no such number +49', { status: 500 }),
      async () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } }),
      async () => Promise.reject(new TypeError('connection refused')),
    ]
    for (const answer of answers) {
      vi.stubGlobal('fetch', answer)
      const response = await post('/v1/phone/code', { number: uniqueNumber() }, { settings })
      expect(response.status).toBe(502)
      expect(await problemIn(response)).toBe('delivery_failed')
    }
  })

  it('writes the code to the console, and not into the answer, where the operator chose the console', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const number = uniqueNumber()
    const response = await post('/v1/phone/code', { number }, { settings: { CODE_DELIVERY: 'console' } })
    expect(await response.json()).toEqual({ retryAfter: 30 })
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>)
    expect(lines.filter((line) => line.number === number)).toHaveLength(1)
  })
})

describe('POST /v1/phone/session', () => {
  it('answers tokens for the account of the number', async () => {
    const number = uniqueNumber()
    const answer = await signIn(number)
    expect(Object.keys(answer).toSorted()).toEqual(['accessToken', 'account', 'expiresAt', 'refreshToken'])
    expect(answer.account.number).toBe(number)
    const caller = await verifyAccessToken(env, answer.accessToken)
    expect(caller?.account).toBe(answer.account.id)
    expect(caller?.expiresAt).toBe(answer.expiresAt)
    expect(answer.refreshToken).toContain(caller?.session)
  })

  it('answers 401 code_invalid alike for a wrong code and for a number without one', async () => {
    const number = uniqueNumber()
    const { code } = await (await post('/v1/phone/code', { number })).json<CodeAnswer>()
    const wrong = await post('/v1/phone/session', { number, code: wrongFor(code ?? '') })
    const none = await post('/v1/phone/session', { number: uniqueNumber(), code: '123456' })
    expect([wrong.status, none.status]).toEqual([401, 401])
    expect(await wrong.text()).toBe(await none.text())
  })

  it('S16: logs nothing of the number, the code or the tokens', async () => {
    const lines: string[] = []
    for (const level of ['log', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...all) => void lines.push(all.join(' ')))
    }
    const number = uniqueNumber()
    const { code } = await (await post('/v1/phone/code', { number })).json<CodeAnswer>()
    const answer = await (await post('/v1/phone/session', { number, code })).json<SessionAnswer>()
    await post('/v1/phone/refresh', { refreshToken: answer.refreshToken })
    expect(lines.length).toBeGreaterThan(0)
    for (const secret of [number, code ?? '', answer.accessToken, answer.refreshToken, answer.account.id]) {
      expect(lines.join('\n')).not.toContain(secret)
    }
  })
})

describe('POST /v1/phone/refresh', () => {
  it('is routed to the account that the token names, and answers a new pair', async () => {
    const first = await signIn()
    const response = await post('/v1/phone/refresh', { refreshToken: first.refreshToken })
    expect(response.status).toBe(200)
    const second = await response.json<SessionAnswer>()
    expect(second.account.id).toBe(first.account.id)
    expect(second.refreshToken).not.toBe(first.refreshToken)
    expect((await verifyAccessToken(env, second.accessToken))?.account).toBe(first.account.id)
  })

  it('passes on the refusal of the account as 401', async () => {
    const { refreshToken } = await signIn()
    restore()
    restore = replaceAccount({ refresh: async () => failure('unauthorized') })
    const response = await post('/v1/phone/refresh', { refreshToken })
    expect(response.status).toBe(401)
    expect(await problemIn(response)).toBe('unauthorized')
  })

  it('answers 401 to anything that is no token of ours, with one body', async () => {
    const other = toBase64Url(randomBytes(32))
    const bodies = new Set<string>()
    for (const refreshToken of ['x', '.', 'x'.repeat(512), '.'.repeat(60), `${'_'.repeat(43)}.a.b`, `${other}-a.b`]) {
      const response = await post('/v1/phone/refresh', { refreshToken })
      expect(response.status, refreshToken).toBe(401)
      bodies.add(await response.text())
    }
    expect(bodies.size).toBe(1)
  })
})

describe('DELETE /v1/phone/session', () => {
  it('signs the caller out at the account of the token', async () => {
    const { accessToken, account } = await signIn()
    const init = { method: 'DELETE', headers: { authorization: `Bearer ${accessToken}` } }
    expect((await app.request('/v1/phone/session', init, env)).status).toBe(204)
    expect(signOut).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ account: account.id }))
  })

  it('answers 401 without a token, and asks no account', async () => {
    const response = await app.request('/v1/phone/session', { method: 'DELETE' }, env)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(signOut).not.toHaveBeenCalled()
  })
})

describe('the embedded identity', () => {
  const calls = [
    ['POST', '/v1/phone/code'],
    ['POST', '/v1/phone/session'],
    ['POST', '/v1/phone/refresh'],
    ['DELETE', '/v1/phone/session'],
  ] as const

  it('is not there with an outside issuer: 404', async () => {
    const settings = { IDENTITY: 'oidc', OIDC_ISSUER: 'https://login.example', OIDC_AUDIENCE: 'tandem' }
    for (const [method, path] of calls) {
      const response = await app.request(path, { method }, { ...env, ...settings })
      expect(await problemIn(response)).toBe('not_found')
    }
  })

  it('says not_configured, 503, until the operator chose how codes are delivered; health says so too', async () => {
    const settings = { ...env, CODE_DELIVERY: 'webhook', CODE_WEBHOOK_URL: '' }
    for (const [method, path] of calls) {
      const response = await app.request(path, { method }, settings)
      expect(await problemIn(response)).toBe('not_configured')
    }
    expect(await (await app.request('/v1/health', {}, settings)).json()).toEqual({ ok: true, setup: ['identity'] })
    expect(await (await app.request('/v1/health', {}, env)).json()).toEqual({ ok: true })
  })
})

describe('GET /.well-known/jwks.json', () => {
  it('publishes the key that signs, with nothing private', async () => {
    const { accessToken } = await signAccessToken(env, {
      account: toBase64Url(randomBytes(32)),
      session: 'one',
      now: Date.now(),
    })
    const response = await app.request('/.well-known/jwks.json', {}, env)
    const { keys } = await response.json<{ keys: { kid: string }[] }>()
    const header = JSON.parse(atob(accessToken.split('.')[0] ?? '')) as { kid: string }
    expect(keys.map(({ kid }) => kid)).toContain(header.kid)
    expect(JSON.stringify(keys)).not.toContain('"d"')
  })
})
