import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { Companion } from '../../src/companion/companion.ts'
import type { QrFrame } from '../../src/protocol/frames.ts'
import type { DeviceCard } from '../../src/protocol/model.ts'
import { advance, alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { accountOf, Browser, companionOf, json, link, Phone, refusal } from '../support/service.ts'
import type { TestSocket } from '../support/socket.ts'

useFakeDate()
afterEach(() => {
  vi.restoreAllMocks()
})

interface Shown {
  phone: Phone
  browser: Browser
  socket: TestSocket
  token: string
  device: string
}

/** A screen that shows a code, and a phone that has not scanned it yet. */
async function show(): Promise<Shown> {
  const [phone, browser] = await Promise.all([Phone.signIn(), Browser.create()])
  const socket = await browser.open()
  const { token, device } = await socket.next<QrFrame>('qr')
  return { phone, browser, socket, token, device }
}

async function hold(): Promise<Shown> {
  const shown = await show()
  await json(await shown.phone.scan(shown.token))
  await shown.socket.next('scanned')
  return shown
}

const approved = async (response: Response): Promise<DeviceCard> =>
  (await json<{ device: DeviceCard }>(response)).device

/** Fails the next call of an object's method, before it did anything or after it did all. */
function failOnce(method: 'addDevice' | 'connectDevice' | 'pull', when: 'before' | 'after'): void {
  const original = Account.prototype[method] as (...args: unknown[]) => Promise<unknown>
  vi.spyOn(Account.prototype, method).mockImplementationOnce(async function (this: Account, ...args: unknown[]) {
    if (when === 'after') await Reflect.apply(original, this, args)
    throw new Error('the network between the objects failed')
  })
}

describe('a link', () => {
  it('goes all the way with both objects evicted between every two steps', async () => {
    const [phone, browser] = await Promise.all([Phone.signIn(), Browser.create()])
    const account = accountOf(phone.account.id)
    const socket = await browser.open()
    const { token, device: id } = await socket.next<QrFrame>('qr')
    const companion = companionOf(token)
    const evict = async (): Promise<void> => {
      await evictDurableObject(companion)
      await evictDurableObject(account).catch(() => undefined)
    }
    await evict()
    await json(await phone.scan(token))
    await socket.next('scanned')
    await evict()
    const device = await approved(await phone.approve(token))
    await socket.next('linked')
    const { cursor } = await socket.next<{ cursor: number }>('snapshot')
    expect(device.id).toBe(id)
    await evict()
    expect(await approved(await phone.approve(token))).toEqual(device)
    await evict()
    expect((await socket.ask({ type: 'conversations' })).type).toBe('ok')
    await evict()
    const resumed = await browser.resume(id, cursor)
    expect(await resumed.next('resumed')).toMatchObject({ device: { id } })
    expect(await socket.closed()).toBe(4409)
    await evict()
    expect(await phone.devices()).toMatchObject([{ id, online: true }])
    await phone.call('DELETE', `/v1/devices/${id}`)
    await resumed.find((frame) => frame.type === 'unlinked')
    expect(await resumed.closed()).toBe(4410)
  })

  it('is the same device for a repeated approve and for two at once (S3)', async () => {
    const { phone, socket, token } = await hold()
    const [first, second] = await Promise.all([phone.approve(token), phone.approve(token)])
    expect(await approved(first)).toEqual(await approved(second))
    await socket.next('linked')
    expect(await approved(await phone.approve(token))).toMatchObject({ name: 'Chrome on Linux' })
    expect(await phone.devices()).toHaveLength(1)
  })

  it('is told to the holder alone: another account gets 410 and no device (S3)', async () => {
    const { phone, token } = await hold()
    await phone.approve(token)
    const mallory = await Phone.signIn()
    for (const response of [await mallory.scan(token), await mallory.approve(token), await mallory.decline(token)]) {
      expect(await refusal(response)).toBe('410 link_token_invalid')
    }
    expect(await mallory.devices()).toEqual([])
  })

  it('is won by exactly one of fifty phones that scan and approve at once (S3)', async () => {
    const { socket, token } = await show()
    const phones = await Promise.all(Array.from({ length: 50 }, () => Phone.signIn()))
    const answers = await Promise.all(
      phones.map(async (phone) => {
        await phone.scan(token)
        return phone.approve(token)
      }),
    )
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
    await socket.next('scanned')
    await socket.next('linked')
    const linked = await Promise.all(phones.map((phone) => phone.devices()))
    expect(linked.flat()).toHaveLength(1)
  }, 30_000)
})

describe('when the call between the objects fails', () => {
  for (const when of ['before', 'after'] as const) {
    it(`${when} the account did its part, the alarm rolls forward to one device on both sides`, async () => {
      const { phone, socket, token, device } = await hold()
      failOnce('addDevice', when)
      expect(await refusal(await phone.approve(token))).toBe('500 internal')
      await evictDurableObject(companionOf(token))
      await fireAlarm(companionOf(token))
      await socket.next('linked')
      await socket.next('snapshot')
      expect(await phone.devices()).toMatchObject([{ id: device, online: true }])
    })

    it(`${when} the account did its part, a repeated approve joins and gets the device`, async () => {
      const { phone, socket, token, device } = await hold()
      failOnce('addDevice', when)
      await phone.approve(token)
      expect(await approved(await phone.approve(token))).toMatchObject({ id: device })
      await socket.next('linked')
      expect(await phone.devices()).toHaveLength(1)
    })

    it(`${when} the account did its part and the socket has gone, a resume finds the device`, async () => {
      const { phone, browser, socket, token, device } = await hold()
      failOnce('addDevice', when)
      await phone.approve(token)
      socket.close()
      await socket.closed()
      const resumed = await browser.resume(device)
      await resumed.next('resumed')
      await resumed.next('snapshot')
      expect(await phone.devices()).toMatchObject([{ id: device, online: true }])
    })
  }

  it('again and again, it is repeated with growing waits and nothing is lost', async () => {
    const { phone, socket, token } = await hold()
    const spy = vi.spyOn(Account.prototype, 'addDevice').mockRejectedValue(new Error('down'))
    await phone.approve(token)
    const waits: number[] = []
    for (let time = 0; time < 4; time++) {
      waits.push(((await alarmAt(companionOf(token))) ?? 0) - Date.now())
      await fireAlarm(companionOf(token))
    }
    expect(waits).toEqual([2000, 4000, 8000, 16_000])
    spy.mockRestore()
    await fireAlarm(companionOf(token))
    await socket.next('linked')
  })

  it('in a resume, the socket is closed 1011 and never 4401', async () => {
    const { browser, device } = await link(await Phone.signIn())
    failOnce('connectDevice', 'before')
    const socket = await browser.resume(device.id)
    expect(await socket.closed()).toBe(1011)
    await (await browser.resume(device.id)).next('resumed')
  })
})

describe('when the socket drops', () => {
  it('between scan and approve, the phone hears 410 and nothing is left', async () => {
    const { phone, socket, token } = await hold()
    socket.close()
    await socket.closed()
    await vi.waitFor(async () => expect(await alarmAt(companionOf(token))).toBeNull())
    expect(await refusal(await phone.approve(token))).toBe('410 link_token_invalid')
    expect(await phone.devices()).toEqual([])
  })

  it('between approve and linked, the device is there when the browser comes back', async () => {
    const { phone, browser, socket, token, device } = await hold()
    const original = Account.prototype.addDevice
    const drop = { isDone: false }
    vi.spyOn(Account.prototype, 'addDevice').mockImplementationOnce(async function (this: Account, ...args) {
      // One object may not await another's socket, so the drop is looked for.
      for (let tries = 0; !drop.isDone && tries < 200; tries++) await scheduler.wait(5)
      return Reflect.apply(original, this, args)
    })
    const answer = phone.approve(token)
    await vi.waitFor(() => expect(Account.prototype.addDevice).toHaveBeenCalled())
    socket.close()
    await socket.closed()
    drop.isDone = true
    expect(await approved(await answer)).toMatchObject({ id: device })
    await vi.waitFor(async () => expect(await phone.devices()).toMatchObject([{ id: device, online: false }]))
    const resumed = await browser.resume(device)
    expect(await resumed.next('resumed')).toMatchObject({ device: { id: device } })
    await resumed.next('snapshot')
  })

  it('between linked and snapshot, the browser comes back to a snapshot', async () => {
    const { phone, browser, socket, token, device } = await hold()
    await phone.approve(token)
    await socket.next('linked')
    socket.close()
    const resumed = await browser.resume(device)
    await resumed.next('resumed')
    await resumed.next('snapshot')
    expect(await phone.devices()).toHaveLength(1)
  })
})

describe('the account refuses', () => {
  it('a fifth device: the hold stays and the phone may go on after it made room', async () => {
    const phone = await Phone.signIn()
    const links = []
    for (let count = 0; count < 4; count++) links.push(await link(phone))
    const browser = await Browser.create()
    const socket = await browser.open()
    const { token } = await socket.next<QrFrame>('qr')
    await json(await phone.scan(token))
    await socket.next('scanned')
    expect(await refusal(await phone.approve(token))).toBe('409 too_many_devices')
    await phone.call('DELETE', `/v1/devices/${links[0]?.device.id}`)
    await approved(await phone.approve(token))
    await socket.next('linked')
  })

  it('a fifth device after the hold is over: a fresh code shows', async () => {
    const phone = await Phone.signIn()
    for (let count = 0; count < 4; count++) await link(phone)
    const browser = await Browser.create()
    const socket = await browser.open()
    const { token } = await socket.next<QrFrame>('qr')
    await json(await phone.scan(token))
    await socket.next('scanned')
    advance(119_000)
    const original = Account.prototype.addDevice
    vi.spyOn(Account.prototype, 'addDevice').mockImplementationOnce(async function (this: Account, ...args) {
      advance(2000)
      return Reflect.apply(original, this, args)
    })
    expect(await refusal(await phone.approve(token))).toBe('409 too_many_devices')
    expect((await socket.next<QrFrame>('qr')).rotation).toBe(1)
  })
})

describe('an unlinked device', () => {
  it('is told, closed 4410, and learns the reason each time it proves its key (S9)', async () => {
    const phone = await Phone.signIn()
    const { browser, socket, device } = await link(phone)
    expect((await phone.call('DELETE', `/v1/devices/${device.id}`)).status).toBe(204)
    expect(await socket.find((frame) => frame.type === 'unlinked')).toMatchObject({ reason: 'phone' })
    expect(await socket.closed()).toBe(4410)
    await evictDurableObject(companionOf(device.id))
    for (let time = 0; time < 2; time++) {
      const again = await browser.resume(device.id)
      expect(await again.next('unlinked')).toEqual({ type: 'unlinked', reason: 'phone' })
      expect(await again.closed()).toBe(4410)
    }
  })

  it('that signs itself out gets ok, then unlinked', async () => {
    const phone = await Phone.signIn()
    const { socket, device } = await link(phone)
    expect((await socket.ask({ type: 'unlink' })).type).toBe('ok')
    expect(await socket.find((frame) => frame.type === 'unlinked')).toMatchObject({ reason: 'companion' })
    expect(await socket.closed()).toBe(4410)
    expect(await phone.devices()).toEqual([])
    await evictDurableObject(companionOf(device.id))
  })

  it('learns it from the account when the call to its companion was lost', async () => {
    const phone = await Phone.signIn()
    const { browser, socket, device } = await link(phone)
    socket.close()
    await socket.closed()
    vi.spyOn(Companion.prototype, 'end').mockRejectedValue(new Error('down'))
    await phone.call('DELETE', `/v1/devices/${device.id}`)
    const again = await browser.resume(device.id)
    expect(await again.next('unlinked')).toEqual({ type: 'unlinked', reason: 'phone' })
    expect(await again.closed()).toBe(4410)
  })

  it('is forgotten after 90 days', async () => {
    const phone = await Phone.signIn()
    const { socket, device } = await link(phone)
    await socket.ask({ type: 'unlink' })
    await socket.closed()
    const companion = companionOf(device.id)
    await runDurableObjectAlarm(companion)
    expect(await alarmAt(companion)).toBe(Date.now() + 90 * 86_400_000)
    await fireAlarm(companion)
    expect(await runInDurableObject(companion, (_, { storage }) => [...storage.kv.list()])).toEqual([])
  })
})
