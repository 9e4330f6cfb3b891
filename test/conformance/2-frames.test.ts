/** Section 2: frames that cannot be taken, who may ask for what, and the heartbeat. */
import { expect } from 'vitest'
import { asPhone, link, openBrowser, openPhone, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import type { TestSocket } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const server = useServer()

requirement('2.18', async () => {
  const person = await signIn(server)
  const open: (() => Promise<TestSocket>)[] = [
    async () => (await openBrowser(server)).socket,
    async () => (await openPhone(person)).socket,
  ]
  const wrong = [
    '',
    'nonsense',
    '{',
    '[]',
    '[{"type":"wake"}]',
    '"wake"',
    '7',
    'null',
    'true',
    'Ping',
    new Uint8Array([7]),
  ]
  for (const start of open) {
    for (const data of wrong) {
      const socket = await start()
      if (typeof data === 'string') socket.sendText(data)
      else socket.sendBinary(data)
      expect(await socket.first('error')).toMatchObject({ code: 'bad_request' })
      expect(await socket.ends()).toMatchObject({ code: 4400 })
    }
  }
})

requirement('2.18', 'from a linked browser, which comes back', async () => {
  const browser = await link(await signIn(server))
  browser.socket.sendText('nonsense')
  expect(await browser.socket.first('error')).toMatchObject({ code: 'bad_request' })
  expect(await browser.socket.ends()).toMatchObject({ code: 4400 })
})

requirement('2.19', async () => {
  const person = await signIn(server)
  const [{ socket: phone }, browser] = [await openPhone(person), await link(person)]
  phone.drain()
  const wrong: Record<string, unknown>[] = [
    { type: 'no_such_type' },
    { type: 'toString' },
    { type: '__proto__' },
    { type: 'send' },
    { type: 'history', conversation: 7 },
    { type: 'read', conversation: 'c', upTo: 'all' },
    { type: 'start' },
  ]
  for (const socket of [phone, browser.socket]) {
    for (const request of wrong) {
      expect(await socket.ask(request)).toMatchObject({ type: 'error', code: 'bad_request' })
    }
    for (const typeless of [{}, { type: 7 }, { type: null }, { type: ['send'] }]) {
      socket.send({ ...typeless, ref: 'typeless' })
      expect(await socket.first('error')).toMatchObject({ code: 'bad_request', ref: 'typeless' })
    }
    await socket.ok({ type: 'conversations', ids: [] })
  }
  await browser.socket.close()
})

requirement('2.19', 'before linking', async () => {
  const { socket } = await openBrowser(server)
  for (const type of ['no_such_type', 'constructor', 7]) {
    socket.send({ type, ref: 'r' })
    expect(await socket.next('error')).toMatchObject({ code: 'bad_request', ref: 'r' })
  }
  await socket.ping()
  await socket.close()
})

requirement('2.20', async () => {
  const { socket } = await openBrowser(server)
  for (const type of ['send', 'start', 'conversations', 'history', 'read', 'unlink', 'media']) {
    expect(await socket.ask({ type })).toMatchObject({ type: 'error', code: 'not_allowed' })
  }
  await socket.ping()
  await socket.close()
})

requirement('2.21', async () => {
  const person = await signIn(server)
  const unlinked = await openBrowser(server)
  const [{ socket: phone }, browser] = [await openPhone(person), await link(person)]
  for (const socket of [unlinked.socket, phone, browser.socket]) {
    await socket.ping()
    await socket.ping()
    expect(socket.seen.filter(({ type }) => type === 'error')).toEqual([])
  }
  await Promise.all([unlinked.socket.close(), browser.socket.close()])
})

requirement('2.23', async () => {
  const person = await signIn(server)
  const browser = await link(person)
  await browser.socket.ok({ type: 'unlink' })
  expect(await browser.socket.first('unlinked')).toMatchObject({ reason: 'companion' })
  expect(await browser.socket.ends()).toMatchObject({ code: 4410 })
  expect(browser.socket.seen.at(-1)).toMatchObject({ type: 'unlinked' })
  expect((await asPhone(person, '/v1/devices')).json.devices).toEqual([])
})

requirement('2.24', async () => {
  const [person, other] = [await signIn(server), await signIn(server)]
  const [{ socket: phone }, browser] = [await openPhone(person), await link(person)]
  const asked = [
    { type: 'block', account: other.account.id, on: true },
    { type: 'token', accessToken: person.accessToken },
  ]
  for (const request of asked) {
    expect(await browser.socket.ask(request)).toMatchObject({ type: 'error', code: 'not_allowed' })
  }
  expect(await phone.ask({ type: 'unlink' })).toMatchObject({ type: 'error', code: 'not_allowed' })
  await Promise.all([phone.ping(), browser.socket.ping()])
  await browser.socket.close()
})

requirement('2.25', async () => {
  const [person, other] = [await signIn(server), await signIn(server)]
  const { socket } = await openPhone(person)
  await socket.ok({ type: 'token', accessToken: person.accessToken })
  for (const accessToken of ['nonsense', other.accessToken, person.refreshToken, '']) {
    const dialled = await openPhone(person)
    const answer = await dialled.socket.ask({ type: 'token', accessToken }).catch(() => null)
    if (answer === null) expect(await dialled.socket.ends()).toMatchObject({ code: 4401 })
    else expect(answer).toMatchObject({ type: 'error' })
    dialled.socket.cut()
  }
})

requirement('2.26', async () => {
  const person = await signIn(server)
  const [{ socket: phone }, first] = [await openPhone(person), await link(person)]
  await phone.event('device', (event) => event.device.id === first.device)
  const second = await link(person)
  for (const socket of [phone, first.socket]) {
    const event = await socket.event('device', ({ device }) => device.id === second.device)
    expect(event).toMatchObject({
      linked: true,
      device: { id: second.device, name: expect.any(String), linkedAt: expect.any(Number) },
    })
    // Of another device a browser is told no more than this (S18).
    expect(Object.keys(event.device).toSorted()).toEqual(['id', 'linkedAt', 'name'])
  }
  await asPhone(person, `/v1/devices/${second.device}`, { method: 'DELETE' })
  for (const socket of [phone, first.socket]) {
    await socket.event('device', ({ device, linked }) => device.id === second.device && linked === false)
  }
  await first.socket.close()
})

requirement('2.35', async () => {
  const browser = await link(await signIn(server))
  for (const type of ['wake', 'sleep', 'spell', 'prove']) browser.socket.send({ type })
  await browser.socket.ok({ type: 'conversations', ids: [] })
  await browser.socket.ping()
  await browser.socket.close()
})
