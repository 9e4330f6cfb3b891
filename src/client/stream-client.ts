/**
 * The stream on a socket of its own, as the phone has it: a {@link Stream} on a {@link Connection} that comes back by
 * itself and goes on from the cursor. A companion's stream shares the socket of the link: `companion-client.ts`.
 */
import type { CloseReaction } from '../protocol/close-codes.ts'
import type { StreamFrame } from '../protocol/frames.ts'
import { createConnection, type ConnectionState, type SocketLike } from './connection.ts'
import { parseServerFrame } from './server-frame.ts'
import { createStream, type Stream } from './stream.ts'
import type { StreamState } from './store.ts'

export interface StreamClientOptions {
  /**
   * Makes a socket that is connecting; may first await a fresh token. A rejection is retried like a lost socket.
   * @param cursor where to go on from; null: leave `cursor` out of the address
   */
  open: (cursor: number | null) => SocketLike | Promise<SocketLike>
  /** Every frame of the stream, after the state took it in (`unlinked` included). */
  onFrame?: (frame: StreamFrame) => void
  /** Open, waiting until `retryAt`, stopped with a close code (4401: get a new token, then `connect`). */
  onConnection?: (state: ConnectionState) => void
  /** What to do about a close code; section 6 unless given. */
  reactTo?: (code: number) => CloseReaction
}

export interface StreamClient {
  /** The verbs and the state: `stream.state`, `stream.subscribe`, `stream.request`, `stream.sendText`… */
  readonly stream: Stream
  /** Short for `stream.state`. */
  readonly store: StreamState
  readonly connection: ConnectionState
  /** Short for `stream.request`. @throws {RequestError} */
  request: Stream['request']
  /** Short for `stream.subscribe`. */
  subscribe: Stream['subscribe']
  /** Starts, or dials at once instead of waiting; nothing when the socket is open. */
  connect: () => void
  /** Closes the socket and forgets everything: signed out. */
  close: () => void
}

/** Creates a stream client that is closed: call `connect`. */
export function createStreamClient(options: StreamClientOptions): StreamClient {
  const stream = createStream({ onGap: () => connection.fail() })
  if (options.onFrame) stream.observe(options.onFrame)
  const connection = createConnection({
    dial: () => options.open(stream.state.cursor),
    onOpen: () => stream.ready((text) => void connection.send(text)),
    onMessage(text) {
      const frame = parseServerFrame(text)
      if (frame === null || !isStreamFrame(frame)) return
      if (frame.type === 'error' && frame.ref === undefined && frame.retryAfter !== undefined) {
        connection.setRetryAfter(frame.retryAfter)
      }
      stream.receive(frame)
    },
    onState(state) {
      if (state.name !== 'open') stream.lost()
      options.onConnection?.(state)
    },
    ...(options.reactTo ? { reactTo: options.reactTo } : {}),
  })

  return {
    stream,
    get store() {
      return stream.state
    },
    get connection() {
      return connection.state
    },
    request: stream.request,
    subscribe: stream.subscribe,
    connect: connection.connect,
    close() {
      connection.close()
      stream.wipe()
    },
  }
}

const STREAM_FRAMES = new Set<string>(['snapshot', 'event', 'typing', 'ok', 'error', 'unlinked'])

/** Tells the frames of the stream from those of the link. */
export function isStreamFrame(frame: { type: string }): frame is StreamFrame {
  return STREAM_FRAMES.has(frame.type)
}
