/**
 * Takes out of a picture what it tells besides itself: where and when it was taken, with what and by whom. Byte by byte,
 * so that the picture stays exactly as it was; how it is to be turned is kept. Pure.
 */

const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2
const APP14 = 0xee
const SOS = 0xda
const EOI = 0xd9
const COMMENT = 0xfe
const ORIENTATION_TAG = 0x0112
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0]
/** The profile of colours; other APP2 segments lead to further pictures behind the first. */
const ICC = 'ICC_PROFILE\0'
const WEBP_DROPPED: ReadonlySet<string> = new Set(['EXIF', 'XMP '])
/** Flags of VP8X: there is EXIF, there is XMP. */
const WEBP_EXIF_FLAG = 0x08
const WEBP_XMP_FLAG = 0x04
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const PNG_DROPPED: ReadonlySet<string> = new Set(['eXIf', 'tEXt', 'iTXt', 'zTXt', 'tIME'])

/**
 * The picture without its metadata; the very same bytes where it has none, or is of another kind; null where it is broken,
 * and cannot be told what it holds.
 */
export function withoutPictureMetadata(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return cleanJpeg(bytes)
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return cleanWebp(bytes)
  if (PNG_SIGNATURE.every((byte, index) => bytes[index] === byte)) return cleanPng(bytes)
  return bytes
}

/** ITU-T T.81 annex B. Also drops what lies behind the end of the picture: previews and films of some cameras. */
function cleanJpeg(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const view = viewOf(bytes)
  const kept: Uint8Array[] = []
  let orientation = 1
  let position = 2
  while (position + 4 <= bytes.length) {
    if (bytes[position] !== 0xff) return null
    const marker = bytes[position + 1]!
    if (marker === 0xff) {
      position += 1
      continue
    }
    if (marker === EOI) {
      kept.push(bytes.subarray(position, position + 2))
      return joined([bytes.subarray(0, 2), ...turned(orientation), ...kept])
    }
    const end = position + 2 + view.getUint16(position + 2)
    if (end > bytes.length) return null
    if (marker === APP1 && EXIF.every((byte, index) => bytes[position + 4 + index] === byte)) {
      orientation = orientationOf(bytes.subarray(position + 4 + EXIF.length, end))
    }
    if (isKeptInJpeg(marker, bytes, position)) kept.push(bytes.subarray(position, end))
    position = end
    if (marker !== SOS) continue
    const scanEnd = endOfScan(bytes, position)
    kept.push(bytes.subarray(position, scanEnd))
    position = scanEnd
  }
  // Cut off before its end, or with the end marker as its last two bytes.
  if (bytes[position] === 0xff && bytes[position + 1] === EOI) kept.push(bytes.subarray(position, position + 2))
  return kept.length === 0 ? null : joined([bytes.subarray(0, 2), ...turned(orientation), ...kept])
}

function isKeptInJpeg(marker: number, bytes: Uint8Array, position: number): boolean {
  if (marker === APP2) return ascii(bytes, position + 4, ICC.length) === ICC
  const isApplication = marker >= APP0 && marker <= 0xef
  return isApplication ? marker === APP0 || marker === APP14 : marker !== COMMENT
}

/** After a scan's header come its bits, in which 0xff is followed by 0 or a restart marker. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let position = from; position + 1 < bytes.length; position++) {
    if (bytes[position] !== 0xff) continue
    const next = bytes[position + 1]!
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return position
  }
  return bytes.length
}

/** RIFF container of WebP (RFC 9649 section 2.7): chunks of a name, a length, and an even number of bytes. */
function cleanWebp(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const view = viewOf(bytes)
  const kept: Uint8Array[] = []
  let orientation = 1
  let extended: Uint8Array | null = null
  for (let position = 12; position + 8 <= bytes.length;) {
    const name = ascii(bytes, position, 4)
    const length = view.getUint32(position + 4, true)
    const end = position + 8 + length + (length % 2)
    if (end > bytes.length + 1) return null
    const chunk = bytes.slice(position, Math.min(end, bytes.length))
    if (name === 'EXIF') {
      // Some writers begin it as a JPEG does.
      const prefixed = EXIF.every((byte, index) => chunk[8 + index] === byte)
      orientation = orientationOf(chunk.subarray(prefixed ? 8 + EXIF.length : 8))
    }
    if (name === 'VP8X') extended = chunk
    if (!WEBP_DROPPED.has(name)) kept.push(chunk)
    position = end
  }
  const turnedBy = orientation === 1 || extended === null ? [] : [webpChunk('EXIF', orientationExif(orientation))]
  if (extended) {
    extended[8] = extended[8]! & ~WEBP_EXIF_FLAG & ~WEBP_XMP_FLAG
    if (turnedBy.length > 0) extended[8] |= WEBP_EXIF_FLAG
  }
  const cleaned = joined([bytes.subarray(0, 12), ...kept, ...turnedBy])
  viewOf(cleaned).setUint32(4, cleaned.length - 8, true)
  return cleaned
}

/** Chunks of PNG (third edition, section 5.3): length, name, bytes, checksum. */
function cleanPng(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const view = viewOf(bytes)
  const kept: Uint8Array[] = [bytes.subarray(0, PNG_SIGNATURE.length)]
  for (let position = PNG_SIGNATURE.length; position + 12 <= bytes.length;) {
    const name = ascii(bytes, position + 4, 4)
    const end = position + 12 + view.getUint32(position)
    if (end > bytes.length) return null
    if (name === 'eXIf') {
      const orientation = orientationOf(bytes.subarray(position + 8, end - 4))
      if (orientation !== 1) kept.push(pngChunk(name, orientationExif(orientation)))
    }
    if (!PNG_DROPPED.has(name)) kept.push(bytes.subarray(position, end))
    if (name === 'IEND') return joined(kept)
    position = end
  }
  return null
}

/** How the picture is to be turned, of a TIFF header and its first directory; 1 (not at all) when it is not said. */
function orientationOf(tiff: Uint8Array): number {
  const order = ascii(tiff, 0, 2)
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return 1
  const little = order === 'II'
  const view = viewOf(tiff)
  const directory = view.getUint32(4, little)
  if (directory + 2 > tiff.length) return 1
  const entries = view.getUint16(directory, little)
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * 12
    if (entry + 12 > tiff.length) return 1
    if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue
    const orientation = view.getUint16(entry + 8, little)
    return orientation >= 1 && orientation <= 8 ? orientation : 1
  }
  return 1
}

/** A TIFF header with a directory of one entry: the orientation. */
function orientationExif(orientation: number): Uint8Array<ArrayBuffer> {
  const tiff = new Uint8Array(26)
  const view = viewOf(tiff)
  tiff.set([0x4d, 0x4d, 0, 42, 0, 0, 0, 8])
  view.setUint16(8, 1)
  view.setUint16(10, ORIENTATION_TAG)
  view.setUint16(12, 3)
  view.setUint32(14, 1)
  view.setUint16(18, orientation)
  return tiff
}

/** The segment of a JPEG that turns it; none where it stands upright. */
function turned(orientation: number): Uint8Array[] {
  if (orientation === 1) return []
  const exif = orientationExif(orientation)
  const length = 2 + EXIF.length + exif.length
  return [new Uint8Array([0xff, APP1, length >> 8, length & 0xff, ...EXIF, ...exif])]
}

function webpChunk(name: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + content.length + (content.length % 2))
  chunk.set(codes(name))
  viewOf(chunk).setUint32(4, content.length, true)
  chunk.set(content, 8)
  return chunk
}

function pngChunk(name: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + content.length)
  chunk.set(codes(name), 4)
  chunk.set(content, 8)
  const view = viewOf(chunk)
  view.setUint32(0, content.length)
  view.setUint32(8 + content.length, crc32(chunk.subarray(4, 8 + content.length)))
  return chunk
}

/** ISO 3309, as PNG wants it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function codes(name: string): Uint8Array {
  return new TextEncoder().encode(name)
}

export function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length))
}
