/** Section 4: scan, approve, decline; what each answers to whom, and when. */
import { expect } from 'vitest'
import { call, expectProblem, type Answer } from '../support/outside/http.ts'
import {
  approve,
  asPhone,
  decline,
  link,
  openBrowser,
  scan,
  signIn,
  signInMany,
  spell,
  typeCode,
  type Browser,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { requirement } from './requirements.ts'

const server = useServer()
const matching = useServer({ vars: { CONFIRM: 'always' } })
const small = useServer({ vars: { MAX_DEVICES: '2', ROTATE_SECONDS: '1', GRACE_SECONDS: '0' } })
const trusting = useServer({ vars: { CONFIRM: 'never' } })
/** Nobody knows where anybody is, as a request without a place. */
const placeless = useServer({ cf: {} })

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

requirement('4.10', async () => {
  const person = await signIn(server)
  const { socket, qr } = await openBrowser(server, { headers: { 'User-Agent': CHROME } })
  const asked = Date.now()
  const { status, json, text } = await scan(person, qr.token)
  expect(status).toBe(200)
  expect(json).toMatchObject({
    match: 'none',
    request: {
      browser: expect.stringContaining('Chrome'),
      os: expect.stringContaining('Windows'),
      ip: expect.any(String),
      place: expect.any(Object),
      network: 'same',
      requestedAt: expect.any(Number),
      issuedAt: expect.any(Number),
      expiresAt: expect.any(Number),
    },
  })
  expect(json.request.expiresAt - json.request.issuedAt).toBe(120_000)
  expect(Math.abs(json.request.issuedAt - asked)).toBeLessThan(5_000)
  expect(json.request.requestedAt).toBeLessThanOrEqual(json.request.issuedAt)
  expect(text).not.toContain(qr.token)
  await socket.next('scanned')
  await socket.quiet(500)
  expect((await asPhone(person, '/v1/devices')).json.devices).toEqual([])
  await socket.close()
})

requirement('4.11', 'one after the other', async () => {
  const [person, other] = [await signIn(server), await signIn(server)]
  const browser = await scannedBy(person)
  const first = await approve(person, browser.qr.token, { name: 'Kitchen' })
  expect(first.json.device).toMatchObject({ id: browser.qr.device, name: 'Kitchen' })
  await browser.socket.first('linked')
  const again = await approve(person, browser.qr.token)
  expect(again.status).toBe(200)
  expect(again.json.device.id).toBe(browser.qr.device)
  expectProblem(await approve(other, browser.qr.token), 410, 'link_token_invalid')
  expectProblem(await scan(other, browser.qr.token), 410, 'link_token_invalid')
  expect((await asPhone(person, '/v1/devices')).json.devices).toHaveLength(1)
  expect(browser.socket.seen.filter(({ type }) => type === 'linked')).toHaveLength(1)
  await browser.socket.close()
})

requirement('4.11', 'at the same moment', async () => {
  const person = await signIn(server)
  const browser = await scannedBy(person)
  const answers = await Promise.all(Array.from({ length: 8 }, () => approve(person, browser.qr.token)))
  for (const { status, json } of answers) {
    expect(status).toBe(200)
    expect(json.device.id).toBe(browser.qr.device)
  }
  await browser.socket.first('snapshot')
  expect(browser.socket.seen.filter(({ type }) => type === 'linked')).toHaveLength(1)
  expect((await asPhone(person, '/v1/devices')).json.devices).toHaveLength(1)
  await browser.socket.close()
})

requirement('4.12', async () => {
  const [person, other] = [await signIn(server), await signIn(server)]
  const { socket, qr } = await scannedBy(person)
  expectProblem(await decline(other, qr.token), 409, 'link_token_taken')
  expect((await decline(person, qr.token)).status).toBe(204)
  expect((await decline(person, qr.token)).status).toBe(204)
  await socket.first('declined')
  expect(socket.seen.filter(({ type }) => type === 'declined')).toHaveLength(1)
  await socket.close()
})

requirement('4.13', async () => {
  const [person, other] = [await signIn(server), await signIn(small)]
  const [used, gone, shown] = [await link(person), await openBrowser(server), await openBrowser(server)]
  await gone.socket.close()
  const stranger = shown.qr.token.slice(0, 43) + used.qr.token.slice(43)
  const flipped = shown.qr.token.slice(0, -1) + (shown.qr.token.endsWith('A') ? 'B' : 'A')
  const dead = [
    used.qr.token,
    gone.qr.token,
    stranger,
    flipped,
    'A'.repeat(64),
    '_'.repeat(64),
    'A'.repeat(63),
    '',
    'x',
    'a'.repeat(4_000),
    shown.qr.url,
    `${shown.qr.token} `,
    '\u0000',
    '💥',
  ]
  const { socket, qr } = await openBrowser(small)
  await socket.next('qr')
  const bodies = new Set([(await scan(other, qr.token)).text])
  await socket.close()
  for (const token of dead) {
    const answer = await scan(person, token)
    expectProblem(answer, 410, 'link_token_invalid')
    bodies.add(answer.text)
    if (token === used.qr.token) continue
    expectProblem(await approve(person, token), 410, 'link_token_invalid')
    expectProblem(await decline(person, token), 410, 'link_token_invalid')
  }
  expect(bodies.size).toBe(1)
  for (const path of ['scan', 'approve', 'decline']) {
    const missing = await asPhone(person, `/v1/link/${path}`, { method: 'POST', json: {} })
    expectProblem(missing, 400, 'bad_request')
  }
  // After all this the code on show still works.
  expect((await scan(person, shown.qr.token)).status).toBe(200)
  await Promise.all([used.socket.close(), shown.socket.close()])
})

requirement('4.14', async () => {
  const [person, other] = [await signIn(server), await signIn(server)]
  const { socket, qr } = await openBrowser(server)
  expectProblem(await approve(person, qr.token), 409, 'link_not_scanned')
  expectProblem(await decline(person, qr.token), 409, 'link_not_scanned')
  await socket.quiet(200)
  expect((await scan(person, qr.token)).status).toBe(200)
  await socket.next('scanned')
  expectProblem(await scan(other, qr.token), 409, 'link_token_taken')
  expectProblem(await approve(other, qr.token), 409, 'link_token_taken')
  expectProblem(await decline(other, qr.token), 409, 'link_token_taken')
  await socket.quiet(200)
  expect((await approve(person, qr.token)).status).toBe(200)
  await socket.next('linked')
  await socket.close()
})

requirement(
  '4.15',
  async () => {
    const people = await signInMany(server, 50)
    const { socket, qr } = await openBrowser(server)
    const scans = await Promise.all(people.map((person) => scan(person, qr.token)))
    expect(tally(scans)).toEqual({ 200: 1, 409: 49 })
    const approvals = await Promise.all(people.map((person) => approve(person, qr.token)))
    const winners = approvals.flatMap(({ status }, index) => (status === 200 ? [index] : []))
    expect(winners).toHaveLength(1)
    for (const { status } of approvals) expect([200, 409, 410]).toContain(status)
    expect(scans[winners[0]!]!.status).toBe(200)
    expect((await socket.first('linked')).account.id).toBe(people[winners[0]!]!.account.id)
    const listed = await Promise.all(people.map((person) => asPhone(person, '/v1/devices')))
    expect(listed.flatMap(({ json }) => json.devices)).toHaveLength(1)
    await socket.close()
  },
  60_000,
)

requirement('4.16', async () => {
  const person = await signIn(matching)
  const { socket, qr } = await openBrowser(matching)
  const answer = await scan(person, qr.token)
  expect(answer.json.match).toBe('required')
  const { match } = await socket.next('scanned')
  expect(match).toMatch(/^[1-9]\d$/)
  expect(JSON.stringify(Object.values(answer.json))).not.toContain(`"${match}"`)
  const approved = await approve(person, qr.token, { match })
  expect(approved.status).toBe(200)
  await socket.next('linked')
  await socket.close()
})

requirement('4.17', async () => {
  const person = await signIn(matching)
  const { socket, qr } = await openBrowser(matching)
  await scan(person, qr.token)
  const { match } = await socket.next('scanned')
  const wrong = match === '99' ? '98' : String(Number(match) + 1)
  const malformed = [
    {},
    { match: '' },
    { match: '1' },
    { match: '100' },
    { match: Number(match) },
    { match: 'ab' },
    { match: null },
  ]
  for (const extra of malformed) {
    const answer = await approve(person, qr.token, extra)
    expect([`400 bad_request`, '403 match_failed']).toContain(`${answer.status} ${answer.json.code}`)
  }
  for (const triesLeft of [2, 1, 0]) {
    const answer = await approve(person, qr.token, { match: wrong })
    expectProblem(answer, 403, 'match_failed')
    expect(answer.json.triesLeft).toBe(triesLeft)
    expect(answer.text).not.toContain(`"${match}"`)
  }
  expectProblem(await approve(person, qr.token, { match }), 410, 'link_token_invalid')
  const fresh = await socket.next('qr')
  expect(fresh.token).not.toBe(qr.token)
  await socket.close()
})

requirement('4.17', 'the right one after two wrong ones links', async () => {
  const person = await signIn(matching)
  const { socket, qr } = await openBrowser(matching)
  await scan(person, qr.token)
  const { match } = await socket.next('scanned')
  const wrong = match === '99' ? '98' : String(Number(match) + 1)
  for (let tried = 0; tried < 2; tried++) await approve(person, qr.token, { match: wrong })
  expect((await approve(person, qr.token, { match })).status).toBe(200)
  await socket.next('linked')
  await socket.close()
})

requirement('4.18', async () => {
  const person = await signIn(placeless)
  const cases = [
    { browser: '203.0.113.7', phone: '203.0.113.7', network: 'same', match: 'none' },
    { browser: '2001:db8:1:2::1', phone: '2001:db8:1:2:ffff::9', network: 'same', match: 'none' },
    { browser: '2001:db8:1:2::1', phone: '2001:db8:1:3::1', network: 'far', match: 'required' },
    { browser: '203.0.113.7', phone: '198.51.100.7', network: 'far', match: 'required' },
    { browser: '127.0.0.1', phone: '192.168.1.20', network: 'same', match: 'none' },
    { browser: '127.0.0.1', phone: '198.51.100.7', network: 'far', match: 'required' },
  ]
  for (const { browser, phone, network, match } of cases) {
    const { socket, qr } = await openBrowser(placeless, { headers: { 'CF-Connecting-IP': browser } })
    const { json } = await scan(person, qr.token, { 'CF-Connecting-IP': phone })
    expect({ browser, phone, network: json.request.network, match: json.match }).toEqual({
      browser,
      phone,
      network,
      match,
    })
    expect((await socket.next('scanned')).match).toEqual(match === 'none' ? null : expect.any(String))
    await socket.close()
  }
})

requirement('4.18', 'the same country and near is near', async () => {
  const person = await signIn(server)
  const { socket, qr } = await openBrowser(server, { headers: { 'CF-Connecting-IP': '203.0.113.7' } })
  const { json } = await scan(person, qr.token, { 'CF-Connecting-IP': '198.51.100.7' })
  expect(json).toMatchObject({
    match: 'none',
    request: { network: 'near', ip: '203.0.113.7', place: { city: 'Berlin', country: 'DE' } },
  })
  await socket.close()
})

requirement('4.19', async () => {
  const person = await signIn(small)
  const [first, second] = [await link(person), await link(person)]
  const { socket, qr } = await openBrowser(small)
  await scan(person, qr.token)
  await socket.first('scanned')
  expectProblem(await approve(person, qr.token), 409, 'too_many_devices')
  await socket.quiet(1_300)
  expect((await asPhone(person, `/v1/devices/${first.device}`, { method: 'DELETE' })).status).toBe(204)
  expect((await approve(person, qr.token)).status).toBe(200)
  await socket.next('linked')
  expect((await asPhone(person, '/v1/devices')).json.devices).toHaveLength(2)
  await Promise.all([socket.close(), second.socket.close()])
})

requirement('4.36', async () => {
  const person = await signIn(trusting)
  const { socket, qr } = await openBrowser(trusting)
  const { code } = await spell(socket)
  const answer = await typeCode(person, code)
  expect(answer.status).toBe(200)
  expect(answer.json).toMatchObject({
    match: 'required',
    token: expect.stringMatching(/^[A-Za-z0-9_-]{64}$/),
    request: { browser: expect.any(String), network: 'same' },
  })
  expect(answer.json.request.expiresAt - answer.json.request.issuedAt).toBe(120_000)
  const { match, expiresAt } = await socket.next('scanned')
  expect(match).toMatch(/^[1-9]\d$/)
  expect(expiresAt).toBe(answer.json.request.expiresAt)
  expect(answer.json.token).not.toBe(qr.token)
  expect((await typeCode(person, code)).json).toEqual(answer.json)
  expectProblem(await approve(person, answer.json.token), 400, 'bad_request')
  const approved = await approve(person, answer.json.token, { match, name: 'Typed' })
  expect(approved.json.device).toMatchObject({ id: qr.device, name: 'Typed' })
  await socket.next('linked')
  await socket.next('snapshot')
  expect((await approve(person, answer.json.token, { match })).json).toEqual(approved.json)
  expectProblem(await typeCode(person, code), 410, 'link_token_invalid')
  await socket.close()
})

requirement('4.42', async () => {
  const [person, second, third] = await signInMany(server, 3)
  const [given, gone, live] = [await openBrowser(server), await openBrowser(server), await openBrowser(server)]
  const [old, lost, { code }] = [await spell(given.socket), await spell(gone.socket), await spell(live.socket)]
  given.socket.send({ type: 'wake' })
  await given.socket.next('qr')
  await gone.socket.close()
  const bodies = new Set([(await scan(person!, 'A'.repeat(64))).text])
  for (const [by, dead] of [
    [person, [old.code, lost.code, '1111-1111', '', 'x']],
    [second, ['0000-0000', `${code}1`, code.slice(0, -1), live.qr.token, '\u0000']],
    [third, ['💥'.repeat(8), 'a'.repeat(4_000), `${code.slice(0, 4)}–${code.slice(5)}`]],
  ] as const) {
    for (const text of dead) {
      const answer = await typeCode(by!, text)
      expectProblem(answer, 410, 'link_token_invalid')
      bodies.add(answer.text)
    }
  }
  expect(bodies.size).toBe(1)
  for (const json of [{ code: null }, { code: 12345678 }, { code: [code] }, { code, token: live.qr.token }]) {
    const answer = await asPhone(third!, '/v1/link/scan', { method: 'POST', json })
    expectProblem(answer, 400, 'bad_request')
  }
  // A typed code is no token either.
  expectProblem(await scan(third!, code), 410, 'link_token_invalid')
  expect((await typeCode(third!, code.toLowerCase().replace('-', ''))).status).toBe(200)
  await live.socket.next('scanned')
  await Promise.all([given.socket.close(), live.socket.close()])
})

requirement('4.43', async () => {
  const [person, other] = await signInMany(server, 2)
  const { socket } = await openBrowser(server)
  const { code } = await spell(socket)
  for (let wrong = 0; wrong < 5; wrong++) {
    expect((await typeCode(person!, code)).status).toBe(200)
    expectProblem(await typeCode(person!, '1111-1111'), 410, 'link_token_invalid')
  }
  for (const text of [code, '1111-1111', '']) {
    const refused = await typeCode(person!, text)
    expectProblem(refused, 429, 'rate_limited')
    const wait = Number(refused.headers['retry-after'])
    expect(wait).toBeGreaterThan(590)
    expect(wait).toBeLessThanOrEqual(600)
  }
  // Another account's tries, and codes to scan, are not touched.
  expectProblem(await typeCode(other!, code), 409, 'link_token_taken')
  expectProblem(await scan(person!, 'A'.repeat(64)), 410, 'link_token_invalid')
  await socket.close()
})

requirement('4.44', async () => {
  const person = await signIn(server)
  for (const ending of ['decline', 'burn', 'wake', 'leave'] as const) {
    const { socket } = await openBrowser(server)
    const { code } = await spell(socket)
    const { token } = (await typeCode(person, code)).json
    const { match } = await socket.next('scanned')
    if (ending === 'decline') {
      for (let times = 0; times < 2; times++) expect((await decline(person, token)).status).toBe(204)
      await socket.next('declined')
    }
    if (ending === 'burn') {
      const wrong = match === '99' ? '98' : String(Number(match) + 1)
      for (const triesLeft of [2, 1, 0]) {
        expect((await approve(person, token, { match: wrong })).json).toMatchObject({ code: 'match_failed', triesLeft })
      }
    }
    if (ending === 'wake') socket.send({ type: 'wake' })
    if (ending === 'leave') await socket.close()
    else expect(await socket.next('qr')).toMatchObject({ rotation: 1 })
    expectProblem(await approve(person, token, { match }), 410, 'link_token_invalid')
    expectProblem(await typeCode(person, code), 410, 'link_token_invalid')
    if (ending !== 'leave') await socket.close()
  }
})

async function scannedBy(person: Awaited<ReturnType<typeof signIn>>): Promise<Browser> {
  const browser = await openBrowser(person.server)
  const answer = await call(`${person.server.origin}/v1/link/scan`, {
    method: 'POST',
    token: person.accessToken,
    json: { token: browser.qr.token },
  })
  expect(answer.status).toBe(200)
  await browser.socket.next('scanned')
  return browser
}

function tally(answers: Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
