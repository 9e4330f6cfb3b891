import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { Companion } from '../../src/companion/companion.ts'
import type { EventFrame, SnapshotFrame } from '../../src/protocol/frames.ts'
import { CONNECTING_MS } from '../../src/protocol/limits.ts'
import { advance, alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import type { Browser } from '../support/service.ts'
import { accountOf, companionOf, json, link, Phone } from '../support/service.ts'
import type { TestSocket } from '../support/socket.ts'

useFakeDate()
afterEach(() => {
  vi.restoreAllMocks()
})

interface Talk {
  phone: Phone
  browser: Browser
  socket: TestSocket
  device: string
  cursor: number
  conversation: string
}

/** A linked browser whose account has a conversation with another one. */
async function talk(): Promise<Talk> {
  const [phone, peer] = await Promise.all([Phone.signIn(), Phone.signIn()])
  const { browser, socket, device } = await link(phone)
  const { conversation } = await socket.ask<{ conversation: { id: string } }>({ type: 'start', number: peer.number })
  const { cursor } = await nextEvent(socket, 'conversation')
  return { phone, browser, socket, device: device.id, cursor, conversation: conversation.id }
}

function nextEvent(socket: TestSocket, kind: string): Promise<EventFrame> {
  return socket.find((frame) => frame.type === 'event' && (frame as unknown as EventFrame).event.kind === kind, kind)
}

function send(socket: TestSocket, { conversation }: Talk, text: string, id: string = crypto.randomUUID()) {
  return socket.ask<{ type: string; code?: string; message?: { id: string; seq: number } }>({
    type: 'send',
    id,
    conversation,
    text,
  })
}

/** Every event on the socket that was not taken, in the order in which it came. */
function eventsOn(socket: TestSocket): number[] {
  return socket.waiting.filter((frame) => frame.type === 'event').map((frame) => frame.cursor as number)
}

async function textsOf(socket: TestSocket, { conversation }: Talk): Promise<(string | undefined)[]> {
  const { messages } = await socket.ask<{ messages: { text?: string }[] }>({ type: 'history', conversation })
  return messages.map((message) => message.text)
}

describe('the stream of a linked device', () => {
  it('drops what it has, pulls what is missing, and keeps its place through an eviction', async () => {
    const talking = await talk()
    const { socket, device, cursor } = talking
    await evictDurableObject(companionOf(device))
    await send(socket, talking, 'one')
    await nextEvent(socket, 'message')
    const again = { type: 'event', cursor, event: { kind: 'read', conversation: 'x', upTo: 1, unread: 0 } }
    await runInDurableObject(companionOf(device), async (companion) => {
      await companion.push({ events: { after: cursor - 1, frames: [JSON.stringify(again)] }, head: cursor })
    })
    expect(eventsOn(socket).filter((seen) => seen <= cursor)).toEqual([])
    vi.spyOn(Companion.prototype, 'push').mockImplementationOnce(async ({ head }) => head)
    await send(socket, talking, 'lost push')
    await evictDurableObject(companionOf(device))
    await send(socket, talking, 'next push')
    await vi.waitFor(() => expect(eventsOn(socket).length).toBeGreaterThanOrEqual(2))
    const seen = eventsOn(socket)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('a push that fails after the commit is made again by the alarm, and the event comes once', async () => {
    const talking = await talk()
    const { socket, phone } = talking
    const failing = vi.spyOn(Companion.prototype, 'push').mockRejectedValue(new Error('down'))
    await send(socket, talking, 'hello')
    await vi.waitFor(() => expect(failing).toHaveBeenCalled())
    failing.mockRestore()
    expect(eventsOn(socket)).toEqual([])
    await fireAlarm(accountOf(phone.account.id))
    const event = await nextEvent(socket, 'message')
    expect(event.event).toMatchObject({ message: { text: 'hello', from: 'me' } })
    await runDurableObjectAlarm(accountOf(phone.account.id))
    expect(eventsOn(socket).filter((seen) => seen === event.cursor)).toEqual([])
  })

  it('a pull that fails is made up for by the alarm', async () => {
    const talking = await talk()
    const { socket, phone } = talking
    vi.spyOn(Companion.prototype, 'push').mockImplementationOnce(async ({ head }) => head)
    await send(socket, talking, 'missed')
    vi.spyOn(Account.prototype, 'pull').mockRejectedValueOnce(new Error('down'))
    await send(socket, talking, 'then this')
    await fireAlarm(accountOf(phone.account.id))
    expect((await nextEvent(socket, 'message')).event).toMatchObject({ message: { text: 'missed' } })
    expect((await nextEvent(socket, 'message')).event).toMatchObject({ message: { text: 'then this' } })
  })

  it('a pull whose answer is lost is made up for by the alarm', async () => {
    const talking = await talk()
    const { socket, phone, device, cursor } = talking
    const [push, pull] = [Companion.prototype.push, Account.prototype.pull]
    const failing = vi.spyOn(Companion.prototype, 'push').mockRejectedValue(new Error('down'))
    await send(socket, talking, 'missed')
    const lost = vi.spyOn(Account.prototype, 'pull').mockImplementation(async function (this: Account, ...args) {
      await Reflect.apply(pull, this, args)
      throw new Error('down')
    })
    await runInDurableObject(companionOf(device), async (companion) => {
      const told = Reflect.apply(push, companion, [{ events: { after: cursor + 1, frames: [] }, head: cursor + 1 }])
      await expect(told).rejects.toThrow('down')
    })
    failing.mockRestore()
    lost.mockRestore()
    await fireAlarm(accountOf(phone.account.id))
    expect((await nextEvent(socket, 'message')).event).toMatchObject({ message: { text: 'missed' } })
  })

  for (const when of ['before', 'after'] as const) {
    it(`a request that fails ${when} it was done is answered internal, and the same id again is done once`, async () => {
      const talking = await talk()
      const { socket } = talking
      const original = Account.prototype.deviceRequests
      vi.spyOn(Account.prototype, 'deviceRequests').mockImplementationOnce(async function (this: Account, ...args) {
        if (when === 'after') await Reflect.apply(original, this, args)
        throw new Error('down')
      })
      const id = crypto.randomUUID()
      expect(await send(socket, talking, 'once', id)).toMatchObject({ type: 'error', code: 'internal' })
      expect(await send(socket, talking, 'once', id)).toMatchObject({ type: 'ok', message: { id } })
      expect(await textsOf(socket, talking)).toEqual(['once'])
    })
  }

  it('answers many requests sent at once in an order that keeps what was sent in order', async () => {
    const talking = await talk()
    const { socket } = talking
    const texts = Array.from({ length: 100 }, (_, index) => `message ${index}`)
    const answers = await Promise.all(texts.map((text) => send(socket, talking, text)))
    const seqs = answers.map((answer) => answer.message?.seq ?? 0)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect((await textsOf(socket, talking)).at(-1)).toBe('message 99')
  })

  it('a device whose goodbye was lost is found offline by the next push, and comes back to everything', async () => {
    const talking = await talk()
    const { phone, browser, socket, device, cursor } = talking
    vi.spyOn(Account.prototype, 'disconnectDevice').mockRejectedValueOnce(new Error('down'))
    socket.close()
    await socket.closed()
    const stream = await phone.openStream()
    await stream.next<SnapshotFrame>('snapshot')
    // A device that connected just now may be between its answer and its socket: it is given that long.
    advance(CONNECTING_MS)
    await send(stream, talking, 'while away')
    await vi.waitFor(async () => expect(await phone.devices()).toMatchObject([{ id: device, online: false }]))
    const resumed = await browser.resume(device, cursor)
    await resumed.next('resumed')
    expect((await nextEvent(resumed, 'message')).event).toMatchObject({ message: { text: 'while away' } })
  })

  it('that is offline is not woken', async () => {
    const talking = await talk()
    const { phone, socket, device } = talking
    socket.close()
    await socket.closed()
    await vi.waitFor(async () => expect(await phone.devices()).toMatchObject([{ id: device, online: false }]))
    const push = vi.spyOn(Companion.prototype, 'push')
    const stream = await phone.openStream()
    await stream.next('snapshot')
    await send(stream, talking, 'nobody there')
    await nextEvent(stream, 'message')
    expect(push).not.toHaveBeenCalled()
  })

  it('that is idle costs nothing: no alarm of its own, and a ping wakes no object', async () => {
    const { phone, socket, device } = await talk()
    await fireAlarm(accountOf(phone.account.id))
    expect(await alarmAt(companionOf(device))).toBeNull()
    const next = await alarmAt(accountOf(phone.account.id))
    expect(next === null || next > Date.now() + 3_600_000, 'the account has nothing to do within the hour').toBe(true)
    await evictDurableObject(companionOf(device))
    for (let beat = 0; beat < 3; beat++) {
      socket.send('ping')
      await socket.find((frame) => frame.type === 'pong')
    }
    await expect(evictDurableObject(companionOf(device)), 'the object does not run').rejects.toThrow(
      /not.*running|running/i,
    )
  })

  it('catches up from any cursor with exactly the events after it', async () => {
    const talking = await talk()
    const { phone, browser, socket, device } = talking
    for (let count = 0; count < 5; count++) await send(socket, talking, `message ${count}`)
    const stream = await phone.openStream()
    const { cursor: head } = await stream.next<SnapshotFrame>('snapshot')
    for (const from of [1, head - 3, head]) {
      const resumed = await browser.resume(device, from)
      expect(await resumed.next('resumed')).toMatchObject({ cursor: from })
      for (let cursor = from + 1; cursor <= head; cursor++) {
        expect((await resumed.next<EventFrame>('event')).cursor).toBe(cursor)
      }
      await json(await phone.call('GET', '/v1/account'))
      expect(resumed.waiting).toEqual([])
    }
  })
})
