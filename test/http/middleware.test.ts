import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { configOf } from '../../src/config.ts'
import { createAuthenticate } from '../../src/http/authenticate.ts'
import { admitSocket, createRequestLimit } from '../../src/http/rate-limit.ts'
import { createSecurityHeaders } from '../../src/http/security-headers.ts'
import type { AppEnv, Caller, PhoneEnv } from '../../src/http/types.ts'
import { visitorOf } from '../../src/http/visitor.ts'

const handled = vi.fn<(caller?: Caller) => void>()
beforeEach(() => handled.mockClear())

describe('authenticate', () => {
  const caller: Caller = { account: 'one', session: 'two', issuedAt: 0, expiresAt: 1 }
  const verify = vi.fn<(env: Env, token: string) => Promise<Caller | null>>(async (_, token) =>
    token === 'good' ? caller : null,
  )
  const app = new Hono<PhoneEnv>().get('/', createAuthenticate(verify), (c) => {
    handled(c.var.caller)
    return c.body(null, 204)
  })
  const ask = (authorization?: string) =>
    app.request('/', authorization === undefined ? {} : { headers: { authorization } }, env)

  it('hands on who the token is of, however Bearer is spelled', async () => {
    for (const header of ['Bearer good', 'bearer good', 'BEARER   good']) {
      expect((await ask(header)).status).toBe(204)
      expect(handled).toHaveBeenLastCalledWith(caller)
    }
  })

  it('answers 401 unauthorized, naming the scheme, and does not run the handler', async () => {
    const headers = [undefined, '', 'Bearer', 'Bearer ', 'Basic good', 'Bearer bad', 'Bearer good good', 'good']
    for (const header of headers) {
      const response = await ask(header)
      expect(response.status, header).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
      expect(await response.json()).toMatchObject({ code: 'unauthorized' })
    }
    expect(handled).not.toHaveBeenCalled()
  })

  it('S6: takes the account from the token, never from a header of the client', async () => {
    const init = { headers: { authorization: 'Bearer good', 'x-tandem-phone': '{"caller":{"account":"another"}}' } }
    await app.request('/', init, env)
    expect(handled).toHaveBeenCalledExactlyOnceWith(caller)
  })
})

describe('S14: floods from one address', () => {
  /** A limit of two a key, and the keys it was asked for. */
  function createLimit(): RateLimit & { keys: string[] } {
    const keys: string[] = []
    const limit = async ({ key }: { key: string }) => {
      keys.push(key)
      return { success: keys.filter((each) => each === key).length <= 2 }
    }
    return { limit, keys }
  }

  function appWith(limit: RateLimit, settings: object = {}) {
    const bindings = { ...env, ...settings, REQUEST_RATE: limit, SOCKET_RATE: limit }
    const app = new Hono<AppEnv>()
    app.use(async (c, next) => {
      c.set('config', configOf(bindings))
      c.set('visitor', visitorOf(c.req.raw))
      return next()
    })
    app.get('/', createRequestLimit(), (c) => {
      handled()
      return c.body(null, 204)
    })
    return (ip?: string) => app.request('/', ip === undefined ? {} : { headers: { 'cf-connecting-ip': ip } }, bindings)
  }

  it('answer 429 with Retry-After and do not reach the handler; a /64 is one address', async () => {
    const limit = createLimit()
    const ask = appWith(limit)
    for (const ip of ['2001:db8::1', '2001:db8::2']) expect((await ask(ip)).status).toBe(204)
    const refused = await ask('2001:db8::3')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(handled).toHaveBeenCalledTimes(2)
    expect((await ask('2001:db8:0:1::1')).status).toBe(204)
  })

  it('are not counted on loopback and private addresses, unless the operator wants it', async () => {
    const limit = createLimit()
    for (const ip of ['127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', undefined]) {
      expect((await appWith(limit)(ip)).status).toBe(204)
    }
    expect(limit.keys).toEqual([])
    const ask = appWith(limit, { LIMIT_LOOPBACK: 'on' })
    const statuses = [await ask('127.0.0.1'), await ask('127.0.0.1'), await ask('127.0.0.1')].map(
      ({ status }) => status,
    )
    expect(statuses).toEqual([204, 204, 429])
  })

  it('are counted for sockets likewise', async () => {
    const limit = createLimit()
    const bindings = { ...env, SOCKET_RATE: limit }
    const admit = () => admitSocket(bindings, configOf(bindings), { ip: '192.0.2.1', local: false })
    expect([await admit(), await admit(), await admit()]).toEqual([true, true, false])
  })
})

describe('the security headers', () => {
  const app = new Hono<AppEnv>()
  app.use(createSecurityHeaders())
  app.get('/plain', (c) => c.text('x'))
  app.get('/own', (c) => c.text('x', 200, { 'cache-control': 'public, max-age=60' }))
  app.get('/frozen', async () => Response.redirect('https://tandem.example/', 302))
  app.get('/socket', () => {
    const { 0: client, 1: server } = new WebSocketPair()
    server.accept()
    return new Response(null, { status: 101, webSocket: client })
  })

  it('stand on every answer, and leave what a route set itself', async () => {
    const { headers } = await app.request('/plain')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect((await app.request('/own')).headers.get('cache-control')).toBe('public, max-age=60')
  })

  it('are added to answers whose headers cannot be changed in place', async () => {
    expect((await app.request('/frozen')).headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('leave a WebSocket answer alone', async () => {
    const response = await app.request('/socket')
    expect(response.status).toBe(101)
    expect(response.headers.has('x-content-type-options')).toBe(false)
    response.webSocket?.accept()
    response.webSocket?.close()
  })
})
