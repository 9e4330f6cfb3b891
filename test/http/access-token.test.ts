import { env } from 'cloudflare:workers'
import { evictDurableObject } from 'cloudflare:test'
import { decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { signAccessToken, verifyAccessToken } from '../../src/http/access-token.ts'
import { publishedKeys, signingKey } from '../../src/http/keys.ts'
import { randomBytes } from '../../src/http/secrets.ts'
import { toBase64Url, utf8 } from '../../src/protocol/bytes.ts'

const account = toBase64Url(randomBytes(32))
const seconds = () => Math.floor(Date.now() / 1000)

interface Forged {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  key?: CryptoKey | Uint8Array
}

/** A token like ours, but for what is given; undefined takes a member away. */
async function forge({ header = {}, claims = {}, key }: Forged = {}): Promise<string> {
  const own = await signingKey(env)
  const payload = {
    iss: 'tandem',
    aud: 'tandem:phone',
    sub: account,
    sid: 'one',
    iat: seconds(),
    exp: seconds() + 900,
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: own.kid, ...header })
    .sign(key ?? own.key)
}

describe('access tokens', () => {
  it('say whose they are and until when', async () => {
    const now = Date.now()
    const { accessToken, expiresAt } = await signAccessToken(env, { account, session: 'one', now })
    const issuedAt = Math.floor(now / 1000) * 1000
    expect(await verifyAccessToken(env, accessToken)).toEqual({ account, session: 'one', issuedAt, expiresAt })
    expect(expiresAt - issuedAt).toBe(15 * 60_000)
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
  })

  it('S6: are refused when anything about them is not ours', async () => {
    const stranger = await generateKeyPair('ES256')
    const refused: Record<string, Forged> = {
      'another issuer': { claims: { iss: 'https://elsewhere.example' } },
      'another audience': { claims: { aud: 'tandem:companion' } },
      'no audience': { claims: { aud: undefined } },
      expired: { claims: { exp: seconds() - 6 } },
      'never expiring': { claims: { exp: undefined } },
      'not yet valid': { claims: { nbf: seconds() + 60 } },
      'issued in the future': { claims: { iat: seconds() + 60 } },
      'of no known time': { claims: { iat: undefined } },
      'another kind of token': { header: { typ: 'JWT' } },
      'of no kind': { header: { typ: undefined } },
      'an unknown key': { header: { kid: 'unknown' } },
      'signed by another key': { key: stranger.privateKey },
      'no subject': { claims: { sub: undefined } },
      'a subject that is no account': { claims: { sub: '+4915112345678' } },
      'no session': { claims: { sid: undefined } },
    }
    for (const [why, forged] of Object.entries(refused)) {
      expect(await verifyAccessToken(env, await forge(forged)), why).toBeNull()
    }
    expect(await verifyAccessToken(env, await forge())).not.toBeNull()
  })

  it('S6: are refused with alg none, and with HS256 keyed by the public key', async () => {
    const [published] = (await publishedKeys(env)).keys
    const none = new UnsecuredJWT({ sub: account, sid: 'one' })
      .setIssuer('tandem')
      .setAudience('tandem:phone')
      .setIssuedAt()
      .setExpirationTime('15m')
      .encode()
    expect(await verifyAccessToken(env, none)).toBeNull()
    const header = { alg: 'HS256' }
    expect(await verifyAccessToken(env, await forge({ header, key: utf8(JSON.stringify(published)) }))).toBeNull()
  })

  it('S6: one changed character anywhere is refused', async () => {
    const { accessToken } = await signAccessToken(env, { account, session: 'one', now: Date.now() })
    for (let index = 0; index < accessToken.length; index += 7) {
      const other = accessToken[index] === 'A' ? 'B' : 'A'
      const changed = `${accessToken.slice(0, index)}${other}${accessToken.slice(index + 1)}`
      expect(await verifyAccessToken(env, changed), `at ${index}`).toBeNull()
    }
  })

  it('any text at all is refused without a throw', async () => {
    const piece = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((json) => toBase64Url(utf8(json))),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async (pieces) => {
        expect(await verifyAccessToken(env, pieces.join('.'))).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('a fault of the Keyring is thrown, never taken for a bad token', async () => {
    vi.resetModules()
    const fresh = await import('../../src/http/access-token.ts')
    const broken = { ...env, KEYRING: { getByName: () => ({ keys: () => Promise.reject(new Error('down')) }) } }
    await expect(fresh.verifyAccessToken(broken as unknown as Env, 'a.b.c')).rejects.toThrow('down')
  })

  it('the published keys verify what is signed, hold nothing private, and outlive an eviction', async () => {
    const before = await publishedKeys(env)
    for (const key of before.keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
      await expect(importJWK(key, 'ES256').then((imported) => exportJWK(imported))).resolves.toBeDefined()
    }
    const stub = env.KEYRING.getByName('keyring')
    await evictDurableObject(stub)
    expect((await stub.keys()).jwks).toEqual(before)
  })
})
