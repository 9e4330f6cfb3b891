/** Section 1 after a link: coming back by the device's key. */
import { expect } from 'vitest'
import { createDeviceKey, proveResume } from '../support/outside/keys.ts'
import {
  approve,
  asPhone,
  link,
  message,
  openBrowser,
  pair,
  resume,
  resumeInVain,
  scan,
  signIn,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial, type Frame, type TestSocket } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const server = useServer()
const published = useServer({ vars: { PUBLIC_ORIGIN: 'https://chat.example' } })

requirement('1.26', async () => {
  const { ada, bobPhone, conversation } = await pair(server)
  const browser = await link(ada)
  await browser.socket.close()
  const { conversation: theirs } = await bobPhone.ok({ type: 'start', account: ada.account.id })
  for (const text of ['one', 'two', 'three']) await bobPhone.ok(message(theirs.id, text))
  const again = await resume(browser, server, { cursor: browser.snapshot.cursor })
  const resumed = await again.next('resumed')
  expect(resumed).toMatchObject({
    cursor: expect.any(Number),
    device: { id: browser.device, name: expect.any(String), linkedAt: expect.any(Number) },
    account: { id: ada.account.id, name: ada.account.name },
  })
  const last = await again.find(
    'the third message',
    ({ type, event }) => type === 'event' && event.kind === 'message' && event.message.text === 'three',
  )
  expectDense(again, browser.snapshot.cursor)
  const texts = again.seen.filter(({ event }) => event?.kind === 'message').map(({ event }) => event.message.text)
  expect(texts).toEqual(['one', 'two', 'three'])
  expect(last.event.message.conversation).toBe(conversation)
  expect(again.seen.some(({ type }) => type === 'snapshot')).toBe(false)
  await again.close()
})

requirement('1.27', async () => {
  const person = await signIn(server)
  const [browser, other] = [await link(person), await link(person)]
  const { host } = new URL(server.origin)
  const forgeries: ((nonce: string) => string)[] = [
    () => proveResume(browser.key, host, browser.device, Buffer.alloc(32, 7).toString('base64url')),
    (nonce) => proveResume(browser.key, 'evil.example', browser.device, nonce),
    (nonce) => proveResume(browser.key, host, other.device, nonce),
    (nonce) => proveResume(other.key, host, browser.device, nonce),
    (nonce) => proveResume(createDeviceKey(), host, browser.device, nonce),
    () => '',
    () => 'A'.repeat(86),
    () => 'not base64url!',
  ]
  for (const forge of forgeries) {
    const socket = await resume(browser, server, { sign: (_, nonce) => forge(nonce) })
    expect(await socket.ends()).toMatchObject({ code: 4401 })
    expect(socket.seen.map(({ type }: Frame) => type)).toEqual(['challenge'])
  }
  // None of these has touched the socket that is there.
  await browser.socket.ping()
  await Promise.all([browser.socket.close(), other.socket.close()])
})

requirement('1.28', async () => {
  const browser = await link(await signIn(server))
  let recorded = ''
  const genuine = await resume(browser, server, {
    sign: (host, nonce) => (recorded = proveResume(browser.key, host, browser.device, nonce)),
  })
  await genuine.next('resumed')
  const replayed = await resume(browser, server, { sign: () => recorded })
  expect(await replayed.ends()).toMatchObject({ code: 4401 })
  await genuine.ping()
  await genuine.close()
})

requirement('1.29', async () => {
  const browser = await link(await signIn(server))
  const socket = await dial(`${server.origin}/v1/socket?device=${browser.device}`)
  const dialled = Date.now()
  await socket.next('challenge')
  expect(await socket.ends(14_000)).toMatchObject({ code: 4401 })
  expect(Date.now() - dialled).toBeGreaterThan(9_000)
  await browser.socket.close()
})

requirement('1.30', async () => {
  const browser = await link(await signIn(server))
  const wrong: ((socket: TestSocket) => void)[] = [
    (socket) => socket.send({ type: 'wake' }),
    (socket) => socket.send({ type: 'conversations', ref: 'a' }),
    (socket) => socket.send({ type: 'prove' }),
    (socket) => socket.send({ type: 'prove', signature: 7 }),
    (socket) => socket.sendText('nonsense'),
    (socket) => socket.sendBinary(new Uint8Array([1, 2, 3])),
  ]
  for (const say of wrong) {
    const socket = await dial(`${server.origin}/v1/socket?device=${browser.device}`)
    await socket.next('challenge')
    say(socket)
    expect(await socket.ends()).toMatchObject({ code: 4401 })
  }
  await browser.socket.ping()
  await browser.socket.close()
})

requirement('1.31', async () => {
  const { key, qr, socket: unlinked } = await openBrowser(server)
  const flipped = qr.device.slice(0, -1) + (qr.device.endsWith('0') ? '1' : '0')
  const devices = [flipped, 'x', 'a'.repeat(64), '0'.repeat(64), '../../etc/passwd', '%00', 'A'.repeat(3_000)]
  for (const device of devices) await resumeInVain({ key, device }, server)
  await unlinked.close()
})

requirement('1.32', async () => {
  const person = await signIn(server)
  const browser = await link(person)
  await browser.socket.close()
  expect((await asPhone(person, `/v1/devices/${browser.device}`, { method: 'DELETE' })).status).toBe(204)
  const again = await resume(browser, server, { cursor: browser.snapshot.cursor })
  expect(await again.next('unlinked')).toMatchObject({ reason: 'phone' })
  expect(await again.ends()).toMatchObject({ code: 4410 })
  const stranger = await resume({ key: createDeviceKey(), device: browser.device }, server)
  expect(await stranger.ends()).toMatchObject({ code: 4401 })
  expect(stranger.seen).toHaveLength(1)
})

requirement('1.33', async () => {
  const browser = await link(await signIn(server))
  const unproven = await dial(`${server.origin}/v1/socket?device=${browser.device}`)
  await unproven.next('challenge')
  await browser.socket.ping()
  const proven = await resume(browser, server)
  await proven.next('resumed')
  expect(await browser.socket.ends()).toMatchObject({ code: 4409 })
  await proven.ping()
  await Promise.all([proven.close(), unproven.close()])
})

requirement('1.34', async () => {
  const person = await signIn(server)
  const browser = await link(person)
  const { cursor: now } = browser.snapshot
  for (const cursor of [undefined, '', 'x', '-1', '1.5', '9'.repeat(30), now + 1_000]) {
    const socket = await resume(browser, server, cursor === undefined ? {} : { cursor })
    const resumed = await socket.next('resumed')
    const snapshot = await socket.next('snapshot')
    expect(snapshot.cursor).toBeGreaterThanOrEqual(now)
    expect(resumed.cursor).toEqual(expect.any(Number))
    await socket.close()
  }
  const current = await resume(browser, server, { cursor: now })
  expect(await current.next('resumed')).toMatchObject({ cursor: now })
  await current.quiet(300)
  await current.close()
})

requirement(
  '1.35',
  async () => {
    const { ada, adaPhone, conversation } = await pair(server)
    const browser = await link(ada)
    await browser.socket.close()
    for (let sent = 0; sent < 1_050; sent += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, at) => adaPhone.ok(message(conversation, `${sent + at}`), 20_000)),
      )
      adaPhone.drain()
    }
    const socket = await resume(browser, server, { cursor: browser.snapshot.cursor })
    await socket.next('resumed')
    const snapshot = await socket.next('snapshot')
    expect(snapshot.cursor).toBeGreaterThan(browser.snapshot.cursor + 1_000)
    await socket.close()
  },
  60_000,
)

requirement('1.35', 'by bytes', async () => {
  const { ada, adaPhone, conversation } = await pair(server)
  const browser = await link(ada)
  await browser.socket.close()
  const text = 'ß'.repeat(8_192)
  for (let sent = 0; sent < 70; sent++) await adaPhone.ok(message(conversation, text))
  const socket = await resume(browser, server, { cursor: browser.snapshot.cursor })
  await socket.next('resumed')
  await socket.next('snapshot')
  expect(socket.largest).toBeLessThanOrEqual(256 * 1024)
  await socket.close()
})

requirement('1.37', async () => {
  const browser = await link(await signIn(published))
  const { host } = new URL(published.origin)
  for (const dialled of [host, 'chat.example']) {
    for (const origin of [published.origin, 'https://chat.example']) {
      const sign = (_: string, nonce: string): string => proveResume(browser.key, dialled, browser.device, nonce)
      const socket = await resume(browser, published, { origin, sign })
      await socket.next('resumed')
      await socket.close()
    }
  }
  for (const dialled of ['evil.example', 'chat.example.evil.example', 'https://chat.example', '']) {
    const sign = (_: string, nonce: string): string => proveResume(browser.key, dialled, browser.device, nonce)
    const socket = await resume(browser, published, { sign })
    expect(await socket.ends()).toMatchObject({ code: 4401 })
  }
})

requirement('1.36', 'lost while the approval is under way', async () => {
  const person = await signIn(server)
  const { socket, key, qr } = await openBrowser(server)
  await scan(person, qr.token)
  await socket.next('scanned')
  const approving = approve(person, qr.token)
  socket.cut()
  const { status } = await approving
  const listed = (await asPhone(person, '/v1/devices')).json.devices.map(({ id }: { id: string }) => id)
  // Both sides end linked, or neither.
  if (status === 200) {
    expect(listed).toEqual([qr.device])
    const again = await resume({ key, device: qr.device }, server)
    await again.next('resumed')
    await again.next('snapshot')
    await again.close()
  } else {
    expect(status).toBe(410)
    expect(listed).toEqual([])
    await resumeInVain({ key, device: qr.device }, server)
  }
})

requirement('1.36', 'lost right after it', async () => {
  const person = await signIn(server)
  for (let round = 0; round < 8; round++) {
    const { socket, key, qr } = await openBrowser(server)
    await scan(person, qr.token)
    await socket.next('scanned')
    const approved = await approve(person, qr.token)
    socket.cut()
    expect(approved.status).toBe(200)
    const again = await resume({ key, device: qr.device }, server)
    expect(await again.next('resumed')).toMatchObject({ device: { id: qr.device } })
    await again.next('snapshot')
    await asPhone(person, `/v1/devices/${qr.device}`, { method: 'DELETE' })
    expect(await again.ends()).toMatchObject({ code: 4410 })
  }
})

function expectDense(socket: TestSocket, after: number): void {
  const cursors = socket.seen.filter(({ type }) => type === 'event').map(({ cursor }) => cursor)
  expect(cursors).toEqual(cursors.map((_, index) => after + 1 + index))
}
