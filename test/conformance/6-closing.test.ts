/** Section 6: how sockets end, and that the object behind them lives on. */
import { expect } from 'vitest'
import {
  link,
  message,
  openBrowser,
  openPhone,
  pair,
  resume,
  resumeInVain,
  scan,
  signIn,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { OPCODE } from '../support/outside/websocket-frames.ts'
import { requirement } from './requirements.ts'

const server = useServer()
const fragile = useServer()

const LIMIT_BYTES = 64 * 1024

requirement('6.1', 'of an unlinked browser', async () => {
  for (const text of ['a'.repeat(LIMIT_BYTES + 1), 'ß'.repeat(LIMIT_BYTES / 2 + 1), 'a'.repeat(1024 * 1024)]) {
    const { socket } = await openBrowser(server)
    socket.sendText(text)
    expect(await socket.ends()).toMatchObject({ code: 4413 })
  }
  const { socket } = await openBrowser(server)
  socket.send({ type: 'sleep', padding: 'a'.repeat(LIMIT_BYTES - 40) })
  await socket.ping()
  await socket.close()
})

requirement('6.1', 'of a linked browser, which comes back', async () => {
  const person = await signIn(server)
  const browser = await link(person)
  browser.socket.send({ type: 'conversations', ids: [], ref: 'r', padding: 'a'.repeat(1024 * 1024) })
  expect(await browser.socket.ends()).toMatchObject({ code: 4413 })
  const again = await resume(browser, server)
  await again.next('resumed')
  await again.close()
})

requirement('6.1', 'of a phone', async () => {
  const person = await signIn(server)
  const [{ socket }, { socket: other }] = [await openPhone(person), await openPhone(person)]
  socket.sendBinary(new Uint8Array(1024 * 1024))
  expect(await socket.ends()).toMatchObject({ code: 4413 })
  await other.ping()
  await other.ok({ type: 'conversations', ids: [] })
  await other.close()
})

requirement('6.3', async () => {
  const person = await signIn(server)
  const open = [
    async () => (await openBrowser(server)).socket,
    async () => (await link(person)).socket,
    async () => (await openPhone(person)).socket,
  ]
  for (const start of open) {
    for (const code of [1000, 1001, 4000]) {
      const socket = await start()
      expect(await socket.close(code, 2_000)).toMatchObject({ code: code === 1001 ? expect.any(Number) : code })
    }
    // A close frame without a code: the answer comes all the same.
    const socket = await start()
    socket.sendFrame(OPCODE.close, Buffer.alloc(0))
    expect((await socket.ends(2_000)).code).not.toBe(1006)
  }
})

requirement(
  '6.4',
  async () => {
    const { ada, bob, adaPhone, conversation } = await pair(fragile)
    const browser = await link(bob)
    const waiting = await openBrowser(fragile)
    await adaPhone.ok(message(conversation, 'before'))
    await browser.socket.event('message')
    const { cursor } = browser.socket.seen.findLast(({ type }) => type === 'event')!
    await fragile.restart()
    await Promise.all([browser.socket.ends(), waiting.socket.ends(), adaPhone.ends()])
    const { socket: phone } = await openPhone(ada)
    await phone.ok(message(conversation, 'after'))
    const again = await resume(browser, fragile, { cursor })
    expect(await again.next('resumed')).toMatchObject({ device: { id: browser.device } })
    expect((await again.event('message')).message.text).toBe('after')
    // The code on the screen went with its socket; its browser gets 4401 and starts anew.
    expect((await scan(ada, waiting.qr.token)).status).toBe(410)
    await resumeInVain({ key: waiting.key, device: waiting.qr.device }, fragile)
    await again.close()
  },
  60_000,
)
