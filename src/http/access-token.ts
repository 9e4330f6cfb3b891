/**
 * Access tokens of the phone (RFC 9068): signed by the Keyring's key, or by an outside OpenID Connect issuer.
 * A token that is not good is null; only a fault of the service (no keys to be had) throws.
 */
import { errors, jwtVerify, SignJWT, type JWTPayload, type JWTVerifyOptions } from 'jose'
import { configOf, type Config } from '../config.ts'
import { parseWireId, wireId } from '../protocol/ids.ts'
import { ACCESS_TOKEN_CHARACTERS, ACCESS_TOKEN_MS, CLOCK_LEEWAY_MS } from '../protocol/limits.ts'
import { signingKey, verifyingKeys } from './keys.ts'
import { issuerKeys } from './outside-issuer.ts'
import { hashSecret } from './secrets.ts'
import type { Caller } from './types.ts'

/** Fixed strings, not origins: a deployment may answer under several. */
export const TOKEN_ISSUER = 'tandem'
export const TOKEN_AUDIENCE = 'tandem:phone'
/** Tells access tokens from every other JWT (RFC 9068 section 2.1, S19). */
const TOKEN_TYPE = 'at+jwt'
/** What outside issuers may sign with: nothing that is keyed by a shared secret. */
const OUTSIDE_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

type Outside = Extract<Config['identity'], { kind: 'oidc' }>

/** Signs an access token for a session. @returns the token and its expiry, epoch milliseconds */
export async function signAccessToken(
  env: Env,
  { account, session, now }: { account: string; session: string; now: number },
): Promise<{ accessToken: string; expiresAt: number }> {
  const { kid, key } = await signingKey(env)
  const issued = Math.floor(now / 1000)
  const expires = issued + ACCESS_TOKEN_MS / 1000
  const accessToken = await new SignJWT({ sid: session })
    .setProtectedHeader({ alg: 'ES256', typ: TOKEN_TYPE, kid })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setSubject(account)
    .setIssuedAt(issued)
    .setExpirationTime(expires)
    .sign(key)
  return { accessToken, expiresAt: expires * 1000 }
}

/**
 * Who a token speaks for: the only source of an account's name (S6).
 * @returns null unless the token is whole, ours (or the outside issuer's), meant for this service and valid now
 */
export async function verifyAccessToken(env: Env, token: string): Promise<Caller | null> {
  if (token.length > ACCESS_TOKEN_CHARACTERS) return null
  const { identity } = configOf(env)
  return identity.kind === 'oidc' ? verifyOutside(env, identity, token) : verifyOwn(env, token)
}

async function verifyOwn(env: Env, token: string): Promise<Caller | null> {
  const keys = await verifyingKeys(env)
  const payload = await verified(() =>
    jwtVerify(token, keys, { ...common(), algorithms: ['ES256'], issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE }),
  )
  if (payload === null) return null
  const { sub, sid } = payload
  if (typeof sub !== 'string' || parseWireId(sub) === null || typeof sid !== 'string' || sid === '') return null
  return callerOf(payload, sub, sid)
}

async function verifyOutside(env: Env, { issuer, audience, claim }: Outside, token: string): Promise<Caller | null> {
  const keys = await issuerKeys(issuer)
  const payload = await verified(() =>
    jwtVerify(token, keys, { ...common(), algorithms: OUTSIDE_ALGORITHMS, issuer, audience }),
  )
  const subject = payload?.[claim]
  if (payload === null || typeof subject !== 'string' || subject === '') return null
  return callerOf(payload, outsideAccount(env, issuer, subject), null)
}

/** The account of whom an outside issuer calls `subject`. */
export function outsideAccount(env: Env, issuer: string, subject: string): string {
  // Ids made from names and random ids (the embedded identity's) never coincide; the prefix keeps other names apart.
  const name = `oidc:${hashSecret(JSON.stringify([issuer, subject]))}`
  return wireId(env.ACCOUNT.idFromName(name).toString())
}

function common(): JWTVerifyOptions {
  return { typ: TOKEN_TYPE, clockTolerance: CLOCK_LEEWAY_MS / 1000, requiredClaims: ['exp', 'iat'] }
}

function callerOf({ iat, exp }: JWTPayload, account: string, session: string | null): Caller | null {
  if (iat === undefined || exp === undefined || iat * 1000 > Date.now() + CLOCK_LEEWAY_MS) return null
  return { account, session, issuedAt: iat * 1000, expiresAt: exp * 1000 }
}

/** @returns null when the token is to blame. @throws when the keys could not be had */
async function verified(verify: () => Promise<{ payload: JWTPayload }>): Promise<JWTPayload | null> {
  try {
    return (await verify()).payload
  } catch (error) {
    if (BLAMED_ON_TOKEN.some((kind) => error instanceof kind)) return null
    throw error
  }
}

const BLAMED_ON_TOKEN = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
]
