import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { forgetAll } from '../../src/account/memory.ts'
import { Companion } from '../../src/companion/companion.ts'
import type { Push } from '../../src/companion/rpc.ts'
import { wireId } from '../../src/protocol/ids.ts'
import type { UnlinkReason } from '../../src/protocol/model.ts'
import { CONNECTING_MS, ENDED_DEVICE_KEPT_MS, PUSH_AGAIN_MS } from '../../src/protocol/limits.ts'
import { advance, alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import {
  createAccount,
  createDevice,
  createPair,
  cursorsOf,
  evict,
  openPhone,
  sendText,
  type TestAccount,
} from './support.ts'

const DAY_MS = 86_400_000

/** Devices of the running test: alarms of earlier ones' accounts still fire, and are none of its business. */
let linked = new Set<string>()

beforeEach(() => {
  linked = new Set()
})
afterEach(() => vi.restoreAllMocks())

async function linkDevice(account: TestAccount, online = true, device = createDevice()): Promise<string> {
  linked.add(device.id)
  const result = await account.stub.addDevice(device, account.caller, online)
  expect(result.outcome).toBe('linked')
  return device.id
}

/** Stands in for the companions of this test: what they were told, and how the next calls go. */
function companions(answer: 'delivered' | 'offline' | 'gone' = 'delivered') {
  const seen = {
    answer,
    calls: 0,
    failing: 0,
    pushes: [] as Push[],
    ends: [] as UnlinkReason[],
    failingEnds: 0,
    endCalls: 0,
    cursors: () => seen.pushes.flatMap(({ events }) => cursorsOf(events)),
  }
  const isOurs = (companion: Companion) =>
    linked.has(wireId((companion as unknown as { ctx: DurableObjectState }).ctx.id.toString()))
  vi.spyOn(Companion.prototype, 'push').mockImplementation(async function (this: Companion, push) {
    if (!isOurs(this)) return push.head
    seen.calls++
    if (seen.failing-- > 0) throw new Error('out of reach')
    seen.pushes.push(push)
    return seen.answer === 'delivered' ? push.head : seen.answer
  })
  vi.spyOn(Companion.prototype, 'end').mockImplementation(async function (this: Companion, reason) {
    if (!isOurs(this)) return
    seen.endCalls++
    if (seen.failingEnds-- > 0) throw new Error('out of reach')
    seen.ends.push(reason)
  })
  return seen
}

describe('a device', () => {
  useFakeDate()

  it('is linked once however often it is added, and told to the phone and the other devices (S10)', async () => {
    const ada = await createAccount()
    const spy = companions()
    const first = await linkDevice(ada)
    const phone = await openPhone(ada)
    advance(1)
    const device = createDevice('Work')
    linked.add(device.id)
    const added = await ada.stub.addDevice(device, ada.caller, true)
    await evict(ada)
    const again = await ada.stub.addDevice(device, null, true)
    expect(again).toMatchObject({ outcome: 'linked', device: { id: device.id, name: 'Work' }, account: { id: ada.id } })
    expect(added).toMatchObject({ outcome: 'linked', snapshot: { type: 'snapshot', cursor: 2 } })
    expect(await phone.event('device')).toMatchObject({ device: { id: device.id, name: 'Work' }, linked: true })
    await vi.waitFor(() => expect(spy.cursors()).toContain(2))
    const list = await ada.stub.devices(ada.caller)
    expect(list).toMatchObject({
      value: {
        devices: [
          { id: first, online: true },
          { id: device.id, online: true, place: { country: 'SE' } },
        ],
      },
    })
  })

  it('is not pushed its own beginning, which is in its snapshot', async () => {
    const ada = await createAccount()
    const spy = companions()
    await linkDevice(ada)
    await evict(ada)
    expect(spy.calls).toBe(0)
  })

  it('is refused when there are too many, until one makes room', async () => {
    const ada = await createAccount()
    companions()
    const ids = []
    for (let count = 0; count < 4; count++) ids.push(await linkDevice(ada))
    const fifth = createDevice()
    expect(await ada.stub.addDevice(fifth, ada.caller, true)).toEqual({ outcome: 'too_many_devices' })
    expect(await ada.stub.unlinkDevice(ada.caller, ids[0] ?? '')).toEqual({ ok: true, value: null })
    expect(await ada.stub.addDevice(fifth, ada.caller, true)).toMatchObject({ outcome: 'linked' })
  })

  it('of an ended session is not added; one added before is', async () => {
    const ada = await createAccount()
    companions()
    const [known, fresh] = [createDevice(), createDevice()]
    await ada.stub.addDevice(known, ada.caller, true)
    await ada.stub.signOut(ada.caller)
    expect(await ada.stub.addDevice(fresh, ada.caller, true)).toEqual({ outcome: 'unauthorized' })
    expect(await ada.stub.addDevice(known, ada.caller, true)).toMatchObject({ outcome: 'linked' })
  })

  it('that ended is never added again, and learns its reason', async () => {
    const ada = await createAccount()
    const spy = companions()
    const device = createDevice()
    await linkDevice(ada, true, device)
    await ada.stub.unlinkDevice(ada.caller, device.id)
    await evict(ada)
    const ended = { outcome: 'ended', reason: 'phone' }
    expect(await ada.stub.addDevice(device, null, true)).toEqual(ended)
    expect(await ada.stub.connectDevice(device.id, 0)).toEqual(ended)
    expect(await ada.stub.pull(device.id, 0)).toEqual(ended)
    expect(await ada.stub.deviceRequests(device.id, [{ type: 'conversations', ref: 'r' }])).toMatchObject([
      { code: 'not_allowed' },
    ])
    expect(await ada.stub.unlinkDevice(ada.caller, device.id)).toEqual({ ok: false, code: 'not_found' })
    expect(spy.ends).toEqual(['phone'])
  })

  it('is told that it ended by the alarm when the first call fails', async () => {
    const ada = await createAccount()
    const spy = companions()
    const device = await linkDevice(ada)
    const phone = await openPhone(ada)
    spy.failingEnds = 2
    expect(await ada.stub.unlinkDevice(ada.caller, device)).toEqual({ ok: true, value: null })
    expect(await phone.event('device', (event) => !event.linked)).toMatchObject({ device: { id: device } })
    await evict(ada)
    await fireAlarm(ada.stub)
    expect(spy.endCalls).toBe(2)
    await evict(ada)
    await fireAlarm(ada.stub)
    expect(spy.endCalls).toBe(3)
    await runDurableObjectAlarm(ada.stub)
    advance(DAY_MS)
    await runInDurableObject(ada.stub, (instance) => instance.alarm())
    expect(spy.endCalls).toBe(3)
  })

  it('gets nothing after it was unlinked (S9)', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const spy = companions()
    const device = await linkDevice(ada)
    await ada.stub.unlinkDevice(ada.caller, device)
    spy.calls = 0
    await sendText(phoneA, conversation.id, 'private')
    await ada.stub.devices(ada.caller)
    expect(spy.calls).toBe(0)
  })

  it('all at once: unlinking all ends every one', async () => {
    const ada = await createAccount()
    const spy = companions()
    await linkDevice(ada)
    await linkDevice(ada, false)
    expect(await ada.stub.unlinkAllDevices(ada.caller)).toEqual({ ok: true, value: null })
    expect(spy.ends).toEqual(['phone', 'phone'])
    expect(await ada.stub.devices(ada.caller)).toEqual({ ok: true, value: { devices: [] } })
  })

  it('that signs itself out is not called for that', async () => {
    const ada = await createAccount()
    const spy = companions()
    const device = await linkDevice(ada)
    await ada.stub.unlinkSelf(device)
    await ada.stub.unlinkSelf(device)
    expect(await ada.stub.connectDevice(device, 0)).toEqual({ outcome: 'ended', reason: 'companion' })
    expect(spy.endCalls).toBe(0)
  })

  it('is renamed, and everybody told', async () => {
    const ada = await createAccount()
    companions()
    const device = await linkDevice(ada)
    const phone = await openPhone(ada)
    expect(await ada.stub.renameDevice(ada.caller, device, 'Desk')).toMatchObject({
      value: { id: device, name: 'Desk' },
    })
    expect(await phone.event('device')).toMatchObject({ device: { name: 'Desk' }, linked: true })
    expect(await ada.stub.renameDevice(ada.caller, createDevice().id, 'x')).toEqual({ ok: false, code: 'not_found' })
    expect(await ada.stub.unlinkDevice(ada.caller, createDevice().id)).toEqual({ ok: false, code: 'not_found' })
  })

  it('ends after 30 days of not being used, and one that is used stays (S27)', async () => {
    const ada = await createAccount()
    const spy = companions()
    const [unused, used] = [await linkDevice(ada, false), await linkDevice(ada, false)]
    advance(20 * DAY_MS)
    await ada.stub.connectDevice(used, null)
    await ada.stub.disconnectDevice(used)
    advance(10 * DAY_MS - 1)
    await runInDurableObject(ada.stub, (instance) => instance.alarm())
    expect(spy.endCalls).toBe(0)
    advance(1)
    await runInDurableObject(ada.stub, (instance) => instance.alarm())
    expect(await ada.stub.connectDevice(unused, null)).toEqual({ outcome: 'ended', reason: 'idle' })
    expect(spy.ends).toEqual(['idle'])
    // The first wake finds that the ended one was told, the second is that of the other's own time.
    await fireAlarm(ada.stub)
    expect(await alarmAt(ada.stub)).toBeGreaterThan(Date.now() + 19 * DAY_MS)
    await fireAlarm(ada.stub)
    expect(await ada.stub.connectDevice(used, null)).toEqual({ outcome: 'ended', reason: 'idle' })
  })

  it('S27: ends after 30 days also where its goodbye was lost and nothing happened since', async () => {
    const ada = await createAccount()
    const spy = companions('offline')
    const device = await linkDevice(ada)
    advance(30 * DAY_MS)
    await evict(ada)
    await runInDurableObject(ada.stub, (instance) => instance.alarm())
    expect(await ada.stub.connectDevice(device, null)).toEqual({ outcome: 'ended', reason: 'idle' })
    expect(spy.ends).toEqual(['idle'])
  })

  it('that is online for months does not end', async () => {
    const ada = await createAccount()
    companions()
    const device = await linkDevice(ada)
    for (let month = 0; month < 3; month++) {
      advance(31 * DAY_MS)
      await evict(ada)
      await runInDurableObject(ada.stub, (instance) => instance.alarm())
    }
    const phone = { ...ada.caller }
    expect((await ada.stub.connectDevice(device, null)).outcome).toBe('connected')
    expect(await ada.stub.devices(phone)).toMatchObject({ value: { devices: [{ id: device }] } })
  })

  it('that ended is forgotten after 90 days, once no event tells of it', async () => {
    const ada = await createAccount()
    companions()
    const [ended] = [await linkDevice(ada), await linkDevice(ada)]
    await ada.stub.unlinkDevice(ada.caller, ended)
    await ada.stub.updateProfile(ada.caller, { name: 'Ada' })
    advance(ENDED_DEVICE_KEPT_MS)
    await runInDurableObject(ada.stub, async (instance, { storage }) => {
      storage.sql.exec("UPDATE due SET at = 0 WHERE what = 'idle'")
      forgetAll(storage.sql)
      await instance.alarm()
      expect(storage.sql.exec('SELECT id FROM devices WHERE id = ?', ended).toArray()).toHaveLength(1)
      storage.sql.exec("DELETE FROM events WHERE kind = 'device'; UPDATE due SET at = 0 WHERE what = 'idle'")
      forgetAll(storage.sql)
      await instance.alarm()
      expect(storage.sql.exec('SELECT id FROM devices WHERE id = ?', ended).toArray()).toHaveLength(0)
    })
    expect(await ada.stub.connectDevice(ended, null)).toEqual({ outcome: 'ended', reason: 'phone' })
  })
})

describe('what a device asks', () => {
  it('is answered in its order, one list after the other, with null for typing', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    companions()
    const device = await linkDevice(ada)
    const [first, second] = await Promise.all([
      ada.stub.deviceRequests(device, [
        { type: 'start', ref: '1', account: bo.id },
        { type: 'typing', conversation: 'nobody', on: true },
      ]),
      ada.stub.deviceRequests(device, [{ type: 'conversations', ref: '2' }]),
    ])
    expect(first).toMatchObject([{ type: 'ok', ref: '1', conversation: { peer: { account: bo.id } } }, null])
    expect(second).toMatchObject([{ type: 'ok', ref: '2', conversations: [{ peer: { account: bo.id } }] }])
  })

  it('may be anything but what is the phone’s (S18)', async () => {
    const ada = await createAccount()
    companions()
    const device = await linkDevice(ada)
    const answers = await ada.stub.deviceRequests(device, [
      { type: 'block', ref: '1', account: 'x', on: true },
      { type: 'token', ref: '2', accessToken: 'x' },
      { type: 'upload', ref: '3', contentType: 'image/webp', bytes: 1 },
    ])
    expect(answers).toMatchObject([
      ...['1', '2'].map((ref) => ({ type: 'error', code: 'not_allowed', ref })),
      { type: 'ok', ref: '3', media: expect.any(String) },
    ])
  })
})

describe('a connected device', () => {
  it('gets what it missed: events, pages of them, or a snapshot', async () => {
    const { ada, phoneA, conversation } = await createPair()
    companions()
    const device = await linkDevice(ada, false)
    for (let index = 0; index < 30; index++) await sendText(phoneA, conversation.id, `${index} ${'x'.repeat(16_000)}`)
    await phoneA.event('status')
    const connected = await ada.stub.connectDevice(device, 3)
    if (connected.outcome !== 'connected' || connected.catchUp.kind !== 'events') throw new Error('no events')
    let { events, head } = connected.catchUp
    expect(cursorsOf(events)[0]).toBe(4)
    expect(JSON.stringify(events).length).toBeLessThan(256 * 1024 + 1024)
    const cursors = cursorsOf(events)
    while ((cursors.at(-1) ?? 0) < head) {
      const pulled = await ada.stub.pull(device, cursors.at(-1) ?? 0)
      if (pulled.outcome !== 'ok' || pulled.catchUp.kind !== 'events') throw new Error('no events')
      ;({ events, head } = pulled.catchUp)
      cursors.push(...cursorsOf(events))
    }
    expect(cursors).toEqual(cursors.map((_, index) => 4 + index))
    expect(await ada.stub.connectDevice(device, null)).toMatchObject({ catchUp: { kind: 'snapshot' } })
    expect(await ada.stub.connectDevice(device, 9_999)).toMatchObject({ catchUp: { kind: 'snapshot' } })
  })
})

describe('pushes', () => {
  useFakeDate()

  it('carry each event once and in order to every online device, whatever is evicted', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const spy = companions()
    await linkDevice(ada)
    const { pushes } = spy
    for (const text of ['1', '2', '3']) {
      const { seq } = await sendText(phoneA, conversation.id, text)
      await vi.waitFor(() => expect(spy.cursors()).toContain(seq))
      await phoneA.event('status', ({ deliveredUpTo }) => deliveredUpTo === seq)
      await vi.waitFor(async () => expect(pushes.at(-1)?.head).toBe(seq + 1))
      await evict(ada)
    }
    expect(spy.cursors()).toEqual([3, 4, 5, 6, 7, 8])
  })

  it('are never made to a device that is offline', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const spy = companions()
    const device = await linkDevice(ada)
    await ada.stub.disconnectDevice(device)
    await sendText(phoneA, conversation.id, 'x')
    await phoneA.event('status')
    await runDurableObjectAlarm(ada.stub)
    expect(spy.calls).toBe(0)
    expect(await ada.stub.devices(ada.caller)).toMatchObject({ value: { devices: [{ online: false }] } })
  })

  it('that find nobody mark the device offline, unless it has only just come', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const spy = companions('offline')
    await linkDevice(ada)
    await sendText(phoneA, conversation.id, 'just linked')
    await vi.waitFor(() => expect(spy.calls).toBeGreaterThan(0))
    await phoneA.event('status')
    expect(await ada.stub.devices(ada.caller)).toMatchObject({ value: { devices: [{ online: true }] } })
    advance(CONNECTING_MS)
    await fireAlarm(ada.stub)
    expect(await ada.stub.devices(ada.caller)).toMatchObject({ value: { devices: [{ online: false }] } })
    const { calls } = spy
    await sendText(phoneA, conversation.id, 'nobody there')
    expect(spy.calls).toBe(calls)
  })

  it('that fail are made again by the alarm within ten seconds, with what came meanwhile', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const spy = companions()
    await linkDevice(ada)
    spy.failing = 2
    await sendText(phoneA, conversation.id, 'x')
    await phoneA.event('status')
    await vi.waitFor(() => expect(spy.calls).toBeGreaterThan(0))
    expect(await alarmAt(ada.stub)).toBeLessThanOrEqual(Date.now() + PUSH_AGAIN_MS)
    for (let tries = 0; spy.pushes.length === 0 && tries < 3; tries++) await fireAlarm(ada.stub)
    expect(spy.cursors()).toEqual([3, 4])
  })

  it('lost with the object are made up for by the head alone, so that the companion pulls', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const spy = companions()
    await linkDevice(ada)
    spy.failing = Infinity
    await sendText(phoneA, conversation.id, 'x')
    await phoneA.event('status')
    await evict(ada)
    spy.failing = 0
    await fireAlarm(ada.stub)
    expect(spy.pushes).toEqual([{ events: { after: 4, frames: [] }, head: 4 }])
    await runInDurableObject(ada.stub, (instance) => instance.alarm())
    expect(spy.pushes).toHaveLength(1)
  })

  it('of typing go to online devices and are not logged', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    await sendText(phoneA, conversation.id, 'hi')
    const { conversation: other } = (await phoneB.event('message')).message
    const spy = companions()
    await linkDevice(bo)
    await bo.stub.peerTyping(ada.id, true)
    expect(spy.pushes).toMatchObject([
      { events: { frames: [] }, typing: { type: 'typing', conversation: other, on: true } },
    ])
  })
})

describe('an idle account', () => {
  it('with an online device and nothing new arms no alarm but that of the devices', async () => {
    const ada = await createAccount()
    companions()
    await linkDevice(ada)
    await runDurableObjectAlarm(ada.stub)
    const due = await alarmAt(ada.stub)
    expect(due).toBeGreaterThan(Date.now() + 29 * DAY_MS)
  })
})
