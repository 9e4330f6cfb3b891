/** Section 4: who the phone is: codes, sessions, access tokens, and what cannot be forged. */
import { createHmac, createPublicKey, generateKeyPairSync, sign, verify, type JsonWebKey } from 'node:crypto'
import { expect } from 'vitest'
import { call, expectProblem, type Answer, type Json } from '../support/outside/http.ts'
import {
  approve,
  asPhone,
  link,
  openBrowser,
  openPhone,
  phoneUrl,
  randomNumber,
  scan,
  signIn,
  type Person,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dialRefused } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const APP = 'https://app.example'
const server = useServer({ vars: { ALLOWED_ORIGINS: APP } })
const limited = useServer({ vars: { LIMIT_LOOPBACK: 'on' } })

requirement('4.1', async () => {
  const sent = await post('/v1/phone/code', { number: randomNumber() })
  expect(sent.status).toBe(202)
  expect(sent.json).toMatchObject({ retryAfter: expect.any(Number), code: expect.stringMatching(/^\d{6}$/) })
  const impossible = ['', '1', '+', '+0', '12345', '+49', '+1234567890123456789', 'abc', '+491512345678\u0000', 7, null]
  for (const number of impossible) expectProblem(await post('/v1/phone/code', { number }), 400, 'bad_request')
  expectProblem(await post('/v1/phone/code', {}), 400, 'bad_request')
})

requirement('4.2', async () => {
  const number = randomNumber()
  const { json } = await post('/v1/phone/code', { number })
  const wrong = json.code === '000000' ? '000001' : '000000'
  expectProblem(await post('/v1/phone/session', { number, code: wrong }), 401, 'code_invalid')
  const session = await post('/v1/phone/session', { number, code: json.code })
  expect(session.status).toBe(200)
  expect(session.json).toMatchObject({
    accessToken: expect.any(String),
    refreshToken: expect.any(String),
    expiresAt: expect.any(Number),
    account: { id: expect.any(String), name: expect.any(String), number },
  })
  // A new account is called by its number until it has a name.
  expect(session.json.account.name.replaceAll(/[^\d+]/g, '')).toBe(number)
  expectProblem(await post('/v1/phone/session', { number, code: json.code }), 401, 'code_invalid')
  expectProblem(await post('/v1/phone/session', { number: randomNumber(), code: json.code }), 401, 'code_invalid')
})

requirement('4.3', async () => {
  const number = randomNumber()
  const first = await signIn(server, number)
  const second = await signIn(server, number)
  expect(second.account.id).toBe(first.account.id)
  expect((await signIn(server)).account.id).not.toBe(first.account.id)
})

requirement('4.4', async () => {
  const person = await signIn(server)
  const first = await refresh(person.refreshToken)
  expect(first.status).toBe(200)
  expect(first.json).toMatchObject({
    accessToken: expect.any(String),
    expiresAt: expect.any(Number),
    account: { id: person.account.id },
  })
  expect(first.json.refreshToken).not.toBe(person.refreshToken)
  // The answer was lost: the old one works once more.
  const again = await refresh(person.refreshToken)
  expect(again.status).toBe(200)
  expect((await refresh(again.json.refreshToken)).status).toBe(200)
})

requirement('4.5', 'after its successor was used', async () => {
  const person = await signIn(server)
  const { socket } = await openPhone(person)
  const first = await refresh(person.refreshToken)
  const second = await refresh(first.json.refreshToken)
  expectProblem(await refresh(person.refreshToken), 401, 'unauthorized')
  await socket.ends()
  expectProblem(await refresh(second.json.refreshToken), 401, 'unauthorized')
})

requirement('4.5', 'a third time', async () => {
  const person = await signIn(server)
  await refresh(person.refreshToken)
  const again = await refresh(person.refreshToken)
  expectProblem(await refresh(person.refreshToken), 401, 'unauthorized')
  expectProblem(await refresh(again.json.refreshToken), 401, 'unauthorized')
  for (const refreshToken of ['', 'nonsense', person.accessToken, 'x'.repeat(5_000)]) {
    expect([400, 401]).toContain((await refresh(refreshToken)).status)
  }
})

requirement('4.6', async () => {
  const person = await signIn(server)
  expect((await asPhone(person, '/v1/phone/session', { method: 'DELETE' })).status).toBe(204)
  expectProblem(await refresh(person.refreshToken), 401, 'unauthorized')
})

requirement('4.7', async () => {
  const person = await signIn(server)
  const [header, claims, signature] = person.accessToken.split('.') as [string, string, string]
  const { typ, alg, kid } = decode(header)
  expect({ typ, alg }).toEqual({ typ: 'at+jwt', alg: 'ES256' })
  const { iat, exp } = decode(claims)
  expect(exp - iat).toBe(15 * 60)
  expect(Math.abs(person.expiresAt - exp * 1000)).toBeLessThan(1_000)
  const { keys } = (await call(`${server.origin}/.well-known/jwks.json`)).json
  const key = createPublicKey({ key: keys.find((it: JsonWebKey) => it.kid === kid), format: 'jwk' })
  const signed = Buffer.from(`${header}.${claims}`)
  const raw = Buffer.from(signature, 'base64url')
  expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true)
})

requirement('4.8', async () => {
  const person = await signIn(server)
  const { keys } = (await call(`${server.origin}/.well-known/jwks.json`)).json
  const forged = forgeries(person.accessToken, keys[0])
  const routes: [string, string][] = [
    ['GET', '/v1/account'],
    ['PATCH', '/v1/account'],
    ['GET', '/v1/devices'],
    ['DELETE', '/v1/devices'],
    ['DELETE', '/v1/devices/x'],
    ['PATCH', '/v1/devices/x'],
    ['POST', '/v1/link/scan'],
    ['POST', '/v1/link/approve'],
    ['POST', '/v1/link/decline'],
    ['DELETE', '/v1/phone/session'],
  ]
  for (const token of forged) {
    expectProblem(await call(`${server.origin}/v1/account`, { token }), 401, 'unauthorized')
    const refusal = await dialRefused(phoneUrl(person), { origin: null, headers: { Authorization: `Bearer ${token}` } })
    expectProblem(refusal, 401, 'unauthorized')
  }
  for (const [method, path] of routes) {
    const url = server.origin + path
    expectProblem(await call(url, { method, json: {} }), 401, 'unauthorized')
    expectProblem(await call(url, { method, json: {}, token: forged[0]! }), 401, 'unauthorized')
  }
  for (const Authorization of ['', 'Bearer', `Basic ${person.accessToken}`, person.accessToken]) {
    expectProblem(await call(`${server.origin}/v1/account`, { headers: { Authorization } }), 401, 'unauthorized')
  }
  expectProblem(await call(`${server.origin}/v1/account?access_token=${person.accessToken}`), 401, 'unauthorized')
})

requirement('4.9', async () => {
  const [person, victim] = [await signIn(server), await signIn(server)]
  const { socket, qr } = await openBrowser(server)
  const claims = { account: victim.account.id, number: victim.number, sub: victim.account.id }
  const headers = { 'X-Account': victim.account.id, 'X-Tandem-Account': victim.account.id, Account: victim.account.id }
  const scanned = await asPhone(person, '/v1/link/scan', {
    method: 'POST',
    json: { token: qr.token, ...claims },
    headers,
  })
  expect([200, 400]).toContain(scanned.status)
  if (scanned.status !== 200) await scan(person, qr.token)
  const approved = await asPhone(person, '/v1/link/approve', {
    method: 'POST',
    json: { token: qr.token, ...claims },
    headers,
  })
  if (approved.status !== 200) await approve(person, qr.token)
  expect(await socket.first('linked')).toMatchObject({ account: { id: person.account.id } })
  expect((await asPhone(victim, '/v1/devices')).json.devices).toEqual([])
  await socket.close()
})

requirement('4.24', async () => {
  const person = await signIn(server)
  const read = await asPhone(person, '/v1/account')
  expect(read.status).toBe(200)
  expect(accountOf(read)).toMatchObject({ id: person.account.id, number: person.number })
  const renamed = await asPhone(person, '/v1/account', { method: 'PATCH', json: { name: '  Ada Lovelace ' } })
  expect(renamed.status).toBe(200)
  expect(accountOf(await asPhone(person, '/v1/account')).name).toBe('Ada Lovelace')
  for (const name of ['', '   ', 'x'.repeat(65), 'a\u0007b', 7, null]) {
    expectProblem(await asPhone(person, '/v1/account', { method: 'PATCH', json: { name } }), 400, 'bad_request')
  }
  const browser = await link(person)
  expect(browser.linked.account.name).toBe('Ada Lovelace')
  await browser.socket.close()
})

requirement('4.31', async () => {
  const person = await signIn(server)
  const asked = {
    Origin: APP,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type',
  }
  const preflight = await call(`${server.origin}/v1/link/scan`, { method: 'OPTIONS', headers: asked })
  expect([200, 204]).toContain(preflight.status)
  expect(preflight.headers['access-control-allow-origin']).toBe(APP)
  expect(preflight.headers['access-control-allow-headers']?.toLowerCase()).toContain('authorization')
  expect(preflight.headers['access-control-allow-methods']).toContain('POST')
  expect(preflight.headers['access-control-allow-credentials']).toBeUndefined()
  const read = await asPhone(person, '/v1/account', { headers: { Origin: APP } })
  expect(read.headers['access-control-allow-origin']).toBe(APP)
  expect(read.headers.vary?.toLowerCase()).toContain('origin')
  expect(read.headers['access-control-allow-credentials']).toBeUndefined()
  for (const Origin of ['https://evil.example', 'null', `${APP}.evil.example`]) {
    const foreign = await asPhone(person, '/v1/account', { headers: { Origin } })
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined()
    const refused = await call(`${server.origin}/v1/link/scan`, { method: 'OPTIONS', headers: { ...asked, Origin } })
    expect(refused.headers['access-control-allow-origin']).toBeUndefined()
  }
  const { socket } = await openBrowser(server, { origin: APP })
  await socket.close()
})

requirement('4.32', async () => {
  const person = await signIn(server)
  expectProblem(await call(`${server.origin}/v1/nothing-here`), 404, 'not_found')
  expectProblem(await asPhone(person, '/v1/devices/nobody', { method: 'DELETE' }), 404, 'not_found')
  for (const body of ['', '{', 'null', '[]', '"text"', '7', '\u0000']) {
    const headers = { 'Content-Type': 'application/json' }
    const routes = ['/v1/phone/code', '/v1/phone/session', '/v1/phone/refresh', '/v1/link/scan', '/v1/link/approve']
    for (const path of routes) {
      const answer = await asPhone(person, path, { method: 'POST', body, headers })
      expectProblem(answer, 400, 'bad_request')
      expect(answer.text).not.toContain(person.accessToken)
    }
  }
})

requirement('4.33', async () => {
  const person = await signIn(server)
  const big = { token: 'x'.repeat(70_000), number: 'x'.repeat(70_000) }
  for (const path of ['/v1/link/scan', '/v1/phone/code']) {
    expectProblem(await asPhone(person, path, { method: 'POST', json: big }), 413, 'payload_too_large')
  }
})

requirement('4.34', async () => {
  const number = randomNumber()
  const answers: Answer[] = []
  for (let asked = 0; asked < 6; asked++) answers.push(await post('/v1/phone/code', { number }, limited.origin))
  const refused = answers.find(({ status }) => status !== 202)!
  expectProblem(refused, 429, 'rate_limited')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect((await post('/v1/phone/code', { number: randomNumber() }, limited.origin)).status).toBe(202)
})

requirement('4.35', async () => {
  const number = randomNumber()
  const { json } = await post('/v1/phone/code', { number })
  for (let tried = 0; tried < 5; tried++) {
    const code = String((Number(json.code) + 1 + tried) % 1_000_000).padStart(6, '0')
    expectProblem(await post('/v1/phone/session', { number, code }), 401, 'code_invalid')
  }
  const late = await post('/v1/phone/session', { number, code: json.code })
  expect([401, 429]).toContain(late.status)
})

requirement('4.37', async () => {
  const person = await signIn(limited)
  let refused: Answer | undefined
  for (let tried = 0; tried < 200 && refused === undefined; tried++) {
    const answer = await scan(person, 'A'.repeat(64))
    if (answer.status !== 410) refused = answer
  }
  expectProblem(refused!, 429, 'rate_limited')
  expect(Number(refused!.headers['retry-after'])).toBeGreaterThan(0)
})

function post(path: string, json: unknown, origin = server.origin): Promise<Answer> {
  return call(origin + path, { method: 'POST', json })
}

function refresh(refreshToken: string): Promise<Answer> {
  return post('/v1/phone/refresh', { refreshToken })
}

function accountOf({ json }: Answer): Person['account'] {
  return json.account ?? json
}

function decode(part: string): Json {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Tokens that say what the genuine one says, or more, signed by whoever could. */
function forgeries(genuine: string, published: JsonWebKey): string[] {
  const [head, body, signature] = genuine.split('.') as [string, string, string]
  const [header, claims] = [decode(head), decode(body)]
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ownJwk = own.publicKey.export({ format: 'jwk' })
  const es256 = (protectedHeader: object, payload: object): string => {
    const input = `${encode(protectedHeader)}.${encode(payload)}`
    const raw = sign('sha256', Buffer.from(input), { key: own.privateKey, dsaEncoding: 'ieee-p1363' })
    return `${input}.${raw.toString('base64url')}`
  }
  const hs256 = (secret: string | Buffer): string => {
    const input = `${encode({ ...header, alg: 'HS256' })}.${body}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const pem = createPublicKey({ key: published, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const flipped = Buffer.from(signature, 'base64url')
  flipped[10]! ^= 1
  return [
    `${encode({ ...header, alg: 'none' })}.${body}.`,
    `${encode({ ...header, alg: 'none' })}.${body}.${signature}`,
    hs256(pem),
    hs256(JSON.stringify(published)),
    hs256(Buffer.from(published.x!, 'base64url')),
    es256(header, claims),
    es256({ ...header, kid: 'unknown' }, claims),
    es256({ ...header, jwk: ownJwk }, claims),
    es256({ ...header, jku: 'https://evil.example/jwks.json' }, claims),
    es256(header, { ...claims, iss: 'https://evil.example' }),
    es256(header, { ...claims, aud: 'another' }),
    es256(header, { ...claims, exp: claims.iat - 60 }),
    `${head}.${encode({ ...claims, sub: 'another', exp: claims.exp + 3_600 })}.${signature}`,
    `${encode({ ...header, typ: 'JWT' })}.${body}.${signature}`,
    `${head}.${body}.${flipped.toString('base64url')}`,
    `${head}.${body}.${'A'.repeat(86)}`,
    `${head}.${body}.`,
    `${head}.${body}`,
    'a.b.c',
    'x',
  ]
}
