import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { Companion } from '../../src/companion/companion.ts'
import type { QrFrame } from '../../src/protocol/frames.ts'
import { wireId } from '../../src/protocol/ids.ts'
import { alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { accountOf, Browser, companionOf, json, link, Phone, refusal } from '../support/service.ts'
import { callerFor, createAccount, createDevice, evict, openPhone } from './support.ts'

const NOTHING = { ok: true, value: { devices: 0, sessions: 0 } }

afterEach(() => vi.restoreAllMocks())

/** Holds the next call that an approval makes to the account, until it is let go. */
function holdApproval() {
  const original = Account.prototype.addDevice
  const held = { isLetGo: false, calls: 0 }
  vi.spyOn(Account.prototype, 'addDevice').mockImplementationOnce(async function (this: Account, ...args) {
    held.calls++
    // One object may not await another's promise, so the end of it is looked for.
    for (let tries = 0; !held.isLetGo && tries < 200; tries++) await scheduler.wait(5)
    return Reflect.apply(original, this, args)
  })
  return held
}

async function scanned(phone: Phone) {
  const browser = await Browser.create()
  const socket = await browser.open()
  const { token } = await socket.next<QrFrame>('qr')
  await json(await phone.scan(token))
  await socket.next('scanned')
  return { socket, token }
}

describe('the operator’s command', () => {
  useFakeDate()

  it('S27: ends every linked browser and leaves the phones, evicted before and after; repeated it ends nothing', async () => {
    const phone = await Phone.signIn()
    const [one, two] = [await link(phone), await link(phone)]
    const stream = await phone.openStream()
    await stream.next('snapshot')
    const stub = accountOf(phone.account.id)
    await evict({ stub } as never)
    expect(await stub.cutOff('devices')).toEqual({ ok: true, value: { devices: 2, sessions: 0 } })
    for (const { socket, browser, device } of [one, two]) {
      expect(await socket.find(({ type }) => type === 'unlinked')).toMatchObject({ reason: 'phone' })
      expect(await socket.closed()).toBe(4410)
      const back = await browser.resume(device.id)
      expect(await back.next('unlinked')).toMatchObject({ reason: 'phone' })
    }
    await stream.find(({ type, event }) => type === 'event' && (event as { linked?: boolean }).linked === false)
    await evict({ stub } as never)
    expect(await stub.cutOff('devices')).toEqual(NOTHING)
    expect(await phone.devices()).toEqual([])
    await link(phone)
  })

  it('S27: signs every phone out and leaves the browsers, evicted before and after; repeated it ends nothing', async () => {
    const ada = await createAccount()
    const other = await ada.stub.signIn(ada.id, ada.number)
    if (!other.ok) throw new Error(other.code)
    const phones = [await openPhone(ada), await openPhone(ada, null, { session: other.value.session })]
    const device = createDevice()
    await ada.stub.addDevice(device, ada.caller, false)
    await evict(ada)
    expect(await ada.stub.cutOff('sessions')).toEqual({ ok: true, value: { devices: 0, sessions: 2 } })
    for (const phone of phones) expect(await phone.closed()).toBe(4401)
    await evict(ada)
    expect(await ada.stub.profile(ada.caller)).toEqual({ ok: false, code: 'unauthorized' })
    for (const token of [ada.refreshToken, other.value.refreshToken]) {
      expect(await ada.stub.refresh(token)).toEqual({ ok: false, code: 'unauthorized' })
    }
    expect(await ada.stub.cutOff('sessions')).toEqual(NOTHING)
    expect(await ada.stub.connectDevice(device.id, null)).toMatchObject({ outcome: 'connected' })
    const again = await ada.stub.signIn(ada.id, ada.number)
    expect(again).toMatchObject({ ok: true, value: { account: { id: ada.id } } })
  })

  it('S27: refuses an outside issuer’s tokens of before, and takes those of afterwards', async () => {
    const stub = env.ACCOUNT.get(env.ACCOUNT.idFromName(`oidc:${crypto.randomUUID()}`))
    const before = callerFor(wireId(stub.id.toString()), null)
    expect(await stub.profile(before)).toMatchObject({ ok: true })
    expect(await stub.cutOff('all')).toEqual(NOTHING)
    await evict({ stub } as never)
    expect(await stub.profile(before)).toEqual({ ok: false, code: 'unauthorized' })
    expect(await stub.profile({ ...before, issuedAt: Date.now() + 1000 })).toMatchObject({ ok: true })
  })

  it('S27: an approval that is under way meanwhile links nothing once its phone is signed out', async () => {
    const phone = await Phone.signIn()
    const { socket, token } = await scanned(phone)
    const held = holdApproval()
    const approval = phone.approve(token)
    await vi.waitFor(() => expect(held.calls).toBe(1))
    const stub = accountOf(phone.account.id)
    expect(await stub.cutOff('all')).toEqual({ ok: true, value: { devices: 0, sessions: 1 } })
    held.isLetGo = true
    expect(await refusal(await approval)).toBe('401 unauthorized')
    expect(await stub.cutOff('all')).toEqual(NOTHING)
    expect(socket.waiting.map(({ type }) => type)).not.toContain('linked')
  })

  it('S27: an approval whose call was lost is refused when the alarm repeats it', async () => {
    const phone = await Phone.signIn()
    const { socket, token } = await scanned(phone)
    vi.spyOn(Account.prototype, 'addDevice').mockRejectedValueOnce(new Error('down'))
    await phone.approve(token)
    const stub = accountOf(phone.account.id)
    await stub.cutOff('all')
    await evict({ stub } as never)
    await fireAlarm(companionOf(token))
    expect(await stub.cutOff('all')).toEqual(NOTHING)
    expect(socket.waiting.map(({ type }) => type)).not.toContain('linked')
  })

  it('S27: a browser that cannot be told at once is told by the alarm, after an eviction in the middle', async () => {
    const phone = await Phone.signIn()
    const { socket } = await link(phone)
    const end = vi.spyOn(Companion.prototype, 'end').mockRejectedValue(new Error('down'))
    const stub = accountOf(phone.account.id)
    expect(await stub.cutOff('all')).toEqual({ ok: true, value: { devices: 1, sessions: 1 } })
    expect(await socket.ask({ type: 'conversations' })).toMatchObject({ code: 'not_allowed' })
    await evict({ stub } as never)
    expect(end).toHaveBeenCalledOnce()
    end.mockRestore()
    await fireAlarm(stub)
    expect(await socket.find(({ type }) => type === 'unlinked')).toMatchObject({ reason: 'phone' })
    expect(await socket.closed()).toBe(4410)
  })

  it('S27: finds no account where there is none or none any more, and makes none', async () => {
    const stub = env.ACCOUNT.get(env.ACCOUNT.newUniqueId())
    expect(await stub.cutOff('all')).toEqual({ ok: false, code: 'not_found' })
    const tables = await runInDurableObject(stub, (_, { storage: { sql } }) =>
      sql.exec('SELECT name FROM sqlite_master').toArray(),
    )
    expect(tables).toEqual([])
    expect(await alarmAt(stub)).toBeNull()
    const ada = await createAccount()
    await ada.stub.deleteAccount(ada.caller)
    expect(await ada.stub.cutOff('all')).toEqual({ ok: false, code: 'not_found' })
  })
})
