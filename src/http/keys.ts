/**
 * The Keyring's keys as an isolate holds them: asked for once, then kept for KEY_CACHE_MS, which is less than the time
 * for which a new key is published before it signs (`identity/key-schedule.ts`).
 */
import { createLocalJWKSet, importJWK } from 'jose'
import type { KeySet } from '../identity/rpc.ts'
import { fromBase64Url } from '../protocol/bytes.ts'
import { KEY_CACHE_MS, KEY_FLIGHT_MS } from '../protocol/limits.ts'

/** HMAC keys for media URLs; the first one signs, any of them verifies. */
export type MediaKeys = readonly { readonly kid: string; readonly key: Uint8Array }[]

/** Signs access tokens; `key` is an ES256 private key. */
export interface SigningKey {
  kid: string
  key: CryptoKey
}

/** Finds the public key of a token; it imports each key once. */
export type VerifyingKeys = ReturnType<typeof createLocalJWKSet>

interface Loaded {
  signing: SigningKey
  jwks: KeySet['jwks']
  verifying: VerifyingKeys
  media: MediaKeys
  loadedAt: number
}

let held: Loaded | null = null
let flight: { loading: Promise<Loaded>; startedAt: number } | null = null

/** The keys that sign and verify media URLs. Pass them to `signMediaUrl`, which is synchronous. */
export async function mediaKeys(env: Env): Promise<MediaKeys> {
  return (await loaded(env)).media
}

/** The key that signs access tokens now. */
export async function signingKey(env: Env): Promise<SigningKey> {
  return (await loaded(env)).signing
}

/** Every public key that may have signed a living token, as a JWK set (RFC 7517 section 5). */
export async function publishedKeys(env: Env): Promise<KeySet['jwks']> {
  return (await loaded(env)).jwks
}

/** Finds the published key that a token names. */
export async function verifyingKeys(env: Env): Promise<VerifyingKeys> {
  return (await loaded(env)).verifying
}

async function loaded(env: Env): Promise<Loaded> {
  const now = Date.now()
  if (held !== null && now - held.loadedAt < KEY_CACHE_MS && now >= held.loadedAt) return held
  if (flight !== null && now - flight.startedAt < KEY_FLIGHT_MS) {
    // The call belongs to another request and dies with it (a client that hangs up), so the wait for it is bounded.
    const shared = await settledWithin(flight.loading, KEY_FLIGHT_MS)
    if (shared !== null) return shared
  }
  const own = { loading: load(env, now), startedAt: now }
  flight = own
  try {
    held = await own.loading
    return held
  } catch (error) {
    // Keys overlap for weeks: those at hand are still good while the Keyring cannot be asked.
    if (held !== null) return held
    throw error
  } finally {
    if (flight === own) flight = null
  }
}

async function load(env: Env, now: number): Promise<Loaded> {
  const set: KeySet = await env.KEYRING.getByName('keyring').keys()
  const key = await importJWK(set.signing, 'ES256')
  if (key instanceof Uint8Array) throw new TypeError('the signing key is not a key pair')
  return {
    signing: { kid: set.signing.kid, key },
    jwks: set.jwks,
    verifying: createLocalJWKSet(set.jwks),
    media: set.media.map(decodeKey),
    loadedAt: now,
  }
}

function decodeKey({ kid, key }: KeySet['media'][number]): MediaKeys[number] {
  const bytes = fromBase64Url(key)
  if (bytes === null) throw new TypeError('the media key is not base64url')
  return { kid, key: bytes }
}

/** @returns null when `promise` fails, or takes longer than `ms` */
async function settledWithin<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: number | null = null
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await Promise.race([promise.catch(() => null), late])
  } finally {
    clearTimeout(timer)
  }
}
