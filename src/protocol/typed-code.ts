/**
 * A code that is typed instead of scanned (contract, section 4): forty bits as eight of 32 characters, without the ones
 * that look alike (0 and O, 1 and I) or sound alike (U and V).
 */
import { TYPED_CODE_BYTES } from './limits.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
/** Without the `u` flag `i` folds ASCII only, so nothing but these characters passes (ECMA-262 section 22.2.2.7.3). */
const BARE = /^[1-9A-HJKLMNP-TV-Z]{8}$/i
const GROUP = 4
/** Of each character. */
const BITS = 5

/** Writes five bytes as `XXXX-XXXX`. */
export function formatTypedCode(bytes: Uint8Array): string {
  if (bytes.length !== TYPED_CODE_BYTES) throw new TypeError('not a typed code')
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const characters = Array.from({ length: bits.length / BITS }, (_, index) =>
    ALPHABET.charAt(Number.parseInt(bits.slice(index * BITS, (index + 1) * BITS), 2)),
  )
  return `${characters.slice(0, GROUP).join('')}-${characters.slice(GROUP).join('')}`
}

/**
 * Reads a code as people type it: any case, with or without the hyphen or spaces.
 * @returns `XXXX-XXXX`, or null for what can be no code
 */
export function parseTypedCode(text: string): string | null {
  const bare = text.replaceAll(/[ -]/g, '')
  if (!BARE.test(bare)) return null
  return `${bare.slice(0, GROUP)}-${bare.slice(GROUP)}`.toUpperCase()
}
