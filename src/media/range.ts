/** Byte ranges (RFC 9110 section 14). Parsed here, as R2 answers the whole object to some that it cannot satisfy. Pure. */

export type ByteRange = { kind: 'whole' } | { kind: 'part'; offset: number; length: number } | { kind: 'unsatisfiable' }

const SINGLE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * Which bytes of an object of `size` bytes are asked for. A header that is malformed, of another unit, or of several
 * ranges may be ignored (section 14.2), and is.
 */
export function parseRange(header: string | undefined, size: number): ByteRange {
  const [, first = '', last = ''] = SINGLE_RANGE.exec(header ?? '') ?? []
  if (first === '' && last === '') return { kind: 'whole' }
  if (first === '') return partOf(size - Math.min(Number(last), size), size - 1, size)
  if (last !== '' && Number(last) < Number(first)) return { kind: 'whole' }
  return partOf(Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1), size)
}

function partOf(first: number, last: number, size: number): ByteRange {
  return first < size ? { kind: 'part', offset: first, length: last - first + 1 } : { kind: 'unsatisfiable' }
}
