/** The operator's command as an attacker meets it, and what it does to whoever is connected (S27). */
import { expect, test } from 'vitest'
import { call, expectProblem } from '../support/outside/http.ts'
import { asPhone, link, openPhone, resume, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'

const KEY = 'operator-key-from-outside-0123456789'
const server = useServer({ vars: { OPERATOR_KEY: KEY } })
const ADDRESS = '/v1/operator/unlink'

test('S27: an operator ends every browser and phone of an account, and no other’s; both are closed within a second', async () => {
  const [ada, bob] = await Promise.all([signIn(server), signIn(server)])
  const [one, two, bobs] = [await link(ada), await link(ada), await link(bob)]
  const [adaPhone, bobPhone] = await Promise.all([openPhone(ada), openPhone(bob)])
  const began = Date.now()
  const ended = await call(server.origin + ADDRESS, {
    method: 'POST',
    token: KEY,
    json: { number: ada.number, what: 'all' },
  })
  expect(ended.json).toEqual({ devices: 2, sessions: 1 })
  for (const { socket } of [one, two]) {
    expect(await socket.ends(1_000)).toMatchObject({ code: 4410 })
    expect(socket.seen.at(-1)).toMatchObject({ type: 'unlinked', reason: 'phone' })
  }
  expect(await adaPhone.socket.ends(1_000)).toMatchObject({ code: 4401 })
  expect(Date.now() - began).toBeLessThan(2_000)
  const back = await resume(one, server, { cursor: 0 })
  expect(await back.next('unlinked')).toMatchObject({ reason: 'phone' })
  expectProblem(await asPhone(ada, '/v1/devices'), 401, 'unauthorized')
  const { refreshToken } = ada
  const refreshed = await call(`${server.origin}/v1/phone/refresh`, { method: 'POST', json: { refreshToken } })
  expectProblem(refreshed, 401, 'unauthorized')
  await bobs.socket.ok({ type: 'conversations' })
  await bobPhone.socket.ok({ type: 'conversations' })
  const again = await call(server.origin + ADDRESS, {
    method: 'POST',
    token: KEY,
    json: { account: ada.account.id, what: 'all' },
  })
  expect(again.json).toEqual({ devices: 0, sessions: 0 })
  for (const text of [KEY, ada.number, ada.account.id]) expect(server.printed()).not.toContain(text)
  bobs.socket.cut()
  bobPhone.socket.cut()
})

test('S27: nobody else can: not with a phone’s token, a key that is nearly right, or from a page', async () => {
  const ada = await signIn(server)
  const browser = await link(ada)
  const json = { account: ada.account.id, what: 'all' }
  for (const token of [ada.accessToken, ada.refreshToken, KEY.slice(0, -1), `${KEY}0`, KEY.toUpperCase()]) {
    expectProblem(await call(server.origin + ADDRESS, { method: 'POST', token, json }), 401, 'unauthorized')
  }
  expectProblem(await call(server.origin + ADDRESS, { method: 'POST', json }), 401, 'unauthorized')
  for (const origin of [server.origin, 'https://evil.example', 'null']) {
    const headers = { origin, 'access-control-request-method': 'POST' }
    for (const method of ['POST', 'OPTIONS']) {
      const answer = await call(server.origin + ADDRESS, {
        method,
        token: KEY,
        headers,
        ...(method === 'POST' ? { json } : {}),
      })
      expectProblem(answer, 403, 'origin_not_allowed')
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
  }
  expect((await asPhone(ada, '/v1/devices')).json.devices).toMatchObject([{ id: browser.device }])
  browser.socket.cut()
})
