/**
 * A WebSocket that comes back by the rules of the contract (section 6), and its heartbeat.
 *
 * Not partysocket: its delays are fixed and not random, it retries whatever the close code says, and it flushes what
 * was queued as soon as the socket opens, where a resuming companion may send nothing before its proof.
 */
import { reactionTo, type CloseReaction } from '../protocol/close-codes.ts'
import { PING, PONG } from '../protocol/frames.ts'
import {
  DIAL_MS,
  HEARTBEAT_LATE_MS,
  HEARTBEAT_MS,
  RATE_LIMITED_WAIT_MS,
  RETRY_WINDOW_MAX_MS,
  RETRY_WINDOW_MS,
  SOCKET_SETTLED_MS,
} from '../protocol/limits.ts'

/** RFC 6455 section 7.4.1: the socket went without a close frame. */
const ABNORMAL = 1006

/** What is used of a WebSocket. */
export interface SocketLike {
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void
}

/** `failures`: so many sockets in a row were lost before this moment. */
export type ConnectionState =
  | { name: 'connecting'; failures: number }
  | { name: 'open'; failures: number }
  /** Dials again by itself at `retryAt` (epoch milliseconds). */
  | { name: 'waiting'; retryAt: number; reason: 'lost' | 'rate_limited'; failures: number }
  /** Does nothing until `connect` is called. */
  | { name: 'stopped'; code: number; reaction: Exclude<CloseReaction, 'retry' | 'wait'> }
  /** Not started, or closed by `close`. */
  | { name: 'closed' }

export interface ConnectionOptions {
  /** Makes a socket that is connecting. A rejection counts as a lost socket. */
  dial: () => SocketLike | Promise<SocketLike>
  onOpen?: () => void
  /** Every text frame but `pong`. */
  onMessage: (text: string) => void
  onState?: (state: ConnectionState) => void
  /** What to do about a close code; section 6 unless given. */
  reactTo?: (code: number) => CloseReaction
  /** 0 ≤ x < 1. */
  random?: () => number
}

export interface Connection {
  readonly state: ConnectionState
  /** @returns false when there is no open socket: nothing was sent */
  send: (text: string) => boolean
  /** Dials at once: the first time, after a stop, or instead of waiting. Does nothing on an open or connecting socket. */
  connect: () => void
  /** Drops the present socket, if any, and dials at once. */
  reconnect: () => void
  /** Treats the present socket as lost: drops it and dials later, as after a failure. */
  fail: () => void
  /** Ends for good, until `connect`. */
  close: () => void
  /** The server said how long to wait, in seconds; it counts when 4429 follows. */
  setRetryAfter: (seconds: number) => void
}

/**
 * How long to wait before the next dial (section 6), in milliseconds.
 * @param failures - how many sockets in a row were lost before this one
 * @param random - 0 ≤ x < 1
 */
export function retryDelay(failures: number, random: number): number {
  return random * Math.min(RETRY_WINDOW_MS * 2 ** failures, RETRY_WINDOW_MAX_MS)
}

/** Creates a connection that is closed: call `connect`. */
export function createConnection(options: ConnectionOptions): Connection {
  const { dial, onMessage, reactTo = reactionTo, random = Math.random } = options
  let state: ConnectionState = { name: 'closed' }
  let socket: SocketLike | null = null
  /** Told apart by number, so that nothing a dropped socket still says is heard. */
  let current = 0
  let failures = 0
  let retryAfterMs: number | null = null
  let retryTimer: Timer
  let dialTimer: Timer
  let settledTimer: Timer
  let pingTimer: Timer
  let lateTimer: Timer

  return {
    get state() {
      return state
    },
    send(text) {
      if (state.name !== 'open' || socket === null) return false
      socket.send(text)
      return true
    },
    connect() {
      if (state.name !== 'open' && state.name !== 'connecting') start()
    },
    reconnect() {
      drop()
      start()
    },
    fail() {
      lost(current, ABNORMAL)
    },
    close() {
      drop()
      enter({ name: 'closed' })
    },
    setRetryAfter(seconds) {
      if (Number.isFinite(seconds) && seconds > 0) retryAfterMs = seconds * 1000
    },
  }

  function start(): void {
    clearTimeout(retryTimer)
    const mine = ++current
    retryAfterMs = null
    enter({ name: 'connecting', failures })
    if (mine !== current) return
    dialTimer = setTimeout(() => lost(mine, ABNORMAL), DIAL_MS)
    Promise.resolve()
      .then(dial)
      .then(
        (made) => (mine === current ? listen(made, mine) : made.close()),
        () => lost(mine, ABNORMAL),
      )
  }

  function listen(made: SocketLike, mine: number): void {
    socket = made
    made.addEventListener('open', () => {
      if (mine !== current) return
      clearTimeout(dialTimer)
      settledTimer = setTimeout(() => (failures = 0), SOCKET_SETTLED_MS)
      pingTimer = setInterval(() => ping(mine), HEARTBEAT_MS)
      enter({ name: 'open', failures })
      if (mine === current) options.onOpen?.()
    })
    made.addEventListener('message', ({ data }) => {
      if (mine !== current) return
      // Any frame shows that the other side is there: a pong may wait behind a long catch-up.
      clearTimeout(lateTimer)
      lateTimer = undefined
      if (typeof data === 'string' && data !== PONG) onMessage(data)
    })
    made.addEventListener('close', ({ code }) => lost(mine, code))
  }

  function ping(mine: number): void {
    if (mine !== current || socket === null) return
    socket.send(PING)
    lateTimer ??= setTimeout(() => lost(mine, ABNORMAL), HEARTBEAT_LATE_MS)
  }

  function lost(mine: number, code: number): void {
    if (mine !== current) return
    drop()
    const reaction = reactTo(code)
    if (reaction === 'retry') wait(retryDelay(failures++, random()), 'lost')
    else if (reaction === 'wait') wait(retryAfterMs ?? RATE_LIMITED_WAIT_MS, 'rate_limited')
    else enter({ name: 'stopped', code, reaction })
  }

  function wait(delay: number, reason: 'lost' | 'rate_limited'): void {
    retryTimer = setTimeout(start, delay)
    enter({ name: 'waiting', retryAt: Date.now() + delay, reason, failures })
  }

  function drop(): void {
    current++
    for (const timer of [retryTimer, dialTimer, settledTimer, pingTimer, lateTimer]) clearTimeout(timer)
    lateTimer = undefined
    const dropped = socket
    socket = null
    dropped?.close()
  }

  function enter(next: ConnectionState): void {
    state = next
    options.onState?.(next)
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined
