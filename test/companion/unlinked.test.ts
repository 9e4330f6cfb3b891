import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it, vi } from 'vitest'
import type { QrFrame } from '../../src/protocol/frames.ts'
import { parseLinkToken } from '../../src/protocol/ids.ts'
import { advance, alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { Browser, companionOf, ORIGIN, openSocket, Phone, refusal, request } from '../support/service.ts'

useFakeDate()

/** Everything that the companion behind a token stores: its keys, and whether an alarm is set. */
function storedBy(token: string): Promise<{ keys: string[]; alarm: boolean }> {
  return runInDurableObject(companionOf(token), async (_, { storage }) => ({
    keys: [...storage.kv.list()].map(([key]) => key),
    alarm: (await storage.getAlarm()) !== null,
  }))
}

async function show(): Promise<{ browser: Browser; socket: Awaited<ReturnType<Browser['open']>>; qr: QrFrame }> {
  const browser = await Browser.create()
  const socket = await browser.open()
  return { browser, socket, qr: await socket.next<QrFrame>('qr') }
}

describe('an unlinked companion', () => {
  it('shows a code unasked, whose token names the companion and whose address carries it in the fragment', async () => {
    const { qr } = await show()
    expect(qr.token).toMatch(/^[A-Za-z0-9_-]{64}$/)
    expect(qr.url).toBe(`${ORIGIN}/link#${qr.token}`)
    expect(qr).toMatchObject({ rotation: 1, rotations: 6, device: parseLinkToken(qr.token)?.device })
    expect(qr.expiresAt - qr.issuedAt).toBe(20_000)
  })

  it('stores nothing but its alarm, and nothing when its socket goes', async () => {
    const { socket, qr } = await show()
    expect(await storedBy(qr.token)).toEqual({ keys: [], alarm: true })
    socket.close()
    await socket.closed()
    await vi.waitFor(async () => expect(await storedBy(qr.token)).toEqual({ keys: [], alarm: false }))
  })

  it('keeps no token at rest, only hashes (S20)', async () => {
    const { qr } = await show()
    const kept = await runInDurableObject(companionOf(qr.token), (_, state) =>
      JSON.stringify(state.getWebSockets().map((socket) => socket.deserializeAttachment() as unknown)),
    )
    expect(kept).not.toContain(parseLinkToken(qr.token)?.secret)
  })

  it('rotates on its alarm after it was evicted, six codes and then idle', async () => {
    const { socket, qr } = await show()
    const stub = companionOf(qr.token)
    const tokens = new Set([qr.token])
    for (let rotation = 2; rotation <= 6; rotation++) {
      await evictDurableObject(stub)
      await fireAlarm(stub)
      const next = await socket.next<QrFrame>('qr')
      expect(next.rotation).toBe(rotation)
      tokens.add(next.token)
    }
    expect(tokens.size).toBe(6)
    await evictDurableObject(stub)
    await fireAlarm(stub)
    await socket.next('idle')
  })

  it('spends one alarm and writes one row on a rotation, and nothing else', async () => {
    const { socket, qr } = await show()
    const stub = companionOf(qr.token)
    const writes = await runInDurableObject(stub, (_, { storage }) => {
      const calls: string[] = []
      const prototype = Object.getPrototypeOf(storage) as DurableObjectStorage
      for (const method of ['setAlarm', 'deleteAlarm', 'put', 'delete', 'deleteAll'] as const) {
        const original = prototype[method] as (...args: unknown[]) => Promise<unknown>
        vi.spyOn(prototype, method).mockImplementation(function (this: unknown, ...args: unknown[]) {
          calls.push(method)
          return Reflect.apply(original, this, args) as Promise<never>
        })
      }
      const kv = Object.getPrototypeOf(storage.kv) as SyncKvStorage
      for (const method of ['put', 'delete'] as const) {
        const original = kv[method] as (...args: unknown[]) => unknown
        vi.spyOn(kv, method).mockImplementation(function (this: unknown, ...args: unknown[]) {
          calls.push(`kv.${method}`)
          return Reflect.apply(original, this, args) as never
        })
      }
      return calls
    })
    try {
      // The test's own way to fire an alarm would delete it first, so the handler is called as the runtime does.
      advance(20_000)
      await runInDurableObject(stub, (companion) => companion.alarm())
      await socket.next('qr')
      expect(writes).toEqual(['setAlarm'])
    } finally {
      vi.restoreAllMocks()
    }
  })

  it('an alarm that fires early or twice shows nothing new', async () => {
    const { socket, qr } = await show()
    const stub = companionOf(qr.token)
    await runDurableObjectAlarm(stub)
    expect(socket.waiting).toEqual([])
    await fireAlarm(stub)
    expect((await socket.next<QrFrame>('qr')).rotation).toBe(2)
    await runDurableObjectAlarm(stub)
    expect(socket.waiting).toEqual([])
    expect(await alarmAt(stub)).toBe(Date.now() + 20_000)
  })

  it('an alarm that fires a minute late still gives a code its full time', async () => {
    const { socket, qr } = await show()
    await fireAlarm(companionOf(qr.token), 60_000)
    const next = await socket.next<QrFrame>('qr')
    expect(next.expiresAt).toBe(Date.now() + 20_000)
    const phone = await Phone.signIn()
    expect(await refusal(await phone.scan(qr.token))).toBe('410 link_token_invalid')
  })

  it('sleeps and wakes: the code on show stays, then idle, then a new budget', async () => {
    const { socket, qr } = await show()
    const stub = companionOf(qr.token)
    socket.send({ type: 'sleep' })
    await evictDurableObject(stub)
    await fireAlarm(stub)
    await socket.next('idle')
    socket.send({ type: 'wake' })
    expect((await socket.next<QrFrame>('qr')).rotation).toBe(1)
  })

  it('idle for half an hour, is closed 4408 and erased', async () => {
    const { socket, qr } = await show()
    const stub = companionOf(qr.token)
    socket.send({ type: 'sleep' })
    await evictDurableObject(stub)
    await fireAlarm(stub)
    await socket.next('idle')
    await evictDurableObject(stub)
    await fireAlarm(stub)
    expect(await socket.closed()).toBe(4408)
    expect(await storedBy(qr.token)).toEqual({ keys: [], alarm: false })
  })

  it('woken by an alarm without a socket, erases itself', async () => {
    const { qr } = await show()
    const stub = companionOf(qr.token)
    await evictDurableObject(stub, { webSockets: 'close' })
    if ((await alarmAt(stub)) !== null) await fireAlarm(stub)
    expect(await storedBy(qr.token)).toEqual({ keys: [], alarm: false })
  })

  it('answers frames that are none with bad_request and 4400, and is not harmed by a stranger to the protocol', async () => {
    for (const frame of ['', 'null', '[]', '"wake"', '{', 'ping ']) {
      const { socket } = await show()
      socket.send(frame)
      expect(await socket.next('error')).toMatchObject({ code: 'bad_request' })
      expect(await socket.closed()).toBe(4400)
    }
    const { socket } = await show()
    socket.sendBytes(new Uint8Array([1, 2, 3]).buffer)
    await socket.next('error')
    expect(await socket.closed()).toBe(4400)
  })

  it('refuses unknown types and requests of the stream, and lives on', async () => {
    const { socket, qr } = await show()
    socket.send({ type: 'dance', ref: 'a' })
    expect(await socket.next('error')).toMatchObject({ code: 'bad_request', ref: 'a' })
    socket.send({ type: 'send', ref: 'b', id: crypto.randomUUID(), conversation: 'x', text: 'hi' })
    expect(await socket.next('error')).toMatchObject({ code: 'not_allowed', ref: 'b' })
    await fireAlarm(companionOf(qr.token))
    await socket.next('qr')
  })

  it('closes 4413 at the first frame over 64 KiB, in bytes and not in characters (S15)', async () => {
    const { socket } = await show()
    socket.send(JSON.stringify({ type: 'wake', pad: 'ä'.repeat(40_000) }))
    expect(await socket.closed()).toBe(4413)
  })

  it('answers ping with pong', async () => {
    const { socket } = await show()
    socket.send('ping')
    await socket.next('pong')
  })

  it('closes a flood of frames 4429', async () => {
    const { socket } = await show()
    for (let count = 0; count < 130; count++) socket.send({ type: 'wake' })
    expect(await socket.closed()).toBe(4429)
  })
})

describe('the socket before it is opened', () => {
  const upgrade = (query: string, headers: Record<string, string>): Promise<Response> =>
    request(`/v1/socket${query}`, { headers: { Upgrade: 'websocket', ...headers } })
  const good = { 'Sec-WebSocket-Protocol': 'tandem.v1', Origin: ORIGIN }

  it('is refused in words: no upgrade, no subprotocol, no origin, a bad key, both forms or none', async () => {
    const { key } = await Browser.create()
    expect(await refusal(await request(`/v1/socket?key=${key}`))).toBe('426 upgrade_required')
    expect(await refusal(await upgrade(`?key=${key}`, { Origin: ORIGIN }))).toBe('400 bad_request')
    expect(await refusal(await upgrade(`?key=${key}`, { 'Sec-WebSocket-Protocol': 'tandem.v1' }))).toBe(
      '403 origin_not_allowed',
    )
    for (const query of ['', '?key=', '?key=AAAA', `?key=${key.slice(0, -1)}`, `?key=${key}&device=x`]) {
      expect(await refusal(await upgrade(query, good)), query).toBe('400 bad_request')
    }
  })

  it('refuses a point that is compressed or not on the curve', async () => {
    const compressed = `A${'A'.repeat(43)}`
    const offCurve = `B${'A'.repeat(86)}`
    for (const key of [compressed, offCurve]) {
      expect(await refusal(await upgrade(`?key=${key}`, good))).toBe('400 bad_request')
    }
  })

  it('tells a foreign origin inside the socket, and closes 4403 (S11)', async () => {
    const { key } = await Browser.create()
    const socket = await openSocket(`/v1/socket?key=${key}`, { Origin: 'https://evil.example' })
    expect(await socket.next('error')).toMatchObject({ code: 'origin_not_allowed' })
    expect(await socket.closed()).toBe(4403)
  })

  it('never adopts what a client says the Worker said', async () => {
    const { key } = await Browser.create()
    const forged = JSON.stringify({ form: 'new', key, publicOrigin: 'https://evil.example' })
    const socket = await openSocket(`/v1/socket?key=${key}`, { 'x-tandem-open': forged })
    expect((await socket.next<QrFrame>('qr')).url).toMatch(`${ORIGIN}/link#`)
  })
})
