/**
 * What survives hibernation: the attachment of each of a companion's sockets (at most 16,384 bytes with some
 * 12 bytes of serialisation; measured 2026-11-22).
 */
import type { Visitor } from '../http/types.ts'
import type { LinkState, SpellCount } from './link-types.ts'

/** The socket of a companion that is not linked yet: everything there is of it. */
export interface LinkSocket {
  kind: 'link'
  key: string
  publicOrigin: string
  browser: string
  os: string
  visitor: Visitor
  openedAt: number
  state: LinkState
  /** Codes to type that it drew; absent until the first. */
  spells?: SpellCount
}

/** A resume that has not proven its key yet; `spent` once its one `prove` is being looked at. */
export interface ProvingSocket {
  kind: 'proving'
  nonce: string
  hosts: string[]
  cursor: number | null
  openedAt: number
  spent: boolean
}

/** The socket of a linked device. */
export interface StreamSocket {
  kind: 'stream'
  /** The last cursor that was forwarded. */
  cursor: number
}

export type SocketAttachment = LinkSocket | ProvingSocket | StreamSocket

/** An open socket with its attachment. */
export interface Attached<T extends SocketAttachment = SocketAttachment> {
  socket: WebSocket
  attachment: T
}

/** Reads a socket's attachment; each of ours was given one when it was accepted. */
export function attachmentOf(socket: WebSocket): SocketAttachment {
  return socket.deserializeAttachment() as SocketAttachment
}

/**
 * The open sockets of one kind, oldest first. A socket that we closed and whose peer never answers stays in
 * `getWebSockets()` with readyState 2 (measured 2026-11-22), so only open ones count.
 */
export function openSockets<K extends SocketAttachment['kind']>(
  ctx: DurableObjectState,
  kind: K,
): Attached<Extract<SocketAttachment, { kind: K }>>[] {
  return ctx
    .getWebSockets()
    .filter((socket) => socket.readyState === WebSocket.OPEN)
    .map((socket) => ({ socket, attachment: attachmentOf(socket) }))
    .filter(
      (attached): attached is Attached<Extract<SocketAttachment, { kind: K }>> => attached.attachment.kind === kind,
    )
}
