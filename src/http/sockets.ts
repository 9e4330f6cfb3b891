/** Sending and closing on hibernatable sockets, where a peer that has gone must never be an error. */
import type { CloseCode } from '../protocol/close-codes.ts'
import { FRAME_ERRORS, type FrameErrorCode } from '../protocol/errors.ts'
import type { ErrorFrame, ServerFrame } from '../protocol/frames.ts'

/** An `error` frame with the words that go with its code. */
export function errorFrame(
  ref: string | undefined,
  code: FrameErrorCode,
  more: { message?: string; retryAfter?: number } = {},
): ErrorFrame {
  return { type: 'error', ...(ref === undefined ? {} : { ref }), code, message: FRAME_ERRORS[code], ...more }
}

/** Sends a frame; does nothing if the socket is not open any more: its client comes back with its cursor. */
export function sendFrame(socket: WebSocket, frame: ServerFrame): void {
  sendText(socket, JSON.stringify(frame))
}

/** Sends a frame that is written out already; nothing if the socket is not open any more. */
export function sendText(socket: WebSocket, frame: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(frame)
}

/** Closes with a code of the contract; does nothing if it is closed already. */
export function closeSocket(socket: WebSocket, code: CloseCode, reason?: string): void {
  if (socket.readyState !== WebSocket.OPEN) return
  socket.close(code, reason)
}

/**
 * Answers a client's close: the hibernation API does not, and a client would hang for 10 s and see 1006. The codes
 * 1005, 1006 and 1015 never travel (RFC 6455 section 7.4.1; sending one throws; measured 2026-11-22).
 */
export function answerClose(socket: WebSocket, code: number): void {
  const sendable = code === 1005 || code === 1006 || code === 1015 ? 1000 : code
  try {
    socket.close(sendable)
  } catch {
    // The connection is gone already: there is nobody left to answer.
  }
}
