/** Section 7, and what holds everywhere: the default configuration, and what is printed. */
import { expect } from 'vitest'
import { call, expectProblem } from '../support/outside/http.ts'
import {
  approve,
  asPhone,
  link,
  message,
  openBrowser,
  pair,
  randomNumber,
  resume,
  scan,
  signIn,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { requirement } from './requirements.ts'

const server = useServer()
const plain = useServer({ configuration: 'default' })
const observed = useServer({ vars: { ROTATE_SECONDS: '1' } })

requirement('7.1', async () => {
  const health = await call(`${server.origin}/v1/health`)
  expect(health.status).toBe(200)
  expect(health.json).toEqual({ ok: true })
  expect(health.headers['content-type']).toMatch(/^application\/json/)
  for (const method of ['POST', 'PUT', 'DELETE']) {
    expect([404, 405]).toContain((await call(`${server.origin}/v1/health`, { method })).status)
  }
})

requirement('7.2', async () => {
  await signIn(server)
  const { status, json } = await call(`${server.origin}/.well-known/jwks.json`)
  expect(status).toBe(200)
  expect(json.keys.length).toBeGreaterThan(0)
  for (const key of json.keys) {
    expect(key).toMatchObject({
      kty: 'EC',
      crv: 'P-256',
      x: expect.any(String),
      y: expect.any(String),
      kid: expect.any(String),
    })
    for (const secret of ['d', 'k', 'p', 'q']) expect(key).not.toHaveProperty(secret)
  }
})

requirement('7.3', async () => {
  const { status, json } = await call(`${server.origin}/openapi.json`)
  expect(status).toBe(200)
  expect(json.openapi).toMatch(/^3\./)
  const routes = [
    'post /v1/phone/code',
    'post /v1/phone/session',
    'post /v1/phone/refresh',
    'delete /v1/phone/session',
    'post /v1/link/scan',
    'post /v1/link/approve',
    'post /v1/link/decline',
    'get /v1/devices',
    'patch /v1/devices/{id}',
    'delete /v1/devices/{id}',
    'delete /v1/devices',
    'get /v1/account',
    'patch /v1/account',
    'get /v1/health',
  ]
  const described = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  expect(routes.filter((route) => !described.includes(route))).toEqual([])
})

requirement('7.4', async () => {
  const health = await call(`${plain.origin}/v1/health`)
  expect(health.status).toBe(200)
  expect(health.json).toMatchObject({ ok: true, setup: ['identity'] })
  const number = randomNumber()
  const code = await call(`${plain.origin}/v1/phone/code`, { method: 'POST', json: { number } })
  expectProblem(code, 503, 'not_configured')
  expect(code.json).not.toHaveProperty('code', expect.stringMatching(/\d/))
  expect(code.text).not.toMatch(/\b\d{6}\b/)
  const session = await call(`${plain.origin}/v1/phone/session`, { method: 'POST', json: { number, code: '000000' } })
  expect(session.status).toBeGreaterThanOrEqual(400)
  expect((await call(`${plain.origin}/v1/account`)).status).toBe(401)
  const { socket, qr } = await openBrowser(plain)
  expect(qr.expiresAt - qr.issuedAt).toBe(20_000)
  await socket.close()
  expect(plain.printed()).not.toMatch(/\b\d{6}\b/)
})

requirement('7.6', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(observed)
  const text = 'the text that nobody may find in a log'
  await adaPhone.ok(message(conversation, text))
  await bobPhone.event('message')
  const browser = await link(ada)
  await call(observed.origin + browser.qr.image)
  const { socket, qr } = await openBrowser(observed)
  const second = await socket.next('qr')
  // Whatever goes wrong is told without naming it.
  await scan(ada, browser.qr.token)
  await approve(bob, qr.token)
  await asPhone(ada, '/v1/link/scan', {
    method: 'POST',
    body: `{"token":"${qr.token}"`,
    headers: { 'Content-Type': 'application/json' },
  })
  await call(`${observed.origin}/v1/account`, { token: `${ada.accessToken}x` })
  await call(`${observed.origin}/v1/phone/session`, { method: 'POST', json: { number: ada.number, code: '123123' } })
  browser.socket.sendText(`{"type":"send","text":"${text}"`)
  await browser.socket.ends()
  const again = await resume(browser, observed)
  await again.next('resumed')
  await Promise.all([again.close(), socket.close()])
  const printed = observed.printed()
  const secrets = [
    browser.qr.token,
    qr.token,
    second.token,
    ada.accessToken,
    ada.refreshToken,
    ada.number,
    ada.number.slice(1),
    bob.number,
    text,
    browser.key.publicKey,
    '123123',
  ]
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([])
})
