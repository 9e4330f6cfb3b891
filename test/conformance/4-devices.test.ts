/** Section 4: the list of devices, unlinking, and the phone's own socket. */
import { expect } from 'vitest'
import { eventually } from '../support/outside/eventually.ts'
import { expectProblem } from '../support/outside/http.ts'
import {
  asPhone,
  link,
  message,
  openPhone,
  pair,
  phoneUrl,
  resume,
  signIn,
  type Person,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial, dialRefused, type DialSettings } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const server = useServer()

requirement('4.20', async () => {
  const person = await signIn(server)
  const [first, second] = [await link(person), await link(person)]
  await second.socket.close()
  await eventually('the second to be offline', async () => {
    return (await devicesOf(person)).find(({ id }) => id === second.device)?.online === false
  })
  const devices = await devicesOf(person)
  expect(devices).toHaveLength(2)
  for (const device of devices) {
    expect(device).toMatchObject({
      id: expect.any(String),
      name: expect.any(String),
      browser: expect.any(String),
      os: expect.any(String),
      linkedAt: expect.any(Number),
      lastSeenAt: expect.any(Number),
      online: device.id === first.device,
    })
  }
  expect(JSON.stringify(devices)).not.toContain(first.key.publicKey)
  await first.socket.close()
})

requirement('4.21', async () => {
  const [person, stranger] = [await signIn(server), await signIn(server)]
  const browser = await link(person)
  const path = `/v1/devices/${browser.device}`
  const renamed = await asPhone(person, path, { method: 'PATCH', json: { name: 'Desk' } })
  expect(renamed.status).toBe(200)
  expect((await devicesOf(person))[0]!.name).toBe('Desk')
  expectProblem(await asPhone(stranger, path, { method: 'PATCH', json: { name: 'Mine' } }), 404, 'not_found')
  expectProblem(await asPhone(stranger, path, { method: 'DELETE' }), 404, 'not_found')
  for (const name of ['', ' ', 'x'.repeat(65), 7, null, 'a\nb']) {
    expectProblem(await asPhone(person, path, { method: 'PATCH', json: { name } }), 400, 'bad_request')
  }
  expect((await devicesOf(person))[0]!.name).toBe('Desk')
  await browser.socket.close()
})

requirement('4.22', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const browser = await link(ada)
  const { conversation: theirs } = await bobPhone.ok({ type: 'start', number: ada.number })
  const flood = Array.from({ length: 20 }, (_, index) => bobPhone.ask(message(theirs.id, `${index}`)))
  const asked = Date.now()
  expect((await asPhone(ada, `/v1/devices/${browser.device}`, { method: 'DELETE' })).status).toBe(204)
  expect(await browser.socket.ends(1_000)).toMatchObject({ code: 4410 })
  expect(Date.now() - asked).toBeLessThan(1_500)
  await Promise.all(flood)
  expect(browser.socket.seen.at(-1)).toEqual(expect.objectContaining({ type: 'unlinked', reason: 'phone' }))
  await adaPhone.ok(message(conversation, 'after'))
  expect(browser.socket.seen.at(-1)).toMatchObject({ type: 'unlinked' })
  expect(await devicesOf(ada)).toEqual([])
  const again = await resume(browser, server)
  await again.next('unlinked')
  expect(await again.ends()).toMatchObject({ code: 4410 })
})

requirement('4.23', async () => {
  const person = await signIn(server)
  const browsers = [await link(person), await link(person), await link(person)]
  expect((await asPhone(person, '/v1/devices', { method: 'DELETE' })).status).toBe(204)
  for (const { socket } of browsers) {
    expect(await socket.ends(1_000)).toMatchObject({ code: 4410 })
    expect(socket.seen.at(-1)).toMatchObject({ type: 'unlinked', reason: 'phone' })
  }
  expect(await devicesOf(person)).toEqual([])
  const fresh = await link(person)
  await fresh.socket.close()
})

requirement('4.27', async () => {
  const person = await signIn(server)
  const bearer = { Authorization: `Bearer ${person.accessToken}` }
  const ways: DialSettings[] = [
    { origin: null, headers: bearer },
    { headers: bearer },
    { origin: null, protocols: ['tandem.v1', `bearer.${person.accessToken}`] },
    { protocols: ['tandem.v1', `bearer.${person.accessToken}`] },
  ]
  for (const way of ways) {
    const socket = await dial(phoneUrl(person), way)
    expect(socket.protocol).toBe('tandem.v1')
    expect(await socket.next('snapshot')).toMatchObject({ account: { id: person.account.id } })
    await socket.close()
  }
})

requirement('4.28', async () => {
  const person = await signIn(server)
  const bearer = { Authorization: `Bearer ${person.accessToken}` }
  const url = phoneUrl(person)
  for (const origin of ['https://evil.example', 'null']) {
    expectProblem(await dialRefused(url, { origin, headers: bearer }), 403, 'origin_not_allowed')
  }
  expectProblem(await dialRefused(url, { origin: null }), 401, 'unauthorized')
  expectProblem(await dialRefused(url), 401, 'unauthorized')
  const wrong = await dialRefused(url, { protocols: ['tandem.v1', 'bearer.nonsense'] })
  expectProblem(wrong, 401, 'unauthorized')
  expectProblem(await dialRefused(url, { protocols: [], headers: bearer }), 400, 'bad_request')
})

requirement('4.29', async () => {
  const person = await signIn(server)
  const sockets = []
  for (let opened = 0; opened < 4; opened++) sockets.push((await openPhone(person)).socket)
  await Promise.all(sockets.map((socket) => socket.ping()))
  const { socket: fifth } = await openPhone(person)
  expect(await sockets[0]!.ends()).toMatchObject({ code: 4409 })
  await Promise.all([...sockets.slice(1), fifth].map((socket) => socket.ping()))
  for (const socket of [...sockets.slice(1), fifth]) await socket.close()
})

requirement('4.30', async () => {
  const { ada, adaPhone, conversation } = await pair(server)
  const { socket, snapshot } = await openPhone(ada)
  await socket.close()
  const sending = message(conversation, 'meanwhile')
  await adaPhone.ok(sending)
  const headers = { Authorization: `Bearer ${ada.accessToken}` }
  const again = await dial(phoneUrl(ada, snapshot.cursor), { origin: null, headers })
  const event = await again.event('message', (it) => it.message.id === sending.id)
  expect(event.message.text).toBe('meanwhile')
  const cursors = again.seen.filter(({ type }) => type === 'event').map(({ cursor }) => cursor)
  expect(cursors).toEqual(cursors.map((_, index) => snapshot.cursor + 1 + index))
  expect(again.seen.some(({ type }) => type === 'snapshot')).toBe(false)
  await again.close()
})

async function devicesOf(person: Person): Promise<Record<string, unknown>[]> {
  const { status, json } = await asPhone(person, '/v1/devices')
  expect(status).toBe(200)
  return json.devices
}
