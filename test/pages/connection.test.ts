import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConnection, type ConnectionOptions, type ConnectionState } from '../../src/client/connection.ts'
import { FakeSocket } from './support.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

/** A connection whose sockets are all kept, and whose random number is the test's. */
function connected(options: Partial<ConnectionOptions> = {}) {
  const sockets: FakeSocket[] = []
  const states: ConnectionState[] = []
  const heard: string[] = []
  const connection = createConnection({
    dial() {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    onMessage: (text) => heard.push(text),
    onState: (state) => states.push(state),
    random: () => 0.5,
    ...options,
  })
  return {
    connection,
    sockets,
    states,
    heard,
    /** Connects, and opens the socket that is dialled. */
    async open() {
      connection.connect()
      await settle()
      sockets.at(-1)!.open()
      return sockets.at(-1)!
    },
    last: () => sockets.at(-1)!,
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

describe('a lost socket', () => {
  test.each([1006, 1001, 1011, 1012, 1000, 3999])(
    'is dialled again after %i, at a random time within 8 s',
    async (code) => {
      const peer = connected()
      ;(await peer.open()).end(code)
      expect(peer.connection.state).toEqual({ name: 'waiting', retryAt: 1_004_000, reason: 'lost', failures: 1 })
      await vi.advanceTimersByTimeAsync(3_999)
      expect(peer.sockets).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1)
      expect(peer.sockets).toHaveLength(2)
    },
  )

  test('may be dialled at once, or at the very end of the window', async () => {
    for (const [random, delay] of [
      [0, 0],
      [0.999_999, 7_999.992],
    ] as const) {
      const peer = connected({ random: () => random })
      ;(await peer.open()).end(1006)
      expect(peer.connection.state).toMatchObject({ retryAt: Date.now() + delay })
      peer.connection.close()
    }
  })

  test('doubles the window with each failure in a row, up to 30 s', async () => {
    const peer = connected()
    peer.connection.connect()
    const windows: number[] = []
    for (let failure = 0; failure < 5; failure++) {
      await settle()
      peer.last().end(1006)
      const { state } = peer.connection
      if (state.name !== 'waiting') throw new Error(state.name)
      windows.push((state.retryAt - Date.now()) * 2)
      await vi.advanceTimersByTimeAsync(state.retryAt - Date.now())
    }
    expect(windows).toEqual([8_000, 16_000, 30_000, 30_000, 30_000])
  })

  test('starts again with the small window only after a socket that lasted', async () => {
    const peer = connected()
    ;(await peer.open()).end(1011)
    await vi.advanceTimersByTimeAsync(4_000)
    // Accepts and drops: still the same row of failures.
    peer.last().open()
    peer.last().end(1011)
    expect(peer.connection.state).toMatchObject({ failures: 2 })
    await vi.advanceTimersByTimeAsync(8_000)
    peer.last().open()
    await vi.advanceTimersByTimeAsync(10_000)
    peer.last().end(1011)
    expect(peer.connection.state).toMatchObject({ failures: 1 })
  })

  test('that cannot even be dialled counts the same', async () => {
    const peer = connected({ dial: () => Promise.reject(new Error('no token')) })
    peer.connection.connect()
    await settle()
    expect(peer.connection.state).toMatchObject({ name: 'waiting', reason: 'lost' })
  })

  test('that neither opens nor fails is given up after 15 s', async () => {
    const peer = connected()
    peer.connection.connect()
    await vi.advanceTimersByTimeAsync(15_000)
    expect(peer.last().closedByClient).toBe(true)
    expect(peer.connection.state.name).toBe('waiting')
  })

  test('is dialled at once when the person asks, and not a second time', async () => {
    const peer = connected()
    ;(await peer.open()).end(1006)
    peer.connection.connect()
    peer.connection.connect()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(peer.sockets.length).toBeGreaterThan(1)
    expect(peer.sockets.filter((socket) => !socket.closedByClient).length).toBeLessThanOrEqual(1)
  })
})

describe('a socket closed for a reason', () => {
  test.each([
    [4400, 'stop'],
    [4403, 'stop'],
    [4413, 'stop'],
    [1009, 'stop'],
    [1002, 'stop'],
    [4401, 'start-anew'],
    [4410, 'unlinked'],
    [4409, 'until-asked'],
    [4408, 'when-looked-at'],
  ] as const)('%i stays closed: %s', async (code, reaction) => {
    const peer = connected()
    ;(await peer.open()).end(code)
    expect(peer.connection.state).toEqual({ name: 'stopped', code, reaction })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(peer.sockets).toHaveLength(1)
  })

  test('4409 comes back when asked', async () => {
    const peer = connected()
    ;(await peer.open()).end(4409)
    peer.connection.connect()
    await settle()
    expect(peer.sockets).toHaveLength(2)
  })

  test('4429 waits as long as the server said', async () => {
    const peer = connected()
    const socket = await peer.open()
    peer.connection.setRetryAfter(95)
    socket.end(4429)
    expect(peer.connection.state).toMatchObject({ reason: 'rate_limited', retryAt: Date.now() + 95_000 })
    await vi.advanceTimersByTimeAsync(94_999)
    expect(peer.sockets).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(peer.sockets).toHaveLength(2)
  })

  test('4429 waits a minute when the server said nothing, or nonsense', async () => {
    const peer = connected()
    const socket = await peer.open()
    peer.connection.setRetryAfter(-5)
    peer.connection.setRetryAfter(Number.NaN)
    socket.end(4429)
    expect(peer.connection.state).toMatchObject({ retryAt: Date.now() + 60_000 })
  })
})

describe('the heartbeat', () => {
  test('pings every 25 s and keeps a socket that answers', async () => {
    const peer = connected()
    const socket = await peer.open()
    for (let beat = 1; beat <= 4; beat++) {
      await vi.advanceTimersByTimeAsync(25_000)
      expect(socket.sent).toHaveLength(beat)
      socket.receive('pong')
    }
    expect(socket.sent).toEqual(['ping', 'ping', 'ping', 'ping'])
    expect(peer.connection.state.name).toBe('open')
    expect(peer.heard).toEqual([])
  })

  test('gives up a socket that says nothing for 10 s after a ping', async () => {
    const peer = connected()
    const socket = await peer.open()
    await vi.advanceTimersByTimeAsync(34_999)
    expect(peer.connection.state.name).toBe('open')
    await vi.advanceTimersByTimeAsync(1)
    expect(peer.connection.state.name).toBe('waiting')
    expect(socket.closedByClient).toBe(true)
  })
})

describe('a hostile peer', () => {
  test('is not heard any more once its socket was dropped', async () => {
    const peer = connected()
    const old = await peer.open()
    peer.connection.reconnect()
    await settle()
    peer.last().open()
    old.receive({ type: 'idle' })
    old.end(4410)
    old.open()
    expect(peer.heard).toEqual([])
    expect(peer.connection.state.name).toBe('open')
  })

  test('sends binary, and nothing comes of it', async () => {
    const peer = connected()
    ;(await peer.open()).receive(new ArrayBuffer(8))
    expect(peer.heard).toEqual([])
  })

  test('answers a dial that nobody wants any more, and its socket is closed', async () => {
    const socket = new FakeSocket()
    let arrive: (made: FakeSocket) => void = () => undefined
    const peer = connected({ dial: () => new Promise((resolve) => (arrive = resolve)) })
    peer.connection.connect()
    await settle()
    peer.connection.close()
    arrive(socket)
    await settle()
    expect(socket.closedByClient).toBe(true)
    expect(peer.connection.state).toEqual({ name: 'closed' })
  })
})

test('nothing is sent on a socket that is not open', async () => {
  const peer = connected()
  expect(peer.connection.send('x')).toBe(false)
  const socket = await peer.open()
  expect(peer.connection.send('x')).toBe(true)
  socket.end(1006)
  expect(peer.connection.send('y')).toBe(false)
  expect(socket.sent).toEqual(['x'])
})
