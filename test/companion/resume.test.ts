import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import type { QrFrame } from '../../src/protocol/frames.ts'
import { advance, alarmAt, useFakeDate } from '../support/clock.ts'
import { Browser, companionOf, json, link, openSocket, Phone, refusal } from '../support/service.ts'

useFakeDate()

const challenge = async (device: string) => {
  const socket = await openSocket(`/v1/socket?device=${device}`)
  const { nonce } = await socket.next<{ nonce: string }>('challenge')
  return { socket, nonce }
}

describe('a resume', () => {
  it('goes on exactly after its cursor', async () => {
    const phone = await Phone.signIn()
    const { browser, device, snapshot } = await link(phone)
    const resumed = await browser.resume(device.id, snapshot.cursor)
    expect(await resumed.next('resumed')).toMatchObject({ cursor: snapshot.cursor, device: { id: device.id } })
    await json(await phone.call('PATCH', '/v1/account', { name: 'Renamed' }))
    const event = await resumed.find<{ cursor: number }>((frame) => frame.type === 'event')
    expect(event.cursor).toBe(snapshot.cursor + 1)
  })

  it('gets a snapshot without a cursor, with a malformed one and with one from the future', async () => {
    const { browser, device } = await link(await Phone.signIn())
    for (const cursor of [undefined, -1, Number.NaN, 1e9]) {
      const resumed = await browser.resume(device.id, cursor)
      expect(await resumed.next('resumed')).toMatchObject({ cursor: 0 })
      await resumed.next('snapshot')
    }
  })

  it('replaces an older socket only once it has proven its key (S31)', async () => {
    const { browser, socket, device } = await link(await Phone.signIn())
    const { socket: unproven } = await challenge(device.id)
    expect((await socket.ask({ type: 'conversations' })).type).toBe('ok')
    unproven.close()
    await (await browser.resume(device.id)).next('resumed')
    expect(await socket.closed()).toBe(4409)
  })

  it('S9: of a device that is unlinked while the account answers learns it, and gets no stream', async () => {
    const phone = await Phone.signIn()
    const { browser, socket, device } = await link(phone)
    socket.close()
    await socket.closed()
    const original = Account.prototype.connectDevice
    vi.spyOn(Account.prototype, 'connectDevice').mockImplementationOnce(async function (this: Account, ...args) {
      const answer = await original.apply(this, args)
      await phone.call('DELETE', `/v1/devices/${device.id}`)
      return answer
    })
    const resumed = await browser.resume(device.id)
    expect(await resumed.next('unlinked')).toMatchObject({ reason: 'phone' })
    expect(await resumed.closed()).toBe(4410)
  })

  it('is refused 4401 for a recorded proof, another key, another host, another device, a late proof or anything else (S17)', async () => {
    const { browser, device } = await link(await Phone.signIn())
    const other = await Browser.create()
    const first = await challenge(device.id)
    const recorded = await browser.sign(device.id, first.nonce)
    const proofs: [string, (nonce: string) => unknown][] = [
      ['recorded', () => ({ type: 'prove', signature: recorded })],
      ['another key', async (nonce) => ({ type: 'prove', signature: await other.sign(device.id, nonce) })],
      [
        'another host',
        async (nonce) => ({ type: 'prove', signature: await browser.sign(device.id, nonce, 'evil.example') }),
      ],
      ['another device', async (nonce) => ({ type: 'prove', signature: await browser.sign('x', nonce) })],
      ['no signature', () => ({ type: 'prove' })],
      ['another frame', () => ({ type: 'wake' })],
      ['no frame', () => '{'],
    ]
    for (const [what, prove] of proofs) {
      const { socket, nonce } = await challenge(device.id)
      socket.send(await prove(nonce))
      expect(await socket.closed(), what).toBe(4401)
    }
    const { socket, nonce } = await challenge(device.id)
    advance(10_001)
    socket.send({ type: 'prove', signature: await browser.sign(device.id, nonce) })
    expect(await socket.closed()).toBe(4401)
    await (await browser.resume(device.id)).next('resumed')
  })

  it('of an unknown or malformed device is 4401 and writes nothing', async () => {
    const { socket: screen, token } = await (async () => {
      const socket = await (await Browser.create()).open()
      return { socket, token: (await socket.next<QrFrame>('qr')).token }
    })()
    screen.close()
    await screen.closed()
    await vi.waitFor(async () => expect(await alarmAt(companionOf(token))).toBeNull())
    const known = token.slice(0, 42)
    for (const device of ['x', '', 'A'.repeat(43), `${known}A`, `${known}g`]) {
      const socket = await openSocket(`/v1/socket?device=${encodeURIComponent(device)}`)
      expect(await socket.closed(), device).toBe(4401)
    }
    expect(await runInDurableObject(companionOf(token), (_, { storage }) => [...storage.kv.list()])).toEqual([])
  })

  it('that proves an unlinked companion ends it: both tokens die, the older socket closes, then 4401', async () => {
    const [phone, browser] = await Promise.all([Phone.signIn(), Browser.create()])
    const socket = await browser.open()
    const { token, device } = await socket.next<QrFrame>('qr')
    await json(await phone.scan(token))
    const resumed = await browser.resume(device)
    expect(await resumed.closed()).toBe(4401)
    expect(await socket.find((frame) => frame.type === 'scanned')).toBeDefined()
    expect(await socket.closed()).toBe(4401)
    expect(await refusal(await phone.approve(token))).toBe('410 link_token_invalid')
    expect(await phone.devices()).toEqual([])
  })
})
