/** What the Worker and other objects may ask of the identity room's objects. */
import type { Result } from '../protocol/result.ts'
import type { SessionGrant } from '../account/rpc.ts'

/** Keys as isolates cache them (`http/keys.ts`). Private parts never leave the Worker. */
export interface KeySet {
  /** Signs access tokens now: an ES256 private JWK with its `kid`. */
  signing: JsonWebKey & { kid: string }
  /** Every public key that may still have signed a living token. */
  jwks: { keys: (JsonWebKey & { kid: string; alg: 'ES256'; use: 'sig' })[] }
  /** HMAC-SHA-256 keys for media URLs, the one that signs first, 32 bytes as base64url. */
  media: { kid: string; key: string }[]
}

export interface KeyringRpc {
  keys(): Promise<KeySet>
}

export interface NumberRpc {
  /** Makes and keeps a new one-time code; the Worker delivers it. */
  issueCode(): Promise<Result<{ code: string; retryAfter: number }>>
  /** Checks the code, finds or makes the number's account, and signs in there. */
  signIn(number: string, code: string): Promise<Result<SessionGrant & { accountId: string }>>
  /** The account of this number, or null. */
  lookUp(): Promise<string | null>
  /** The account was deleted: its number is free. Does nothing if the number is another account's by now. */
  release(account: string): Promise<void>
}

/** One-time codes asked for, and wrong operator's keys. */
export type Counted = 'code' | 'operator'

export interface AddressRpc {
  /**
   * Counts one use of `what` in the running hour.
   * @param counts - false only asks: what was no use of it is refused with the rest, and not counted
   * @returns seconds to wait, 0 when it is admitted
   */
  admit(what: Counted, limit: number, counts?: boolean): Promise<number>
}
