/** Small synchronous cryptography: random bytes, hashes, MACs, comparison. Synchronous, because an await between
 * reading an object's state and changing it would let another event in. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64Url, utf8 } from '../protocol/bytes.ts'

/** `length` bytes from the CSPRNG. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** A uniform random integer from `least` to `most`, both included (rejection sampling; at most 2^32 values). */
export function randomInteger(least: number, most: number): number {
  const span = most - least + 1
  const limit = Math.floor(2 ** 32 / span) * span
  for (;;) {
    const [value] = crypto.getRandomValues(new Uint32Array(1)) as unknown as [number]
    if (value < limit) return least + (value % span)
  }
}

/** SHA-256 of the UTF-8 of `text`, base64url (43 characters): how bearer secrets are kept at rest (S20). */
export function hashSecret(text: string): string {
  return toBase64Url(sha256(utf8(text)))
}

/** HMAC-SHA-256 (RFC 2104) of the UTF-8 of `text`, base64url. */
export function macOf(key: Uint8Array, text: string): string {
  return toBase64Url(hmac(sha256, key, utf8(text)))
}

/** Compares two strings in constant time for a given length (S20). */
export function equalSecrets(a: string, b: string): boolean {
  const left = utf8(a)
  const right = utf8(b)
  return left.length === right.length && crypto.subtle.timingSafeEqual(left, right)
}
