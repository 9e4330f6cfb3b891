/** The code, the scan and the approval as an attacker meets them: S1 to S8, S10, S13, S33. */
import { expect, test } from 'vitest'
import { call, expectProblem } from '../support/outside/http.ts'
import { createDeviceKey } from '../support/outside/keys.ts'
import {
  approve,
  asPhone,
  decline,
  link,
  newBrowserUrl,
  openBrowser,
  openPhone,
  resumeInVain,
  scan,
  signIn,
  signInMany,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial } from '../support/outside/socket.ts'

/** Nobody knows where anybody is, so who is not on this machine is far. */
const server = useServer({ cf: {} })
/** Codes and holds of a second, whose alarm is a minute away from mattering. */
const hasty = useServer({ vars: { ROTATE_SECONDS: '1', ROTATIONS: '1', GRACE_SECONDS: '1', HOLD_SECONDS: '1' } })
const FAR = { 'CF-Connecting-IP': '198.51.100.9' }

test('S1: a phone that is far away, or that nobody can place, must give the number', async () => {
  const person = await signIn(server)
  // Mapped into IPv6 an address is the same one; another /64, a lookalike prefix and a header of the client are not.
  const cases = [
    ['203.0.113.7', '::ffff:203.0.113.7', 'same'],
    ['2001:db8:1:2::1', '2001:DB8:1:2:0:0:0:9', 'same'],
    ['2001:db8:1:2::1', '2001:db8:1:20::1', 'far'],
    ['203.0.113.7', '::203.0.113.7', 'far'],
    ['203.0.113.7', 'unknown', 'far'],
    ['unknown', 'unknown', 'far'],
  ] as const
  for (const [browser, phone, network] of cases) {
    const { socket, qr } = await openBrowser(server, { headers: { 'CF-Connecting-IP': browser } })
    const forged = { 'X-Forwarded-For': browser, 'X-Real-IP': browser, 'CF-IPCountry': 'DE', 'True-Client-IP': browser }
    const { json } = await scan(person, qr.token, { 'CF-Connecting-IP': phone, ...forged })
    expect({ browser, phone, network: json.request.network, match: json.match }).toEqual({
      browser,
      phone,
      network,
      match: network === 'far' ? 'required' : 'none',
    })
    if (network === 'far') {
      expectProblem(await approve(person, qr.token), 400, 'bad_request')
      expect((await asPhone(person, '/v1/devices')).json.devices).toEqual([])
    }
    socket.cut()
  }
})

test('S2: neither a code nor a hold is good for a moment longer because nobody looked', async () => {
  const [person, other] = await signInMany(hasty, 2)
  const { socket, qr } = await openBrowser(hasty)
  await socket.next('idle')
  await waitUntil(qr.expiresAt + 1_000)
  expectProblem(await scan(person!, qr.token), 410, 'link_token_invalid')
  socket.send({ type: 'wake' })
  const second = await socket.next('qr')
  const held = await scan(person!, second.token)
  await waitUntil(held.json.request.expiresAt)
  for (const answer of [approve(person!, second.token), scan(person!, second.token), scan(other!, second.token)]) {
    expectProblem(await answer, 410, 'link_token_invalid')
  }
  await socket.close()
})

test('S3: a code that was used is of no use to anybody else, and a repeat makes no second device', async () => {
  const [ada, eve] = await signInMany(server, 2)
  const browser = await openBrowser(server)
  await scan(ada!, browser.qr.token)
  // The stranger approves what the owner scanned, at the same moment as the owner, and again afterwards.
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, () => approve(ada!, browser.qr.token)),
    ...Array.from({ length: 5 }, () => approve(eve!, browser.qr.token)),
    decline(eve!, browser.qr.token),
  ])
  expect(answers.slice(0, 5).map(({ json }) => json.device?.id)).toEqual(Array(5).fill(browser.qr.device))
  for (const { status } of answers.slice(5)) expect([409, 410]).toContain(status)
  for (const answer of [scan(eve!, browser.qr.token), approve(eve!, browser.qr.token)]) {
    expectProblem(await answer, 410, 'link_token_invalid')
  }
  expect((await asPhone(ada!, '/v1/devices')).json.devices).toHaveLength(1)
  expect((await asPhone(eve!, '/v1/devices')).json.devices).toEqual([])
  browser.socket.cut()
})

test('S3: while the screen frees itself or the phone declines, an approval links both sides or neither', async () => {
  const person = await signIn(server)
  for (let round = 0; round < 10; round++) {
    const { socket, qr } = await openBrowser(server)
    await scan(person, qr.token)
    const racing = round % 2 === 0 ? decline(person, qr.token) : Promise.resolve(socket.send({ type: 'wake' }))
    const [approved] = await Promise.all([approve(person, qr.token), racing])
    const { devices } = (await asPhone(person, '/v1/devices')).json
    const linked = await socket.first('linked', approved.status === 200 ? 5_000 : 50).catch(() => null)
    expect({ round, device: devices.length, told: linked !== null }).toEqual({
      round,
      device: approved.status === 200 ? 1 : 0,
      told: approved.status === 200,
    })
    await asPhone(person, '/v1/devices', { method: 'DELETE' })
    socket.cut()
  }
})

test('S4: a code that a client brings along is never adopted', async () => {
  const person = await signIn(server)
  const wanted = Buffer.alloc(48, 7).toString('base64url')
  const url = `${newBrowserUrl(server, createDeviceKey())}&token=${wanted}&qr=${wanted}`
  const header = JSON.stringify({ form: 'new', key: 'x', publicOrigin: 'https://evil.example', token: wanted })
  const socket = await dial(url, { headers: { 'X-Tandem-Open': header } })
  const qr = await socket.next('qr')
  expect(qr.token).not.toBe(wanted)
  expect(qr.url.startsWith(`${server.origin}/link#`)).toBe(true)
  socket.send({ type: 'wake', token: wanted, secret: wanted })
  expectProblem(await scan(person, wanted), 410, 'link_token_invalid')
  // The object's own id with a secret of one's own is no code either.
  const forged = Buffer.from(qr.token, 'base64url')
  forged.fill(0, 32)
  expectProblem(await scan(person, forged.toString('base64url')), 410, 'link_token_invalid')
  expect((await scan(person, qr.token)).status).toBe(200)
  await socket.close()
})

test('S5: a socket that knows another’s device id learns nothing and changes nothing', async () => {
  const person = await signIn(server)
  const browser = await openBrowser(server)
  const spy = await dial(`${server.origin}/v1/socket?device=${browser.qr.device}`)
  await spy.next('challenge')
  await resumeInVain({ key: createDeviceKey(), device: browser.qr.device }, server)
  await link(person, browser)
  expect(spy.seen.map(({ type }) => type)).toEqual(['challenge'])
  spy.cut()
  browser.socket.cut()
})

test('S7: before the approval nothing about the phone’s owner reaches the browser', async () => {
  const person = await signIn(server)
  const { socket, qr } = await openBrowser(server)
  await scan(person, qr.token, FAR)
  await scan(await signIn(server), qr.token)
  await approve(person, qr.token, { match: '00' })
  await decline(person, qr.token)
  await socket.first('declined')
  await socket.first('qr')
  const told = JSON.stringify(socket.seen)
  for (const known of [person.account.id, person.number, person.number.slice(1), FAR['CF-Connecting-IP']]) {
    expect(told).not.toContain(known)
  }
  const fields = new Set(socket.seen.flatMap((frame) => (frame.type === 'scanned' ? Object.keys(frame) : [])))
  expect([...fields].toSorted()).toEqual(['expiresAt', 'issuedAt', 'match', 'type'])
  await socket.close()
})

test('S7: malformed, unknown, used and expired codes get one answer, byte for byte', async () => {
  const [person, other] = await signInMany(hasty, 2)
  const gone = await openBrowser(hasty)
  await gone.socket.close()
  const expired = await openBrowser(hasty)
  const used = await link(other!)
  await waitUntil(expired.qr.expiresAt + 1_000)
  const real = Buffer.from(used.qr.token, 'base64url')
  const random = Buffer.concat([real.subarray(0, 32), Buffer.alloc(16, 1)]).toString('base64url')
  const codes = ['', 'x', 'é', '\u0000', '../../x', 'a'.repeat(64), 'a'.repeat(5_000), random]
  const answers = await Promise.all(
    [...codes, gone.qr.token, expired.qr.token, used.qr.token].flatMap((token) => [
      scan(person!, token),
      approve(person!, token),
      decline(person!, token),
    ]),
  )
  for (const answer of answers) expectProblem(answer, 410, 'link_token_invalid')
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  const headers = answers.map((answer) => JSON.stringify({ ...answer.headers, date: '' }))
  expect(new Set(headers).size).toBe(1)
  used.socket.cut()
  expired.socket.cut()
})

test('S8: what the phone is shown holds no word that the browser chose', async () => {
  const person = await signIn(server)
  const { socket, qr } = await openBrowser(server, {
    headers: { 'User-Agent': 'Your bank <b>(safe)</b> Chrome/1 Windows', 'Accept-Language': 'evil' },
  })
  const { json } = await scan(person, qr.token)
  expect(json.request).toMatchObject({ browser: 'Chrome', os: 'Windows' })
  expect(Object.keys(json.request).toSorted()).toEqual(
    ['browser', 'expiresAt', 'ip', 'issuedAt', 'network', 'os', 'place', 'requestedAt'].toSorted(),
  )
  // Scanning alone, however often, links nothing; and one call declines, as one approves.
  await scan(person, qr.token)
  expect((await asPhone(person, '/v1/devices')).json.devices).toEqual([])
  expect((await decline(person, qr.token)).status).toBe(204)
  await socket.close()
})

test('S10: a link is told at once to every phone and every other device of the account, and to nobody else', async () => {
  const [ada, eve] = await signInMany(server, 2)
  const first = await link(ada!)
  const [{ socket: phone }, { socket: stranger }] = [await openPhone(ada!), await openPhone(eve!)]
  const second = await link(ada!)
  for (const socket of [phone, first.socket]) {
    const told = await socket.event('device', ({ device }) => device.id === second.device, 1_000)
    expect(told).toMatchObject({ linked: true })
    expect(Object.keys(told.device).toSorted()).toEqual(['id', 'linkedAt', 'name'])
  }
  await stranger.quiet(200)
  for (const socket of [phone, stranger, first.socket, second.socket]) socket.cut()
})

test('S13: the digits never reach the phone, and guessing them burns the code', async () => {
  const person = await signIn(server)
  const { socket, qr } = await openBrowser(server)
  const scanned = await scan(person, qr.token, FAR)
  const { match } = await socket.next('scanned')
  expect(JSON.stringify(scanned.json.request) + scanned.json.match).not.toMatch(new RegExp(`"${match}"|:${match}[,}]`))
  expect(scanned.json).not.toHaveProperty('digits')
  // All ninety at one moment are three tries.
  const guesses = Array.from({ length: 90 }, (_, index) => String(10 + index)).filter((guess) => guess !== match)
  const answers = await Promise.all(guesses.map((guess) => approve(person, qr.token, { match: guess })))
  const tries = answers.filter(({ json }) => json.code === 'match_failed').map(({ json }) => json.triesLeft)
  expect(tries.toSorted((a, b) => a - b)).toEqual([0, 1, 2])
  expectProblem(await approve(person, qr.token, { match }), 410, 'link_token_invalid')
  expect((await asPhone(person, '/v1/devices')).json.devices).toEqual([])
  await socket.first('qr')
  await socket.close()
})

test('S33: the screen frees itself from a stranger’s phone at once', async () => {
  const [eve, ada] = await signInMany(server, 2)
  const { socket, qr } = await openBrowser(server)
  await scan(eve!, qr.token)
  await socket.next('scanned')
  expectProblem(await scan(ada!, qr.token), 409, 'link_token_taken')
  socket.send({ type: 'wake' })
  const fresh = await socket.next('qr', 1_000)
  expectProblem(await approve(eve!, qr.token), 410, 'link_token_invalid')
  expect((await scan(ada!, fresh.token)).status).toBe(200)
  expect((await approve(ada!, fresh.token)).status).toBe(200)
  expect((await call(`${server.origin}/v1/devices`, { token: eve!.accessToken })).json.devices).toEqual([])
  await socket.first('linked')
  socket.cut()
})

async function waitUntil(at: number): Promise<void> {
  const ms = at - Date.now()
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
}
