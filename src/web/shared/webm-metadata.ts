/**
 * Takes out of a WebM or Matroska file (RFC 9559 over RFC 8794) its tags, attachments, title and date. What goes becomes
 * Void of the same length, so that nothing moves. Pure.
 */
import { viewOf } from './picture-metadata.ts'

const EBML = 0x1a45dfa3
const SEGMENT = 0x18538067
const INFO = 0x1549a966
const CLUSTER = 0x1f43b675
const VOID = 0xec
/** Tags, Attachments; in Info the title and the date. */
const TOLD: ReadonlySet<number> = new Set([0x1254c367, 0x1941a469, 0x7ba9, 0x4461])

export function isWebm(bytes: Uint8Array): boolean {
  return bytes.length > 4 && viewOf(bytes).getUint32(0) === EBML
}

/** The very same bytes where there is nothing to take out; null where that cannot be told. */
export function withoutWebmMetadata(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const copy = bytes.slice()
  const view = viewOf(copy)
  let changed = false
  for (let start = 0; start < copy.length;) {
    const id = vint(copy, start)
    const size = id && vint(copy, id.end)
    if (!id || !size) return null
    const name = id.value + 2 ** (7 * (id.end - start))
    const isUnknown = size.value === 2 ** (7 * (size.end - id.end)) - 1
    const end = size.end + size.value
    // Gone into: what they hold comes next. Only these may be of unknown length, as what is recorded live is.
    if (name === SEGMENT || name === INFO || (name === CLUSTER && isUnknown)) {
      start = size.end
      continue
    }
    if (isUnknown || end > copy.length) return null
    if (TOLD.has(name)) {
      changed = true
      copy.fill(0, start, end)
      copy[start] = VOID
      // A length of eight bytes where there is room, else of one.
      copy[start + 1] = end - start < 9 ? 0x80 + end - start - 2 : 1
      if (end - start >= 9) view.setUint32(start + 5, end - start - 9)
    }
    start = end
  }
  return changed ? copy : bytes
}

/** A number of variable length without its marker (RFC 8794 section 4). */
function vint(bytes: Uint8Array, from: number): { value: number; end: number } | null {
  const first = bytes[from] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8 || from + length > bytes.length) return null
  let value = first & (0xff >> length)
  for (let at = from + 1; at < from + length; at++) value = value * 256 + bytes[at]!
  return { value, end: from + length }
}
