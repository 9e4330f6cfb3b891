/**
 * The phone's own socket (contract, section 4): the account's stream with an access token that is renewed while the
 * socket is open. What the stream itself is and does is in `stream-client.ts`.
 */
import { CLOSE, reactionTo } from '../protocol/close-codes.ts'
import { SUBPROTOCOL, type StreamFrame } from '../protocol/frames.ts'
import type { ConnectionState, SocketLike } from './connection.ts'
import type { PhoneApi } from './phone-api.ts'
import type { PhoneSession } from './phone-session.ts'
import { createStreamClient, type StreamClient } from './stream-client.ts'

/** When a renewal fails, the next is tried this much later; the socket lives on to its token's end. */
const RENEW_AGAIN_MS = 10_000
/** Timers are late in hidden pages and early never: at least this long between two renewals. */
const RENEW_LEAST_MS = 1_000

export interface PhoneStreamOptions {
  /** Of the service, http(s). */
  origin: string
  session: PhoneSession
  api: Pick<PhoneApi, 'account'>
  /** `new WebSocket(url, protocols)`, or what stands for it. */
  openSocket: (url: string, protocols: string[]) => SocketLike
  now: () => number
  onFrame?: (frame: StreamFrame) => void
  onConnection?: (state: ConnectionState) => void
}

/** Creates the phone's stream, closed: call `connect`. `close` ends it and forgets everything. */
export function createPhoneStream(options: PhoneStreamOptions): StreamClient {
  const { session, api, now } = options
  /** What the present socket was last given. */
  let given: string | null = null
  /** The last socket was refused, or closed for its token: the token is tried over HTTP before it is used again. */
  let doubtful = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const client = createStreamClient({
    async open(cursor) {
      // A browser cannot read why an upgrade was refused; this call can, and renews the token if that was it.
      if (doubtful) await api.account()
      const token = await session.accessToken()
      if (!token.ok) throw new Error(token.code)
      given = token.value
      doubtful = true
      return options.openSocket(socketUrl(options.origin, cursor), [SUBPROTOCOL, `bearer.${given}`])
    },
    onConnection(state) {
      clearTimeout(timer)
      if (state.name === 'open') {
        doubtful = false
        renewIn(timeLeft())
      }
      options.onConnection?.(state)
    },
    reactTo(code) {
      // 4410 reaches a phone when its account is deleted: the next call finds the session ended.
      if (code !== CLOSE.notLinked && code !== CLOSE.unlinked) return reactionTo(code)
      doubtful = true
      return 'retry'
    },
    ...(options.onFrame ? { onFrame: options.onFrame } : {}),
  })
  return client

  function renewIn(delay: number): void {
    timer = setTimeout(() => void renew(), delay)
  }

  async function renew(): Promise<void> {
    const token = await session.accessToken()
    if (client.connection.name !== 'open') return
    if (token.ok && token.value !== given) {
      given = token.value
      client.request({ type: 'token', accessToken: given }).catch(() => {
        given = null
      })
    }
    renewIn(token.ok && given !== null ? timeLeft() : RENEW_AGAIN_MS)
  }

  function timeLeft(): number {
    return Math.max((session.current()?.renewAt ?? now()) - now(), RENEW_LEAST_MS)
  }
}

function socketUrl(origin: string, cursor: number | null): string {
  const url = new URL('/v1/account/socket', origin)
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  if (cursor !== null) url.searchParams.set('cursor', String(cursor))
  return url.href
}
