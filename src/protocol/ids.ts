/**
 * The names of objects on the wire.
 *
 * A device's id and an account's id are the 32 bytes of their Durable Object's id as base64url (43 characters);
 * a link token is a companion's 32 id bytes followed by 16 random bytes (64 characters). So a request is routed
 * with no directory. An id proves nothing: the random bytes do, and after linking the device's key.
 */
import { fromBase64Url, fromHex, toBase64Url, toHex } from './bytes.ts'
import { TOKEN_ID_BYTES, TOKEN_SECRET_BYTES } from './limits.ts'

/** A link token taken apart. */
export interface LinkToken {
  /** The companion's object id, 64 hex digits. */
  objectId: string
  /** The companion's id as a device. */
  device: string
  /** The 16 random bytes, base64url: what makes the token a secret. */
  secret: string
}

/** Makes the wire id of the object whose id is `hex` (64 hex digits, from `DurableObjectId.toString()`). */
export function wireId(hex: string): string {
  const bytes = fromHex(hex)
  if (bytes?.length !== TOKEN_ID_BYTES) throw new TypeError('not an object id')
  return toBase64Url(bytes)
}

/** The object id (hex) behind a wire id; null if it is malformed. */
export function parseWireId(id: string): string | null {
  if (id.length !== 43) return null
  const bytes = fromBase64Url(id)
  return bytes === null ? null : toHex(bytes)
}

/** Joins a companion's object id (hex) and 16 fresh random bytes to a link token of 64 characters. */
export function formatLinkToken(objectId: string, secret: Uint8Array): string {
  const id = fromHex(objectId)
  if (id?.length !== TOKEN_ID_BYTES || secret.length !== TOKEN_SECRET_BYTES) throw new TypeError('not a token')
  const bytes = new Uint8Array(TOKEN_ID_BYTES + TOKEN_SECRET_BYTES)
  bytes.set(id)
  bytes.set(secret, TOKEN_ID_BYTES)
  return toBase64Url(bytes)
}

/** Takes a link token apart; null for anything that is not 64 base64url characters. */
export function parseLinkToken(token: string): LinkToken | null {
  if (token.length !== 64) return null
  const bytes = fromBase64Url(token)
  if (bytes === null) return null
  const id = bytes.subarray(0, TOKEN_ID_BYTES)
  return { objectId: toHex(id), device: toBase64Url(id), secret: toBase64Url(bytes.subarray(TOKEN_ID_BYTES)) }
}
