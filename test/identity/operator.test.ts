import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AccountForIdentity } from '../../src/account/rpc.ts'
import { app } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { success } from '../../src/protocol/result.ts'
import { OPERATOR_TRIES_AN_HOUR } from '../../src/protocol/limits.ts'
import { replaceAccount, uniqueNumber } from './support.ts'

const KEY = 'an-operator-key-of-32-characters'
const PATH = '/v1/operator/unlink'
const cutOff = vi.fn<AccountForIdentity['cutOff']>(async () => success({ devices: 2, sessions: 1 }))
let restore = () => {}
let lines: string[] = []

beforeEach(() => {
  cutOff.mockClear()
  restore = replaceAccount({ cutOff: async (what) => cutOff(what) })
  lines = []
  for (const level of ['log', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((...all) => void lines.push(all.join(' ')))
  }
})
afterEach(() => {
  restore()
  vi.restoreAllMocks()
})

interface Order {
  body?: unknown
  key?: string | null
  method?: string
  settings?: object
  headers?: Record<string, string>
}

async function order(
  { body = {}, key = KEY, method = 'POST', settings = {}, headers = {} }: Order = {},
  path = PATH,
): Promise<Response> {
  const init = {
    method,
    headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  }
  return app.request(path, init, { ...env, OPERATOR_KEY: KEY, ...settings })
}

async function told(response: Response): Promise<string> {
  return `${response.status} ${(await response.json<{ code?: string }>()).code ?? ''}`.trim()
}

async function account(number = uniqueNumber()): Promise<{ number: string; id: string }> {
  const post = (path: string, body: unknown) => app.request(path, { method: 'POST', body: JSON.stringify(body) }, env)
  const { code } = await (await post('/v1/phone/code', { number })).json<{ code: string }>()
  const session = await post('/v1/phone/session', { number, code })
  return { number, id: (await session.json<{ account: { id: string } }>()).account.id }
}

describe('the operator’s route', () => {
  it('S27: without a key is not there: every method, with or without credentials, is answered like any unknown path', async () => {
    for (const unset of [undefined, '', '  ']) {
      for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS']) {
        const [answer, unknown] = await Promise.all(
          [PATH, '/v1/nothing'].map((path) =>
            order({ method, settings: { OPERATOR_KEY: unset }, headers: { origin: 'https://evil.example' } }, path),
          ),
        )
        expect([answer?.status, [...(answer?.headers ?? [])]]).toEqual([404, [...(unknown?.headers ?? [])]])
        expect(await answer?.text()).toBe(await unknown?.text())
      }
    }
    expect(lines).toEqual([])
  })

  it('S27: refuses a key that is short or that no header carries, naming the setting and not the key', async () => {
    for (const bad of ['short', 'x'.repeat(31), `${'x'.repeat(31)} y`, 'ü'.repeat(40)]) {
      const response = await order({ settings: { OPERATOR_KEY: bad }, key: bad.replaceAll(/[^!-~]/g, '') })
      const text = await response.text()
      expect(response.status).toBe(500)
      expect(JSON.parse(text)).toMatchObject({
        code: 'misconfigured',
        detail: expect.stringMatching(/^OPERATOR_KEY must/),
      })
      expect(text).not.toContain(bad)
      expect(lines.join('\n')).not.toContain(bad)
    }
    expect(parseConfig({ ...env, OPERATOR_KEY: `  ${KEY}\n` }).operatorKey).toBe(KEY)
  })

  it('S27: refuses whoever has not the key, before the body is looked at', async () => {
    for (const key of [null, '', 'x', KEY.slice(1), `${KEY}x`, KEY.toUpperCase(), `${KEY} ${KEY}`]) {
      const response = await order({ key, body: 'nothing' })
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(await told(response), String(key)).toBe('401 unauthorized')
    }
    expect(cutOff).not.toHaveBeenCalled()
  })

  it('S14: after twenty wrong keys an hour an address gets 429, also with the right one; others go on', async () => {
    const [number, headers] = [(await account()).number, { 'cf-connecting-ip': '198.51.100.27' }]
    const body = { number, what: 'all' }
    for (let count = 0; count < 3; count++) expect((await order({ body, headers })).status).toBe(200)
    const wrong = await Promise.all(
      Array.from({ length: OPERATOR_TRIES_AN_HOUR + 5 }, () => order({ body, headers, key: 'wrong' })),
    )
    expect(wrong.filter(({ status }) => status === 401)).toHaveLength(OPERATOR_TRIES_AN_HOUR)
    const refused = await order({ body, headers })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500)
    expect(await told(refused)).toBe('429 rate_limited')
    expect((await order({ body, headers: { 'cf-connecting-ip': '198.51.100.28' } })).status).toBe(200)
  })

  it('S27: is no page’s: whatever has an Origin is refused, and no answer can be read across origins', async () => {
    for (const origin of ['https://evil.example', 'http://localhost', 'null']) {
      for (const method of ['POST', 'OPTIONS']) {
        const response = await order({
          method,
          headers: { origin, 'access-control-request-method': 'POST' },
          settings: { ALLOWED_ORIGINS: 'https://evil.example' },
        })
        expect(response.headers.get('access-control-allow-origin')).toBeNull()
        expect(await told(response)).toBe('403 origin_not_allowed')
      }
    }
    expect(cutOff).not.toHaveBeenCalled()
  })

  it('S27: names an account by its id or its number in any spelling, and says how much was ended', async () => {
    const { id, number } = await account()
    const spelled = `${number.slice(0, 3)} ${number.slice(3, 6)}-${number.slice(6)}`
    for (const name of [{ account: id }, { number }, { number: spelled }]) {
      const response = await order({ body: { ...name, what: 'devices' } })
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ devices: 2, sessions: 1 })
    }
    expect(cutOff.mock.calls).toEqual([['devices'], ['devices'], ['devices']])
  })

  it('S27: with an outside issuer names an account by what the issuer calls it', async () => {
    const settings = {
      IDENTITY: 'oidc',
      OIDC_ISSUER: 'https://issuer.example',
      OIDC_AUDIENCE: 'tandem',
      ACCOUNT_CLAIM: 'sub',
    }
    expect((await order({ settings, body: { subject: 'ada', what: 'all' } })).status).toBe(200)
    expect(await told(await order({ settings, body: { number: '+4915112345678', what: 'all' } }))).toBe('404 not_found')
    expect(await told(await order({ body: { subject: 'ada', what: 'all' } }))).toBe('404 not_found')
    expect(cutOff).toHaveBeenCalledOnce()
  })

  it('S27: refuses a body that names nobody, two, or nothing to end; an account that is nobody’s is 404', async () => {
    const { id, number } = await account()
    for (const body of [
      {},
      { what: 'all' },
      { account: id },
      { account: id, number, what: 'all' },
      { account: id, what: 'everything' },
      { account: [id], what: 'all' },
    ]) {
      expect(await told(await order({ body })), JSON.stringify(body)).toBe('400 bad_request')
    }
    for (const body of [{ account: 'x' }, { account: 'A'.repeat(43) }, { number: uniqueNumber() }, { number: 'x' }]) {
      expect(await told(await order({ body: { ...body, what: 'all' } })), JSON.stringify(body)).toBe('404 not_found')
    }
    expect(cutOff).not.toHaveBeenCalled()
  })

  it('S16: is logged by what was asked and how it ended, without key, number or account', async () => {
    const { id, number } = await account()
    lines = []
    await order({ body: { number, what: 'all' } })
    await order({ body: { account: 'x', what: 'sessions' } })
    await order({ key: 'wrong', body: { account: id, what: 'all' } })
    expect(lines).toEqual([
      '{"event":"operator","what":"all","outcome":"ok"}',
      '{"event":"operator","what":"sessions","outcome":"not_found"}',
      '{"event":"operator","what":"none","outcome":"unauthorized"}',
    ])
  })
})
