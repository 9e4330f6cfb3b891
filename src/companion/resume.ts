/**
 * A browser that comes back: it proves its key over a fresh nonce (S17), then the account's row decides. Only a proven
 * socket replaces an older one. A fault of the service is never told as 4401 or 4410.
 */
import { randomBytes } from '../http/secrets.ts'
import { toBase64Url } from '../protocol/bytes.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import { wireId } from '../protocol/ids.ts'
import { NONCE_BYTES, PROVE_MS, PROVING_SOCKETS } from '../protocol/limits.ts'
import { parseProve } from '../protocol/requests.ts'
import { errorName, record } from '../telemetry.ts'
import { openSockets, type ProvingSocket } from './attachment.ts'
import { deleteEverything, readRecord } from './device-record.ts'
import type { DeviceStream } from './device-stream.ts'
import type { LinkScreen } from './link-screen.ts'
import { type Linking, sayUnlinked } from './linking.ts'
import { isProven } from './proof.ts'
import type { OpenResume } from './rpc.ts'
import { closeSocket, sendFrame } from '../http/sockets.ts'

/** How long a resume waits for a link that is under way before it is told to come back (1011). */
const LINKING_WAIT_MS = 10_000

export class Resume {
  readonly #ctx: DurableObjectState
  readonly #env: Env
  readonly #screen: LinkScreen
  readonly #linking: Linking
  readonly #stream: DeviceStream
  /** What closes each socket that does not prove its key in time. */
  readonly #timers = new WeakMap<WebSocket, ReturnType<typeof setTimeout>>()

  constructor(ctx: DurableObjectState, env: Env, screen: LinkScreen, linking: Linking, stream: DeviceStream) {
    this.#ctx = ctx
    this.#env = env
    this.#screen = screen
    this.#linking = linking
    this.#stream = stream
  }

  /** Challenges a socket that was just accepted; an id that stands for nothing is 4401 and writes nothing. */
  challenge(socket: WebSocket, { hosts, cursor }: OpenResume): void {
    const nonce = toBase64Url(randomBytes(NONCE_BYTES))
    const openedAt = Date.now()
    socket.serializeAttachment({
      kind: 'proving',
      nonce,
      hosts,
      cursor,
      openedAt,
      spent: false,
    } satisfies ProvingSocket)
    if (this.#key() === null) {
      refuse(socket)
      return
    }
    const proving = openSockets(this.#ctx, 'proving')
    for (const { socket: oldest } of proving.slice(0, Math.max(0, proving.length - PROVING_SOCKETS))) refuse(oldest)
    sendFrame(socket, { type: 'challenge', nonce })
    // A timer keeps the object awake until the proof or for its ten seconds; an unproven socket is not worth a stored alarm.
    this.#timers.set(
      socket,
      setTimeout(() => refuse(socket), PROVE_MS),
    )
  }

  /** The socket's one `prove`; anything else, a second one or a late one is 4401. */
  async prove(socket: WebSocket, proving: ProvingSocket, data: string | ArrayBuffer): Promise<void> {
    clearTimeout(this.#timers.get(socket) ?? null)
    const frame = parseProve(data)
    const key = this.#key()
    const isLate = Date.now() > proving.openedAt + PROVE_MS
    if (frame === null || key === null || proving.spent || isLate) {
      refuse(socket)
      return
    }
    socket.serializeAttachment({ ...proving, spent: true } satisfies ProvingSocket)
    const { hosts, nonce } = proving
    const device = wireId(this.#ctx.id.toString())
    if (!(await isProven(key, frame.signature, { hosts, device, nonce }))) {
      refuse(socket)
      return
    }
    await this.#admit(socket, proving.cursor)
  }

  /** The socket closed before it proved anything. */
  forget(socket: WebSocket): void {
    clearTimeout(this.#timers.get(socket) ?? null)
  }

  /** Null: this companion is neither shown, linked nor remembered. */
  #key(): string | null {
    return readRecord(this.#ctx.storage)?.key ?? this.#screen.socket()?.attachment.key ?? null
  }

  async #admit(socket: WebSocket, cursor: number | null): Promise<void> {
    if (readRecord(this.#ctx.storage)?.state === 'linking') await this.#linkingOutcome()
    const device = readRecord(this.#ctx.storage)
    switch (device?.state) {
      case undefined:
        await this.#endUnlinked(socket)
        return
      case 'linking':
        closeSocket(socket, CLOSE.internal, 'try again')
        return
      case 'ended':
        sayUnlinked(socket, device.reason)
        return
      case 'linked':
        await this.#resume(socket, device.account, cursor)
    }
  }

  async #resume(socket: WebSocket, account: string, cursor: number | null): Promise<void> {
    try {
      const outcome = await this.#stream.resume(account, socket, cursor)
      if (typeof outcome === 'string') return
      this.#linking.end(outcome.ended)
      sayUnlinked(socket, outcome.ended)
    } catch (error) {
      record(this.#env, { event: 'call_failed', call: 'connectDevice', error: errorName(error) })
      closeSocket(socket, CLOSE.internal, 'try again')
    }
  }

  /** A proven resume of an unlinked companion ends that companion: both tokens die, then 4401. */
  async #endUnlinked(socket: WebSocket): Promise<void> {
    const screen = this.#screen.socket()
    if (screen !== null) closeSocket(screen.socket, CLOSE.notLinked, 'resumed elsewhere')
    await deleteEverything(this.#ctx.storage)
    refuse(socket)
  }

  async #linkingOutcome(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, LINKING_WAIT_MS))
    await Promise.race([this.#linking.rollForward(), late])
  }
}

function refuse(socket: WebSocket): void {
  closeSocket(socket, CLOSE.notLinked, 'not a linked device')
}
