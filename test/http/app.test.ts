import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/app.ts'
import { openApiDocument } from '../../src/openapi.ts'
import { replaceAccount } from '../identity/support.ts'

afterEach(() => vi.restoreAllMocks())

function silence(): string[] {
  const lines: string[] = []
  for (const level of ['log', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((...all) => void lines.push(all.join(' ')))
  }
  return lines
}

describe('the app', () => {
  it('answers 404 and 405 as problems, with what is allowed', async () => {
    const missing = await app.request('/v1/nothing', {}, env)
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject({ code: 'not_found' })
    for (const method of ['GET', 'PUT', 'PATCH', 'OPTIONS']) {
      const wrong = await app.request('/v1/phone/code', { method }, env)
      expect(wrong.status, method).toBe(405)
      expect(wrong.headers.get('allow')).toBe('POST')
      expect(await wrong.json()).toMatchObject({ code: 'method_not_allowed' })
    }
  })

  it('opens no WebSocket by HEAD, which is answered by the routes of GET', async () => {
    for (const path of ['/v1/socket?key=x', '/v1/account/socket']) {
      expect((await app.request(path, { method: 'HEAD', headers: { upgrade: 'websocket' } }, env)).status).toBe(400)
    }
  })

  it('names a setting that cannot be used: 500 misconfigured, by its name', async () => {
    silence()
    const response = await app.request('/v1/health', {}, { ...env, ROTATIONS: 'many' })
    expect(response.status).toBe(500)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.json()).toMatchObject({
      code: 'misconfigured',
      detail: 'ROTATIONS must be a whole number from 1 to 1000',
    })
  })

  it('S16: tells nobody what a fault was about: 500 internal, and a line with its name and the pattern of the path', async () => {
    const lines = silence()
    const broken = {
      getByName: () => {
        throw new RangeError('secret: +4915123456789')
      },
    }
    const init = { method: 'POST', body: JSON.stringify({ number: '+4915123456789', code: '123456' }) }
    const response = await app.request('/v1/phone/session?secret', init, { ...env, NUMBER: broken })
    expect(response.status).toBe(500)
    expect(await response.text()).toBe(
      '{"type":"urn:tandem:error:internal","title":"Something went wrong on our side","status":500,"code":"internal"}',
    )
    expect(lines).toEqual(['{"event":"fault","error":"RangeError","method":"POST","route":"/v1/phone/session"}'])
  })

  it('documents every route that it has and no other, and every body that it checks', () => {
    const { paths } = openApiDocument() as { paths: Record<string, Record<string, { responses: object }>> }
    const routes = app.routes.filter(({ method }) => method !== 'ALL')
    expect(routes.length).toBeGreaterThan(5)
    for (const { method, path } of routes) {
      expect(paths[documentedPath(path)]?.[method.toLowerCase()]?.responses, `${method} ${path}`).toBeDefined()
    }
    const served = new Set(routes.map(({ method, path }) => `${method.toLowerCase()} ${documentedPath(path)}`))
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations).filter((key) => key !== 'parameters'))
        expect(served, `${method} ${path}`).toContain(`${method} ${path}`)
    }
    const code = paths['/v1/phone/code']?.post as unknown as { requestBody: { content: object } }
    expect(code.requestBody.content).toEqual({
      'application/json': {
        schema: {
          type: 'object',
          required: ['number'],
          properties: { number: { type: 'string', minLength: 1, maxLength: 256 } },
        },
      },
    })
    expect(code).toMatchObject({ responses: { 400: {}, 413: {}, 429: {}, 502: {}, 503: {} } })
  })

  it('publishes that document', async () => {
    const response = await app.request('/openapi.json', {}, env)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toMatchObject({ openapi: '3.1.0' })
  })
})

describe('S24: any body on any route', () => {
  const paths = [
    ...new Set(app.routes.filter(({ method }) => method !== 'ALL').map(({ path }) => path.replace('*', 'one/photo'))),
    '/v1/socket',
    '/v1/link/scan',
    '/v1/devices/x',
    '/v1/%',
    '/v1/media/%ff',
    '//',
  ]
  const text = fc.string({ unit: 'binary', maxLength: 100 })
  const body = fc.oneof(
    fc.json(),
    fc.uint8Array({ maxLength: 200 }),
    text,
    fc.record(
      { number: fc.oneof(text, fc.constant('+4915112345678')), code: text, refreshToken: text, token: text },
      { requiredKeys: [] },
    ),
    fc.integer({ min: 60_000, max: 70_000 }).map((length) => JSON.stringify({ number: 'x'.repeat(length) })),
  )
  const headers = fc.record(
    {
      authorization: fc.oneof(fc.constant('Bearer a.b.c'), fc.stringMatching(/^Bearer [\w.-]{0,50}$/)),
      origin: fc.constantFrom('null', 'https://evil.example', 'http://localhost'),
      upgrade: fc.constantFrom('websocket', 'h2c'),
      'content-type': fc.constantFrom('application/json', 'text/plain', 'multipart/form-data', ''),
      'content-length': fc.constantFrom('-1', '1e9', 'x', '0'),
      'cf-connecting-ip': fc.constantFrom('', 'x', '::', '127.0.0.1', '1.2.3.4.5', ':::', '::ffff:999.1.1.1'),
      range: fc.constantFrom('bytes=-', 'bytes=0-', 'x'),
    },
    { requiredKeys: [] },
  )

  it('is never answered with a fault of ours', async () => {
    silence()
    const restore = replaceAccount()
    const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        methods,
        headers,
        body,
        text,
        async (path, method, head, raw, query) => {
          const isBodiless = method === 'GET' || method === 'HEAD'
          const given = typeof raw === 'string' || raw instanceof Uint8Array ? raw : JSON.stringify(raw)
          const init = { method, headers: head, ...(isBodiless ? {} : { body: given as BodyInit }) }
          const response = await app.request(`${path}?${encodeURIComponent(query.toWellFormed())}`, init, env)
          expect(response.status, `${method} ${path}`).toBeLessThan(500)
          await response.body?.cancel()
        },
      ),
      { numRuns: 5000 },
    )
    restore()
  }, 60_000)
})

function documentedPath(path: string): string {
  return path.replace(/:(\w+)(\{.*\})?/g, '{$1}').replace(/\*$/, '{object}')
}
