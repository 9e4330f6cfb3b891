/** WebSocket frames (RFC 6455 section 5) as a client writes and reads them; only what a strict test client needs. */
import { randomBytes } from 'node:crypto'

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface WebSocketFrame {
  fin: boolean
  opcode: number
  payload: Buffer
}

/** A masked frame, as a client must send it. */
export function encodeFrame(opcode: number, payload: Buffer, fin = true): Buffer {
  const { length } = payload
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const header = Buffer.alloc(2 + extra)
  header[0] = (fin ? 0x80 : 0) | opcode
  header[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127)
  if (extra === 2) header.writeUInt16BE(length, 2)
  if (extra === 8) header.writeBigUInt64BE(BigInt(length), 2)
  const mask = randomBytes(4)
  const masked = Buffer.from(payload)
  for (let index = 0; index < length; index++) masked[index]! ^= mask[index % 4]!
  return Buffer.concat([header, mask, masked])
}

/**
 * Reads the frames of a server from chunks as they come. @throws Error for a masked or compressed frame, which a
 * server that agreed to no extension must not send
 */
export function createFrameReader(onFrame: (frame: WebSocketFrame) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const taken = readFrame(pending)
      if (taken === null) return
      pending = pending.subarray(taken.size)
      onFrame(taken.frame)
    }
  }
}

function readFrame(bytes: Buffer): { frame: WebSocketFrame; size: number } | null {
  if (bytes.length < 2) return null
  const [first, second] = [bytes[0]!, bytes[1]!]
  if ((first & 0x70) !== 0) throw new Error('a reserved bit is set, but no extension was agreed')
  if ((second & 0x80) !== 0) throw new Error('a server must not mask its frames')
  const short = second & 0x7f
  const start = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < start) return null
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < start + length) return null
  return {
    frame: {
      fin: (first & 0x80) !== 0,
      opcode: first & 0x0f,
      payload: Buffer.from(bytes.subarray(start, start + length)),
    },
    size: start + length,
  }
}
