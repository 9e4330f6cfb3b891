/**
 * A code to type and the token behind it. The phone goes on with a token like any other, 128 bits of it secret; it is
 * made out of the code that the phone gives and a random salt, so that nobody has to keep it for a repeated scan.
 */
import { hashSecret, macOf, randomBytes } from '../http/secrets.ts'
import { fromBase64Url, toBase64Url } from '../protocol/bytes.ts'
import { TOKEN_SECRET_BYTES, TYPED_CODE_BYTES, TYPED_SALT_BYTES } from '../protocol/limits.ts'
import { formatTypedCode } from '../protocol/typed-code.ts'
import type { TypedDraft } from './link-types.ts'

/** Draws a new code from the CSPRNG (S4). */
export function drawTypedCode(): TypedDraft {
  const code = formatTypedCode(randomBytes(TYPED_CODE_BYTES))
  const salt = toBase64Url(randomBytes(TYPED_SALT_BYTES))
  const tokenHash = hashSecret(toBase64Url(typedSecret(code, salt)))
  return { code, hash: hashSecret(code), salt, tokenHash, extensions: 0 }
}

/** The secret part of the token that goes on from a typed code: HMAC-SHA-256 under the salt, cut to 16 bytes. */
export function typedSecret(code: string, salt: string): Uint8Array {
  const key = fromBase64Url(salt) ?? new Uint8Array()
  const mac = fromBase64Url(macOf(key, code)) ?? new Uint8Array()
  return mac.subarray(0, TOKEN_SECRET_BYTES)
}
