/** Devices, sessions, origins and limits as an attacker meets them: S6, S9, S11, S12, S14 to S19, S21, S23, S24, S28, S31. */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, resolve as resolvePath } from 'node:path'
import { expect, test } from 'vitest'
import { call, expectProblem, type Answer, type Json } from '../support/outside/http.ts'
import { createDeviceKey, proveResume } from '../support/outside/keys.ts'
import {
  asPhone,
  link,
  message,
  newBrowserUrl,
  openBrowser,
  openPhone,
  pair,
  phoneUrl,
  randomNumber,
  resume,
  resumeInVain,
  scan,
  signIn,
  signInMany,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial, dialRefused } from '../support/outside/socket.ts'

const APP = 'https://app.example'
const server = useServer({ vars: { ALLOWED_ORIGINS: APP, MAX_DEVICES: '9' } })

/** What a browser sends along that only looks like one of ours. */
const LOOKALIKES = [
  'null',
  'https://app.example.evil.example',
  'https://evilapp.example',
  'https://app.example:444',
  'http://app.example',
  'HTTPS://APP.EXAMPLE',
  'https://app.example/',
  'https://app.example, https://evil.example',
  'https://user@app.example',
  'https://xn--pp-7kc.example',
]

test('S6: whatever else a request says, the account is that of its token', async () => {
  const [ada, bob] = await signInMany(server, 2)
  const claims = JSON.stringify({ caller: { account: bob!.account.id, session: null, issuedAt: 0, expiresAt: 9e15 } })
  const headers = { 'X-Account': bob!.account.id, 'X-Tandem-Phone': claims, 'X-Forwarded-User': bob!.number }
  const query = `?account=${bob!.account.id}&sub=${bob!.account.id}`
  const profile = await asPhone(ada!, `/v1/account${query}`, { headers })
  expect(profile.json.id).toBe(ada!.account.id)
  const socket = await dial(`${phoneUrl(ada!)}${query}`, {
    origin: null,
    headers: { Authorization: `Bearer ${ada!.accessToken}`, ...headers },
  })
  expect((await socket.next('snapshot')).account.id).toBe(ada!.account.id)
  // The claims of one token under the signature of another.
  const [head, , signature] = ada!.accessToken.split('.')
  const spliced = `${head}.${bob!.accessToken.split('.')[1]}.${signature}`
  for (const token of [spliced, `${head}..${signature}`, `${ada!.accessToken}.x`, ada!.refreshToken]) {
    expectProblem(await call(`${server.origin}/v1/account`, { token }), 401, 'unauthorized')
  }
  socket.cut()
})

test('S9: unlinking closes the live socket within a second, nothing follows, and the key learns why for ever', async () => {
  const { ada, bobPhone, adaPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'hello'))
  const { message: first } = await bobPhone.event('message')
  const browser = await link(ada)
  // A flood of events is on its way while the device is unlinked.
  for (let count = 0; count < 50; count++)
    bobPhone.send({ ...message(first.conversation, `${count}`), ref: `${count}` })
  const began = Date.now()
  const unlinked = await asPhone(ada, `/v1/devices/${browser.device}`, { method: 'DELETE' })
  expect(unlinked.status).toBe(204)
  expect(await browser.socket.ends(1_000)).toMatchObject({ code: 4410 })
  expect(Date.now() - began).toBeLessThan(2_000)
  expect(browser.socket.seen.at(-1)).toMatchObject({ type: 'unlinked', reason: 'phone' })
  for (let count = 0; count < 2; count++) {
    const again = await resume(browser, server, { cursor: 0 })
    expect(await again.next('unlinked')).toMatchObject({ reason: 'phone' })
    expect(await again.ends()).toMatchObject({ code: 4410 })
    expect(again.seen.map(({ type }) => type)).toEqual(['challenge', 'unlinked'])
  }
  await resumeInVain({ key: createDeviceKey(), device: browser.device }, server)
  bobPhone.cut()
  adaPhone.cut()
})

test('S9: a request that races with the unlinking is answered before it or not at all', async () => {
  const { ada, bobPhone, adaPhone, conversation } = await pair(server)
  const browser = await link(ada)
  for (let count = 0; count < 100; count++)
    browser.socket.send({ ...message(conversation, `${count}`), ref: `${count}` })
  await asPhone(ada, '/v1/devices', { method: 'DELETE' })
  await browser.socket.ends(1_000)
  const accepted = browser.socket.seen.filter(({ type }) => type === 'ok').length
  await adaPhone.ok(message(conversation, 'the last one'))
  await bobPhone.event('message', ({ message: { text } }) => text === 'the last one')
  const arrived = bobPhone.seen.filter(({ type, event }) => type === 'event' && event.kind === 'message').length - 1
  expect(arrived).toBeGreaterThanOrEqual(accepted)
  await bobPhone.quiet(300).catch(() => undefined)
  expect(bobPhone.seen.filter(({ event }) => event?.message?.text === 'the last one')).toHaveLength(1)
  bobPhone.cut()
  adaPhone.cut()
})

test('S11: no origin but those of the list opens or reads anything', async () => {
  const person = await signIn(server)
  const before = await openBrowser(server, { origin: APP })
  for (const origin of LOOKALIKES) {
    const socket = await dial(newBrowserUrl(server, createDeviceKey()), { origin })
    expect(await socket.next('error')).toMatchObject({ code: 'origin_not_allowed' })
    expect(await socket.ends()).toMatchObject({ code: 4403 })
    expect(socket.seen).toHaveLength(1)
    const headers = { Authorization: `Bearer ${person.accessToken}` }
    expectProblem(await dialRefused(phoneUrl(person), { origin, headers }), 403, 'origin_not_allowed')
    for (const more of [{}, { Upgrade: 'x' }, { Upgrade: 'websocket' }] as Record<string, string>[]) {
      const answer = await asPhone(person, '/v1/account', { headers: { Origin: origin, ...more } })
      expect({ origin, more, status: answer.status }).toEqual({ origin, more, status: 403 })
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
    const preflight = await call(`${server.origin}/v1/link/approve`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    })
    expect(preflight.status).toBe(403)
  }
  const allowed = await asPhone(person, '/v1/account', { headers: { Origin: APP } })
  expect(allowed.headers['access-control-allow-origin']).toBe(APP)
  expect(allowed.headers['access-control-allow-credentials']).toBeUndefined()
  expectProblem(
    await dialRefused(newBrowserUrl(server, createDeviceKey()), { origin: null }),
    403,
    'origin_not_allowed',
  )
  expectProblem(await dialRefused(phoneUrl(person), { origin: null }), 401, 'unauthorized')
  before.socket.cut()
})

test('S11: of the subprotocols only tandem.v1 is ever answered, whatever is smuggled in beside it', async () => {
  const person = await signIn(server)
  const bearer = `bearer.${person.accessToken}`
  for (const protocols of [
    ['tandem.v1', bearer],
    [bearer, 'evil', 'tandem.v1'],
    ['tandem.v1', bearer, 'bearer.x'],
  ]) {
    const socket = await dial(phoneUrl(person), { origin: APP, protocols })
    expect(socket.protocol).toBe('tandem.v1')
    socket.cut()
  }
  const refused = [[bearer], ['tandem.v1', 'bearer.'], ['tandem.v10', bearer], ['TANDEM.V1', bearer], ['tandem.v1']]
  for (const protocols of refused)
    expect([400, 401]).toContain((await dialRefused(phoneUrl(person), { protocols })).status)
})

test('S12: the picture is no page, and no redirect or address of ours leads anywhere else', async () => {
  const { socket, qr } = await openBrowser(server)
  const opened = await call(server.origin + qr.image, { headers: { 'Sec-Fetch-Dest': 'document' } })
  expectProblem(opened, 403, 'not_allowed')
  const shown = await call(server.origin + qr.image, { headers: { 'Sec-Fetch-Dest': 'image' } })
  expect(shown.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/)
  expect(shown.headers['cache-control']).toBe('no-store')
  expect(shown.text).not.toMatch(/<script|javascript:|href|foreignObject/i)
  const paths = [
    '//evil.example/',
    '//evil.example/phone/',
    '//evil.example/..',
    '/%2f%2fevil.example/',
    '/phone/',
    '//phone/',
  ]
  for (const path of paths) {
    const answer = await call(server.origin + path, { headers: { 'X-Forwarded-Host': 'evil.example' } })
    const { location } = answer.headers
    if (location !== undefined) expect(new URL(location, server.origin).origin).toBe(server.origin)
  }
  await socket.close()
})

test('S14: an address is counted as what one subscriber has, in every spelling, and not by what it says of itself', async () => {
  const ask = (ip: string) =>
    call(`${server.origin}/v1/phone/code`, {
      method: 'POST',
      json: { number: randomNumber() },
      headers: { 'CF-Connecting-IP': ip, 'X-Forwarded-For': randomNumber() },
    })
  const spellings = [
    (count: number) => `2001:db8:77:1::${count.toString(16)}`,
    (count: number) => `2001:DB8:77:1:${count.toString(16)}::`,
  ]
  const answers: Answer[] = []
  for (let count = 1; count <= 24; count++) answers.push(await ask(spellings[count % 2]!(count)))
  expect(answers.slice(0, 20).every(({ status }) => status === 202)).toBe(true)
  for (const answer of answers.slice(20)) {
    expectProblem(answer, 429, 'rate_limited')
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3_000)
  }
  expect((await ask('2001:db8:77:2::1')).status).toBe(202)
  expect((await ask('203.0.113.50')).status).toBe(202)
})

test('S14: pictures, which cost the most to make, are counted too', async () => {
  const { socket, qr } = await openBrowser(server)
  const headers = { 'CF-Connecting-IP': '203.0.113.99' }
  // Three hundred a minute are too few for so many also when the minute, which is the clock's, ends among them.
  const answers = await Promise.all(Array.from({ length: 620 }, () => call(`${server.origin}${qr.image}`, { headers })))
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expectProblem(refused[0]!, 429, 'rate_limited')
  expect((await call(server.origin + qr.image)).status).toBe(200)
  await socket.close()
})

test('S14: wrong tries at a victim’s code leave the victim’s open session as it is', async () => {
  const victim = await signIn(server)
  const { socket } = await openPhone(victim)
  const sent = await post('/v1/phone/code', { number: victim.number })
  const wrong = sent.json.code === '111111' ? '222222' : '111111'
  const tries = await Promise.all(
    Array.from({ length: 30 }, () => post('/v1/phone/session', { number: victim.number, code: wrong })),
  )
  expect(new Set(tries.map(({ text }) => text)).size).toBe(1)
  expectProblem(tries[0]!, 401, 'code_invalid')
  // Five tries burned it, however many came at one moment.
  expectProblem(await post('/v1/phone/session', { number: victim.number, code: sent.json.code }), 401, 'code_invalid')
  expect((await asPhone(victim, '/v1/account')).status).toBe(200)
  expect((await post('/v1/phone/refresh', { refreshToken: victim.refreshToken })).status).toBe(200)
  expect(socket.isOpen).toBe(true)
  socket.cut()
})

test('S14: typing on and off by turns does not flood the other person', async () => {
  const { adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'hello'))
  await bobPhone.event('message')
  for (let count = 0; count < 100; count++) {
    for (const on of [true, false]) adaPhone.send({ type: 'typing', conversation, on })
  }
  await adaPhone.ok({ type: 'conversations' })
  await adaPhone.ok(message(conversation, 'done'))
  await bobPhone.event('message', ({ message: { text } }) => text === 'done')
  expect(bobPhone.seen.filter(({ type }) => type === 'typing').length).toBeLessThanOrEqual(4)
  adaPhone.cut()
  bobPhone.cut()
})

test('S15: a megabyte closes the socket that sent it, and the object lives on', async () => {
  const person = await signIn(server)
  const browser = await openBrowser(server)
  const { socket: phone } = await openPhone(person)
  const linked = await link(person)
  const proving = await dial(`${server.origin}/v1/socket?device=${linked.device}`)
  await proving.next('challenge')
  const large = JSON.stringify({ type: 'wake', ref: 'x', pad: 'é'.repeat(512 * 1024) })
  for (const socket of [browser.socket, phone, linked.socket, proving]) {
    socket.sendText(large)
    expect(await socket.ends()).toMatchObject({ code: 4413 })
  }
  await (await resume(linked, server)).next('resumed')
  expect((await asPhone(person, '/v1/devices')).json.devices).toHaveLength(1)
  expectProblem(await asPhone(person, '/v1/link/scan', { method: 'POST', body: large }), 413, 'payload_too_large')
})

test('S16: no line holds what was sent, also where it was malformed, refused or a fault', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const secret = 'hunter2secretwords'
  adaPhone.send({ ...message(conversation, secret), ref: secret })
  await adaPhone.ok({ type: 'search', text: `${secret} ${'x'.repeat(200)}` })
  for (const path of [
    `/v1/code/${secret}`,
    `/${secret}`,
    `/v1/media/${secret}`,
    `/v1/devices/${secret}`,
    `/link?${secret}`,
  ]) {
    await asPhone(ada, path, { method: path.includes('devices') ? 'DELETE' : 'GET' })
  }
  await call(`${server.origin}/v1/account`, { headers: { Authorization: `Bearer ${secret}.${secret}.${secret}` } })
  await post('/v1/phone/session', { number: ada.number, code: secret })
  await post('/v1/phone/refresh', { refreshToken: `${ada.account.id}.${secret}.${secret}` })
  await asPhone(ada, '/v1/account', { method: 'PATCH', body: `{"name":"${secret}` })
  const refused = await scan(ada, secret)
  expect(refused.text).not.toContain(secret)
  adaPhone.sendText(`{"type":"${secret}"`)
  await adaPhone.ends()
  expect([secret, ada.number, ada.accessToken, ada.refreshToken].filter((it) => server.printed().includes(it))).toEqual(
    [],
  )
  expect(server.printed()).not.toMatch(/"event":"fault"/)
  bobPhone.cut()
})

test('S17: only this device’s key over this nonce at this host resumes it', async () => {
  const person = await signIn(server)
  const [browser, other] = [await link(person), await link(person)]
  const attempts: ((host: string, nonce: string) => string)[] = [
    (host, nonce) => proveResume(other.key, host, browser.device, nonce),
    (host, nonce) => proveResume(browser.key, host, other.device, nonce),
    (_, nonce) => proveResume(browser.key, 'evil.example', browser.device, nonce),
    (host) => proveResume(browser.key, host, browser.device, 'A'.repeat(43)),
    () => 'A'.repeat(86),
    () => '',
  ]
  for (const sign of attempts) {
    const socket = await resume(browser, server, { sign })
    expect(await socket.ends()).toMatchObject({ code: 4401 })
    expect(socket.seen.map(({ type }) => type)).toEqual(['challenge'])
  }
  // One key on two screens is two devices: neither opens the other.
  const key = createDeviceKey()
  const [one, two] = [await dial(newBrowserUrl(server, key)), await dial(newBrowserUrl(server, key))]
  const [first, second] = [await one.next('qr'), await two.next('qr')]
  expect(first.device).not.toBe(second.device)
  await link(person, { socket: one, key, qr: first })
  const twin = await resume({ key, device: second.device }, server)
  expect(await twin.ends()).toMatchObject({ code: 4401 })
  expect(await two.ends()).toMatchObject({ code: 4401 })
  for (const socket of [browser.socket, other.socket, one]) socket.cut()
})

test('S18: a linked browser can do nothing to the account’s devices but unlink itself', async () => {
  const person = await signIn(server)
  const [browser, other] = [await link(person), await link(person)]
  const frames = [
    { type: 'block', account: person.account.id, on: true },
    { type: 'token', accessToken: person.accessToken },
    { type: 'devices' },
    { type: 'approve', token: other.qr.token },
    { type: 'scan', token: other.qr.token },
  ]
  for (const frame of frames) expect((await browser.socket.ask(frame)).type).toBe('error')
  // What it was given is no bearer of anything.
  for (const token of [browser.qr.token, browser.device, browser.key.publicKey]) {
    for (const method of ['GET', 'DELETE']) {
      expectProblem(await call(`${server.origin}/v1/devices`, { method, token }), 401, 'unauthorized')
    }
  }
  expect((await browser.socket.ask({ type: 'unlink', device: other.device, id: other.device })).type).toBe('ok')
  expect(await browser.socket.ends()).toMatchObject({ code: 4410 })
  await other.socket.ok({ type: 'conversations' })
  expect((await asPhone(person, '/v1/devices')).json.devices).toMatchObject([{ id: other.device }])
  const told = other.socket.seen.flatMap(({ event }) => (event?.kind === 'device' ? [Object.keys(event.device)] : []))
  for (const fields of told) expect(fields.toSorted()).toEqual(['id', 'linkedAt', 'name'])
  other.socket.cut()
})

test('S19: what an old access token tells does not make a refresh token, so nobody is signed out by it', async () => {
  const victim = await signIn(server)
  const eve = await signIn(server)
  const { socket } = await openPhone(victim)
  const claims = JSON.parse(Buffer.from(victim.accessToken.split('.')[1]!, 'base64url').toString()) as Json
  const [, family, secret] = eve.refreshToken.split('.')
  const forged = [
    `${victim.account.id}.${claims.sid}.x`,
    `${victim.account.id}.${claims.sid}.${secret}`,
    `${victim.account.id}.${family}.${secret}`,
    `${victim.account.id}.${createHash('sha256').update(claims.sid).digest('base64url')}.${secret}`,
    `${victim.account.id}..${secret}`,
    `${victim.account.id}.${claims.sid}`,
    victim.account.id,
    victim.accessToken.slice(0, 500),
    `${eve.account.id}.${victim.refreshToken.split('.').slice(1).join('.')}`,
  ]
  const answers = await Promise.all(forged.map((refreshToken) => post('/v1/phone/refresh', { refreshToken })))
  for (const answer of answers) expectProblem(answer, 401, 'unauthorized')
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  await socket.ping()
  expect((await post('/v1/phone/refresh', { refreshToken: victim.refreshToken })).status).toBe(200)
  expect((await asPhone(victim, '/v1/account')).status).toBe(200)
  socket.cut()
})

test('S19: a refresh token that two parties use ends the session and its sockets', async () => {
  const victim = await signIn(server)
  const { socket } = await openPhone(victim)
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => post('/v1/phone/refresh', { refreshToken: victim.refreshToken })),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
  expect(await socket.ends()).toMatchObject({ code: 4401 })
  expectProblem(await asPhone(victim, '/v1/account'), 401, 'unauthorized')
  for (const { json } of answers.filter(({ status }) => status === 200)) {
    expectProblem(await post('/v1/phone/refresh', { refreshToken: json.refreshToken }), 401, 'unauthorized')
  }
})

test('S21: nothing of one account opens anything of another', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const eve = await signIn(server)
  const { socket: spy } = await openPhone(eve)
  const browser = await link(ada)
  const sent = await adaPhone.ok(message(conversation, 'for Bob alone'))
  const frames: Record<string, unknown>[] = [
    message(conversation, 'x'),
    { type: 'history', conversation },
    { type: 'read', conversation, upTo: 1e9 },
    { type: 'delete', conversation, id: sent.message.id, for: 'all' },
    { type: 'media', id: 'A'.repeat(22) },
    { type: 'block', account: browser.device, on: true },
  ]
  for (const frame of frames) expect(await spy.ask(frame)).toMatchObject({ type: 'error', code: 'not_found' })
  expect((await spy.ok({ type: 'conversations', ids: [conversation] })).conversations).toEqual([])
  expect((await spy.ok({ type: 'search', text: 'for Bob alone' })).messages).toEqual([])
  for (const method of ['PATCH', 'DELETE']) {
    const answer = await asPhone(eve, `/v1/devices/${browser.device}`, { method, json: { name: 'Mine' } })
    expectProblem(answer, 404, 'not_found')
  }
  spy.send({ type: 'typing', conversation, on: true })
  const token = await spy.ask({ type: 'token', accessToken: ada.accessToken })
  expect(token).toMatchObject({ type: 'error', code: 'not_allowed' })
  const far = await dial(phoneUrl(eve, 999_999), {
    origin: null,
    headers: { Authorization: `Bearer ${eve.accessToken}` },
  })
  expect((await far.next('snapshot')).account.id).toBe(eve.account.id)
  for (const socket of [spy, far, adaPhone, bobPhone, browser.socket]) socket.cut()
})

test('S30: only a page of this site has its browser empty the cache', async () => {
  const ask = (headers: Record<string, string> = {}, method = 'GET') =>
    call(`${server.origin}/cleared.txt`, { method, headers })
  const own = await ask({ 'sec-fetch-site': 'same-origin' })
  expect(own.status).toBe(204)
  expect(own.headers).toMatchObject({ 'clear-site-data': '"cache"', 'cache-control': 'no-store' })
  const others = await Promise.all([
    ...['cross-site', 'same-site', 'none', ''].map((site) => ask({ 'sec-fetch-site': site })),
    ask(),
    ask({ 'sec-fetch-site': 'same-origin' }, 'POST'),
  ])
  for (const answer of others) {
    expectProblem(answer, 404, 'not_found')
    expect(answer.headers['clear-site-data']).toBeUndefined()
  }
})

test('S23: every page, under every spelling of its address, has its one strict policy', async () => {
  const pages = await readdir(resolvePath(import.meta.dirname, '../../public'))
  const names = pages.filter((name) => name.endsWith('.html')).map((name) => name.slice(0, -'.html'.length))
  expect(names).toContain('link')
  const addresses = names.flatMap((name) => {
    const path = name === 'index' ? '/' : `/${name}`
    return [path, `/${name}.html`, `${path}/`, `/${encodeFirst(name)}`, `/${path}`, join('/x/..', path), `${path}?x=1`]
  })
  for (const address of addresses) {
    const answer = await follow(server.origin + address)
    if (answer.headers['content-type']?.startsWith('text/html') !== true) continue
    const policy = String(answer.headers['content-security-policy'])
    expect({ address, policy }).toMatchObject({ policy: expect.stringContaining("default-src 'none'") })
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|https?:|\*/)
    for (const rule of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]) {
      expect(policy).toContain(rule)
    }
    if (policy.includes('script-src')) expect(policy).toMatch(/script-src 'self'.*require-trusted-types-for 'script'/)
    expect(answer.headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.stringContaining('max-age='),
    })
    expect(answer.text).not.toMatch(/<script(?![^>]*\bsrc="\/)|\son\w+=|style="|src="(?:https?:)?\/\//i)
  }
  for (const path of ['/v1/health', '/nothing', '/v1/account', '/_headers']) {
    const answer = await call(server.origin + path)
    expect(answer.headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'")
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
  }
})

test('S24: what no client would send is answered, is no fault of ours, and the objects still answer', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'something to be found'))
  const browser = await link(ada)
  const before = server.printed().length
  const texts = [
    `{"type":"__proto__","ref":"a"}`,
    `{"type":"constructor","ref":"a"}`,
    `{"type":"send","type":"history","ref":"a","conversation":"${conversation}","__proto__":{"limit":1}}`,
    `{"type":"history","ref":"a","conversation":"${conversation}","before":1e308,"limit":-0}`,
    `{"type":"read","ref":"a","conversation":"${conversation}","upTo":9007199254740993}`,
    `{"type":"read","ref":"a","conversation":"\\ud800","upTo":9007199254740991}`,
    `{"type":"search","ref":"\\udfff","text":"\\ud800\\u0000%_\\\\"}`,
    `{"type":"search","ref":"a","text":"${'%_'.repeat(128)}"}`,
    `{"type":"search","ref":"a","text":"${'a\u00e9'.repeat(128)}"}`,
    `{"type":"search","ref":"a","text":"${'a'.repeat(256)}"}`,
    `{"type":"start","ref":"a","number":"${'9'.repeat(32)}"}`,
    `{"type":"start","ref":"a","account":"${'A'.repeat(43)}"}`,
    `{"type":"start","ref":"a","account":"demo-99999"}`,
    `{"type":"conversations","ref":"a","after":"9007199254740991"}`,
    `{"type":"conversations","ref":"a","after":"-1"}`,
    `{"type":"conversations","ref":"a","ids":["","\\u0000","demo-1"]}`,
    `{"type":"media","ref":"a","id":"../../x"}`,
    `{"ref":"a","type":{"toString":null}}`,
    `{"type":"send","ref":"a","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    JSON.stringify(message(conversation, '\u0001')).replace('{', '{"ref":"a",'),
  ]
  for (const socket of [browser.socket, adaPhone]) {
    for (const text of texts) {
      socket.sendText(text)
      const answer = await socket.find('an answer', ({ type }) => type === 'ok' || type === 'error')
      expect({ text: text.slice(0, 80), code: answer.code }).not.toMatchObject({ code: 'internal' })
    }
    await socket.ok({ type: 'conversations' })
  }
  const bodies = [
    '',
    '[]',
    'null',
    '"x"',
    '{"token":{"a":1}}',
    `{"token":"${'\\u0000'.repeat(100)}"}`,
    '{"__proto__":{"token":"x"}}',
  ]
  for (const body of bodies) {
    for (const path of [
      '/v1/link/scan',
      '/v1/link/approve',
      '/v1/link/decline',
      '/v1/phone/refresh',
      '/v1/phone/code',
    ]) {
      const answer = await asPhone(ada, path, { method: 'POST', body })
      expect({ path, body, ok: answer.status < 500 }).toEqual({ path, body, ok: true })
    }
  }
  for (const path of [
    '/v1/devices/%',
    '/v1/devices/%ff',
    '/v1/code/%c0%af',
    '/v1/media/%00',
    '/v1/socket?key=%ff',
    '/%',
  ]) {
    expect((await asPhone(ada, path)).status).toBeLessThan(500)
  }
  expect(server.printed().slice(before)).not.toMatch(/fault|uncaught|exception/i)
  for (const socket of [browser.socket, adaPhone, bobPhone]) socket.cut()
})

test('S28: no name is invisible, turns the text around it, or is the number of somebody else', async () => {
  const [ada, bob] = await signInMany(server, 2)
  const rename = (name: string) => asPhone(ada!, '/v1/account', { method: 'PATCH', json: { name } })
  for (const name of ['\u200b', '\u3164\u2800', '\u202e', '\u{e0041}', ' \u00ad ', '\ufe0f', '\u200d']) {
    expectProblem(await rename(name), 400, 'bad_request')
  }
  const cleaned = ['Mum', '\u200bM\u2060um\ufeff', '\u202eMum\u2066', 'M\u00adum\u061c']
  for (const name of cleaned) expect((await rename(name)).json.name).toBe('Mum')
  const numbers = [bob!.number, bob!.account.name, bob!.number.replace('+', '00'), '٠١٥١٢٣٤٥٦٧٨']
  for (const name of numbers) expectProblem(await rename(name), 400, 'bad_request')
  for (const name of [ada!.account.name, 'Zoë 👩‍👩‍👧', 'می‌خواهم', 'Flat 2024', 'R2-D2']) {
    const answer = await rename(name)
    expect({ name, status: answer.status, said: answer.json.name }).toEqual({ name, status: 200, said: name })
  }
  const browser = await link(ada!)
  const device = await asPhone(ada!, `/v1/devices/${browser.device}`, { method: 'PATCH', json: { name: '\u202eWork' } })
  expect(device.json.name).toBe('Work')
  browser.socket.cut()
})

test('S31: of two tabs of one device the newer has the stream and the older stops', async () => {
  const person = await signIn(server)
  const browser = await link(person)
  const newer = await resume(browser, server)
  await newer.next('resumed')
  expect(await browser.socket.ends()).toMatchObject({ code: 4409 })
  await newer.next('snapshot')
  await newer.ok({ type: 'conversations' })
  newer.cut()
})

function post(path: string, json: unknown): Promise<Answer> {
  return call(server.origin + path, { method: 'POST', json })
}

/** Follows redirects within the service. */
async function follow(url: string, left = 3): Promise<Answer> {
  const answer = await call(url)
  const { location } = answer.headers
  return location === undefined || left === 0 ? answer : follow(new URL(location, url).href, left - 1)
}

function encodeFirst(name: string): string {
  return `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`
}
