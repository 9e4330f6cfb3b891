import { expect, test } from 'vitest'
import { HTTP_ERRORS } from '../../src/protocol/errors.ts'
import { callPhone } from '../../src/client/phone-http.ts'
import { createScene, type Line, problem } from './phone-support.ts'

const ask = (line: Line) => callPhone(createScene([line]).transport, { method: 'GET', path: '/v1/account' })

test('every code of the contract arrives as itself', async () => {
  for (const [code, { status }] of Object.entries(HTTP_ERRORS)) {
    expect(await ask(problem(status, code)), code).toMatchObject({ ok: false, code })
  }
})

test('rate_limited says after how many seconds', async () => {
  expect(await ask(problem(429, 'rate_limited', {}, { 'retry-after': '71' }))).toEqual({
    ok: false,
    code: 'rate_limited',
    retryAfter: 71,
  })
  expect(await ask(problem(429, 'rate_limited'))).toMatchObject({ retryAfter: 30 })
})

test('match_failed says how many tries are left', async () => {
  expect(await ask(problem(403, 'match_failed', { triesLeft: 2 }))).toEqual({
    ok: false,
    code: 'match_failed',
    triesLeft: 2,
  })
})

test('a code that this client does not know is taken by its status', async () => {
  expect(await ask(problem(409, 'brand_new'))).toEqual({ ok: false, code: 'bad_request' })
  expect(await ask(problem(503, 'brand_new'))).toEqual({ ok: false, code: 'internal' })
})

test('no answer, and an answer that is no JSON, count as offline', async () => {
  expect(await ask('lost')).toEqual({ ok: false, code: 'offline' })
  expect(await ask(new Response('<html>', { status: 200 }))).toEqual({ ok: false, code: 'offline' })
})

test('no cookie is ever sent, and nothing is cached', async () => {
  let seen: RequestInit | undefined
  const transport = {
    origin: 'https://tandem.example',
    fetch: async (_url: string, init: RequestInit) => {
      seen = init
      return new Response(null, { status: 204 })
    },
  }
  expect(await callPhone(transport, { method: 'DELETE', path: '/v1/devices' })).toEqual({ ok: true, value: undefined })
  expect(seen).toMatchObject({ credentials: 'omit', cache: 'no-store' })
})
