import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createCompanionClient, type CompanionClientOptions } from '../../src/client/companion-client.ts'
import { createDeviceKey, createDeviceStorage, createMemoryCell, type RecordCell } from '../../src/client/device-key.ts'
import { fromBase64Url, utf8 } from '../../src/protocol/bytes.ts'
import type { QrFrame } from '../../src/protocol/frames.ts'
import { ACCOUNT, conversation, FakeSocket, snapshot } from './support.ts'

const NOW = 1_800_000_000_000
const DEVICE = { id: 'D', name: 'Chrome', linkedAt: NOW }
const LINKED = { type: 'linked', device: DEVICE, account: ACCOUNT } as const
const RESUMED = { type: 'resumed', cursor: 10, device: DEVICE, account: ACCOUNT } as const
const SCANNED = { type: 'scanned', issuedAt: 0, expiresAt: 120_000, match: null } as const

beforeEach(() => {
  // Only what the client waits with: the key operations of the runtime need their own ticks.
  vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
})
afterEach(() => void vi.useRealTimers())

function qr(rotation = 1, more: Partial<QrFrame> = {}): QrFrame {
  return {
    type: 'qr',
    token: 't',
    url: 'u',
    image: `/i/${rotation}`,
    device: 'D',
    issuedAt: 0,
    expiresAt: 20_000,
    rotation,
    rotations: 6,
    ...more,
  }
}

function browser(options: Partial<CompanionClientOptions> & { cell?: RecordCell } = {}) {
  const sockets: FakeSocket[] = []
  const { cell = createMemoryCell(), ...rest } = options
  const storage = createDeviceStorage(cell)
  const client = createCompanionClient({
    address: 'wss://tandem.example/v1/socket',
    dial(url) {
      sockets.push(new FakeSocket(url))
      return sockets.at(-1)!
    },
    storage,
    keep: true,
    hidden: false,
    random: () => 0.5,
    ...rest,
  })
  return {
    client,
    cell,
    storage,
    sockets,
    /** Waits for the socket number `count` to be dialled, and opens it. */
    async socket(count = 1): Promise<FakeSocket> {
      await eventually(() => expect(sockets).toHaveLength(count))
      // As in a browser, a socket opens in a task of its own.
      await new Promise((resolve) => setImmediate(resolve))
      const socket = sockets.at(-1)!
      socket.open()
      return socket
    },
    view: () => client.state.view,
  }
}

/** A browser that shows its first code. */
async function showing(options: Parameters<typeof browser>[0] = {}) {
  const page = browser(options)
  await page.client.start()
  const socket = await page.socket()
  socket.receive(qr())
  return { ...page, first: socket }
}

async function linked(options: Parameters<typeof browser>[0] = {}) {
  const page = await showing(options)
  page.first.receive(LINKED)
  page.first.receive(snapshot(10, [conversation('c')]))
  return page
}

/** A visit later on, with what the first one left behind. */
async function again(cell: RecordCell) {
  const page = browser({ cell })
  await page.client.start()
  return { ...page, first: await page.socket() }
}

/** Repeats `check` while the runtime works (keys are made off this thread), without moving the clock. */
async function eventually(check: () => void | Promise<void>): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    try {
      return await check()
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await check()
}

const stored = (cell: RecordCell) => cell.read() as Promise<Record<string, unknown> | undefined>
const sentTypes = (socket: FakeSocket) => socket.frames.map(({ type }) => type)

describe('before linking', () => {
  test('a first visit dials with a fresh key and shows the code', async () => {
    const page = await showing()
    expect(page.first.url).toMatch(/^wss:\/\/tandem\.example\/v1\/socket\?key=[\w-]{87}$/)
    expect(page.view()).toMatchObject({ name: 'code', code: { image: '/i/1' }, note: null, last: false })
  })

  test('from the fifth of six codes on the budget can be renewed, and the code stays when it is', async () => {
    const page = await showing()
    const marked = [2, 3, 4, 5, 6].map((rotation) => {
      page.first.receive(qr(rotation))
      return (page.view() as { last: boolean }).last
    })
    expect(marked).toEqual([false, false, false, true, true])
    page.client.wake()
    expect(sentTypes(page.first)).toEqual(['wake'])
    expect(page.view()).toMatchObject({ name: 'code', code: { rotation: 6 }, last: false })
  })

  test('a spent budget rests, and goes on when asked', async () => {
    const page = await showing()
    page.first.receive({ type: 'idle' })
    expect(page.view()).toEqual({ name: 'idle' })
    page.client.wake()
    expect(sentTypes(page.first)).toEqual(['wake'])
    page.first.receive(qr())
    expect(page.view().name).toBe('code')
  })

  test('a scan shows the number if there is one, and the end of the hold by this clock', async () => {
    const page = await showing()
    page.first.receive({ ...SCANNED, match: '47' })
    expect(page.view()).toEqual({ name: 'scanned', match: '47', expiresAt: NOW + 120_000 })
  })

  test('a decline is told beside the next code, and only there', async () => {
    const page = await showing()
    page.first.receive(SCANNED)
    page.first.receive({ type: 'declined' })
    page.first.receive(qr(1))
    expect(page.view()).toMatchObject({ name: 'code', note: 'declined' })
    page.first.receive(qr(2))
    expect(page.view()).toMatchObject({ note: null })
  })

  test('a hold that ran out is told; one that ended early is told otherwise', async () => {
    const page = await showing()
    page.first.receive(SCANNED)
    await vi.advanceTimersByTimeAsync(20_000)
    page.first.receive(qr())
    expect(page.view()).toMatchObject({ note: 'burned' })
    page.first.receive(SCANNED)
    for (let beat = 0; beat < 24; beat++) {
      await vi.advanceTimersByTimeAsync(5_000)
      page.first.receive('pong')
    }
    page.first.receive(qr())
    expect(page.view()).toMatchObject({ note: 'timeout' })
  })

  test('"Not you?" frees the screen at once and is no failure (S33)', async () => {
    const page = await showing()
    page.first.receive(SCANNED)
    page.client.wake()
    expect(sentTypes(page.first)).toEqual(['wake'])
    page.first.receive(qr())
    expect(page.view()).toMatchObject({ name: 'code', note: null })
  })

  test('a hidden page sleeps; one that is seen again wakes', async () => {
    const page = await showing()
    page.client.setHidden(true)
    expect(sentTypes(page.first)).toEqual(['sleep'])
    page.first.receive({ type: 'idle' })
    page.client.setHidden(false)
    expect(sentTypes(page.first)).toEqual(['sleep', 'wake'])
  })

  test('a page that was opened in the background sleeps from its first code on', async () => {
    const page = await showing({ hidden: true })
    expect(sentTypes(page.first)).toEqual(['sleep'])
  })

  test('4408 rests until the page is looked at', async () => {
    const page = await showing()
    page.first.receive({ type: 'idle' })
    page.first.end(4408)
    expect(page.view()).toEqual({ name: 'idle' })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(page.sockets).toHaveLength(1)
    page.client.setHidden(false)
    await page.socket(2)
  })

  test('a foreign origin is told, and not tried again', async () => {
    const page = browser()
    await page.client.start()
    const socket = await page.socket()
    socket.receive({ type: 'error', code: 'origin_not_allowed', message: '' })
    socket.end(4403)
    expect(page.view()).toEqual({ name: 'origin' })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(page.sockets).toHaveLength(1)
  })

  test('too many tries wait as long as the server said', async () => {
    const page = browser()
    await page.client.start()
    const socket = await page.socket()
    socket.receive({ type: 'error', code: 'rate_limited', message: '', retryAfter: 30 })
    socket.end(4429)
    expect(page.client.state.connection).toMatchObject({ reason: 'rate_limited', retryAt: NOW + 30_000 })
  })

  test('a lost socket takes the code from the screen', async () => {
    const page = await showing()
    page.first.end(1006)
    expect(page.view()).toEqual({ name: 'connecting' })
  })
})

describe('a code to type', () => {
  const SPELLED = { type: 'spelled', code: 'K7PQ-2MWX', issuedAt: 0, expiresAt: 300_000 } as const

  test('is asked for, shown with its end by this clock, and extended', async () => {
    const page = await showing()
    page.client.spell()
    expect(sentTypes(page.first)).toEqual(['spell'])
    expect(page.view().name).toBe('code')
    page.first.receive(SPELLED)
    expect(page.view()).toEqual({ name: 'typed', code: 'K7PQ-2MWX', expiresAt: NOW + 300_000, more: true })
    vi.setSystemTime(NOW + 60_000)
    page.client.spell()
    page.first.receive(SPELLED)
    expect(sentTypes(page.first)).toEqual(['spell', 'spell'])
    expect(page.view()).toMatchObject({ name: 'typed', expiresAt: NOW + 360_000 })
  })

  test('is left for one to scan, and a phone that types it shows the number', async () => {
    const page = await showing()
    page.client.spell()
    page.first.receive(SPELLED)
    page.client.wake()
    expect(page.view()).toEqual({ name: 'connecting' })
    page.first.receive(qr(1, { image: '/i/next' }))
    expect(page.view()).toMatchObject({ name: 'code', code: { image: '/i/next' }, note: null })
    page.client.spell()
    page.first.receive(SPELLED)
    page.first.receive({ ...SCANNED, match: '47' })
    expect(page.view()).toMatchObject({ name: 'scanned', match: '47' })
    expect(sentTypes(page.first)).toEqual(['spell', 'wake', 'spell'])
  })

  test('rests after its time, also where the service is late to say so', async () => {
    const page = await showing()
    page.client.spell()
    page.first.receive({ ...SPELLED, expiresAt: 10_000 })
    await vi.advanceTimersByTimeAsync(9_999)
    expect(page.view().name).toBe('typed')
    await vi.advanceTimersByTimeAsync(1)
    expect(page.view()).toEqual({ name: 'idle' })
  })

  test('that was extended does not rest at its first end', async () => {
    const page = await showing()
    page.first.receive({ ...SPELLED, expiresAt: 10_000 })
    await vi.advanceTimersByTimeAsync(5_000)
    page.first.receive({ ...SPELLED, expiresAt: 10_000 })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(page.view().name).toBe('typed')
  })

  test('refused is told beside the code, or takes "More time" away; other refusals change nothing', async () => {
    const page = await showing()
    const refusal = { type: 'error', code: 'rate_limited', message: '', retryAfter: 60 } as const
    page.first.receive(refusal)
    expect(page.view()).toMatchObject({ name: 'code', note: null })
    page.client.spell()
    page.first.receive(refusal)
    expect(page.view()).toMatchObject({ name: 'code', note: 'unspelled' })
    page.client.spell()
    page.first.receive(SPELLED)
    page.client.spell()
    page.first.receive(refusal)
    expect(page.view()).toMatchObject({ name: 'typed', code: 'K7PQ-2MWX', more: false })
  })

  test('wanted before there is a code to scan is asked for with the next one, once', async () => {
    const page = await showing()
    page.first.end(1006)
    page.client.spell()
    expect(page.first.sent).toEqual([])
    page.client.tryNow()
    const second = await page.socket(2)
    expect(sentTypes(second)).toEqual([])
    second.receive(qr())
    second.receive(qr(2))
    expect(sentTypes(second)).toEqual(['spell'])
    second.receive({ type: 'error', code: 'rate_limited', message: '', retryAfter: 60 })
    expect(page.view()).toMatchObject({ name: 'code', note: 'unspelled' })
  })

  test('wanted while the page is hidden is asked for when it is seen again', async () => {
    const page = browser()
    await page.client.start()
    page.client.spell()
    page.client.setHidden(true)
    const first = await page.socket()
    first.receive(qr())
    expect(sentTypes(first)).toEqual(['sleep'])
    page.client.setHidden(false)
    first.receive(qr(2))
    expect(sentTypes(first)).toEqual(['sleep', 'wake', 'spell'])
  })
})

describe('resume', () => {
  test('a reload while a code was on show tries that device first, and proves its key', async () => {
    const page = await showing()
    const visit = await again(page.cell)
    expect(visit.first.url).toBe('wss://tandem.example/v1/socket?device=D')
    visit.first.receive({ type: 'challenge', nonce: 'N' })
    await eventually(() => expect(visit.first.frames).toHaveLength(1))
    const [proof] = visit.first.frames
    const record = (await stored(page.cell)) as { key: CryptoKeyPair }
    const claim = utf8('tandem.v1:resume:tandem.example:D:N')
    const signature = fromBase64Url(String(proof!.signature))!
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
    expect(await crypto.subtle.verify(algorithm, record.key.publicKey, signature, claim)).toBe(true)
  })

  test('a linked browser knows from the start that it is one, and until it is not', async () => {
    const page = await linked()
    expect(page.client.state.linked).toBe(true)
    const visit = await again(page.cell)
    expect(visit.client.state).toMatchObject({ view: { name: 'connecting' }, linked: true })
    visit.first.end(4401)
    expect(visit.client.state.linked).toBe(false)
    expect((await again(createMemoryCell())).client.state.linked).toBe(false)
  })

  test('chats that do not come are asked for on a new socket, with the same key', async () => {
    const page = await showing()
    page.first.receive(LINKED)
    page.client.again()
    const socket = await page.socket(2)
    expect(socket.url).toContain('?device=D')
    socket.receive(RESUMED)
    socket.receive(snapshot(10, []))
    page.client.again()
    expect(page.sockets).toHaveLength(2)
    expect(page.client.state.connection.name).toBe('open')
  })

  test('4401 starts anew with another key, at once', async () => {
    const page = await showing()
    const visit = await again(page.cell)
    visit.first.end(4401)
    const socket = await visit.socket(2)
    expect(socket.url).toContain('?key=')
    expect(socket.url).not.toBe(page.first.url)
  })

  test('a lost "linked" frame is made good by the next socket', async () => {
    const page = await showing()
    page.first.receive(SCANNED)
    page.first.end(1006)
    await vi.advanceTimersByTimeAsync(4_000)
    const socket = await page.socket(2)
    expect(socket.url).toContain('?device=D')
    socket.receive(RESUMED)
    expect(page.view()).toMatchObject({ name: 'linked', resumed: true })
    socket.receive(snapshot(10, []))
    expect(page.client.stream.state.cursor).toBe(10)
  })

  test('a code older than 160 s is not worth it', async () => {
    const page = await showing()
    await vi.advanceTimersByTimeAsync(160_000)
    expect((await again(page.cell)).first.url).toContain('?key=')
  })

  test('a linked device resumes however long it was away, and from its cursor while the page lives', async () => {
    const page = await linked()
    page.first.end(1006)
    await vi.advanceTimersByTimeAsync(4_000)
    expect((await page.socket(2)).url).toBe('wss://tandem.example/v1/socket?device=D&cursor=10')
    vi.setSystemTime(NOW + 20 * 86_400_000)
    expect((await again(page.cell)).first.url).toBe('wss://tandem.example/v1/socket?device=D')
  })

  test('nothing is sent before the proof was taken', async () => {
    const page = await linked()
    page.first.end(1006)
    page.client.stream.sendText('c', 'hello')
    await vi.advanceTimersByTimeAsync(4_000)
    const socket = await page.socket(2)
    expect(socket.sent).toEqual([])
    socket.receive({ type: 'challenge', nonce: 'N' })
    await eventually(() => expect(sentTypes(socket)).toEqual(['prove']))
    socket.receive(RESUMED)
    expect(sentTypes(socket)).toEqual(['prove', 'send'])
  })

  test('a hostile peer that refuses a fresh key with 4401 is not hammered', async () => {
    const page = browser()
    await page.client.start()
    ;(await page.socket()).end(4401)
    expect(page.client.state.connection.name).toBe('waiting')
  })

  test('a challenge to a fresh key is not answered', async () => {
    const page = browser()
    await page.client.start()
    const socket = await page.socket()
    socket.receive({ type: 'challenge', nonce: 'N' })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(socket.sent).toEqual([])
  })
})

describe('after linking', () => {
  test('the stream comes on the same socket', async () => {
    const page = await linked()
    expect(page.sockets).toHaveLength(1)
    expect(page.view()).toMatchObject({ name: 'linked', account: ACCOUNT, resumed: false })
    expect([...page.client.stream.state.conversations.keys()]).toEqual(['c'])
  })

  test('the chats stay while the socket is lost', async () => {
    const page = await linked()
    page.first.end(1006)
    expect(page.view().name).toBe('linked')
    expect(page.client.stream.state.conversations.size).toBe(1)
  })

  test('frames of the stream before linking are not taken', async () => {
    const page = await showing()
    page.first.receive(snapshot(10, [conversation('c')]))
    expect(page.client.stream.state.cursor).toBeNull()
  })

  test('open in another window: stops, and comes back when asked (S31)', async () => {
    const page = await linked()
    page.first.end(4409)
    expect(page.view()).toEqual({ name: 'elsewhere' })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(page.sockets).toHaveLength(1)
    page.client.wake()
    expect((await page.socket(2)).url).toContain('?device=D')
  })

  test('the first message is confirmed once, also for the visits after', async () => {
    const page = await linked()
    expect(page.client.state.confirmed).toBe(false)
    page.client.confirm()
    expect(page.client.state.confirmed).toBe(true)
    const visit = await again(page.cell)
    expect(visit.client.state.confirmed).toBe(true)
  })

  test('another account must be confirmed anew', async () => {
    const page = await linked()
    page.client.confirm()
    page.first.receive({ type: 'unlinked', reason: 'phone' })
    page.client.wake()
    const socket = await page.socket(2)
    socket.receive(qr(1, { device: 'E' }))
    socket.receive(LINKED)
    expect(page.client.state.confirmed).toBe(false)
  })
})

describe('the end (S30)', () => {
  test.each(['phone', 'companion', 'idle', 'account'] as const)(
    'unlinked by %s: everything is gone in the same task, and nothing is dialled',
    async (reason) => {
      const page = await linked()
      page.first.receive({ type: 'unlinked', reason })
      expect(page.view()).toEqual({ name: 'unlinked', reason })
      expect(page.client.stream.state.conversations.size).toBe(0)
      page.first.end(4410)
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(page.sockets).toHaveLength(1)
      expect(await stored(page.cell)).toBeUndefined()
    },
  )

  test('4410 alone says the same without a reason', async () => {
    const page = await linked()
    page.first.end(4410)
    expect(page.view()).toEqual({ name: 'unlinked', reason: null })
    await eventually(async () => expect(await stored(page.cell)).toBeUndefined())
  })

  test('4401 wipes in the same task and starts anew', async () => {
    const page = await linked()
    page.first.end(4401)
    expect(page.client.stream.state.conversations.size).toBe(0)
    expect(page.view()).toEqual({ name: 'connecting' })
    expect((await page.socket(2)).url).toContain('?key=')
  })

  test('"Link again" begins with a fresh key', async () => {
    const page = await linked()
    page.first.receive({ type: 'unlinked', reason: 'phone' })
    page.client.wake()
    const socket = await page.socket(2)
    expect(socket.url).toContain('?key=')
    expect(socket.url).not.toBe(page.first.url)
  })

  test('signing out tells the service', async () => {
    const page = await linked()
    const done = page.client.unlink()
    expect(page.first.frames.at(-1)).toMatchObject({ type: 'unlink' })
    page.first.receive({ type: 'ok', ref: String(page.first.frames.at(-1)!.ref) })
    page.first.receive({ type: 'unlinked', reason: 'companion' })
    await done
    expect(page.view()).toEqual({ name: 'unlinked', reason: 'companion' })
  })

  test('signing out works without the service, too', async () => {
    const silent = await linked()
    const done = silent.client.unlink()
    await vi.advanceTimersByTimeAsync(5_000)
    await done
    expect(silent.view().name).toBe('unlinked')
    const offline = await linked()
    offline.first.end(1006)
    await offline.client.unlink()
    expect(offline.view().name).toBe('unlinked')
    expect(await stored(offline.cell)).toBeUndefined()
  })
})

describe('"Keep me signed in"', () => {
  test('off: nothing is ever stored, and a lost socket still resumes', async () => {
    const cell = createMemoryCell()
    const update = vi.spyOn(cell, 'update')
    const page = await linked({ cell, keep: false })
    page.client.confirm()
    expect(update).not.toHaveBeenCalled()
    page.first.end(1006)
    await vi.advanceTimersByTimeAsync(4_000)
    expect((await page.socket(2)).url).toContain('?device=D')
  })

  test('switched off: what was stored is deleted; switched on: it is stored at once', async () => {
    const page = await showing()
    expect(await stored(page.cell)).toBeDefined()
    page.client.setKeep(false)
    await eventually(async () => expect(await stored(page.cell)).toBeUndefined())
    page.first.receive(qr(2))
    expect(await stored(page.cell)).toBeUndefined()
    page.client.setKeep(true)
    expect(await stored(page.cell)).toMatchObject({ device: 'D' })
  })

  test('a browser that cannot store goes on without', async () => {
    const cell = { ...createMemoryCell(), update: () => Promise.reject(new Error('blocked')) }
    const page = await showing({ cell })
    await eventually(() => expect(page.client.state.keep).toBe(false))
    expect(page.view().name).toBe('code')
  })

  test('a store that cannot be read is a first visit', async () => {
    const cell = { ...createMemoryCell(), read: () => Promise.reject(new Error('blocked')) }
    expect((await showing({ cell })).first.url).toContain('?key=')
  })
})

test('a tab with a code leaves the link of another tab alone', async () => {
  const cell = createMemoryCell()
  await createDeviceStorage(cell).save({
    key: await createDeviceKey(),
    device: 'other',
    linked: true,
    at: NOW,
    confirmed: true,
  })
  const page = browser({ cell: { ...cell, read: async () => undefined } })
  await page.client.start()
  const socket = await page.socket()
  socket.receive(qr())
  expect(await stored(cell)).toMatchObject({ device: 'other' })
})
