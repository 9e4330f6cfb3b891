import { env } from 'cloudflare:workers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { signAccessToken, verifyAccessToken } from '../../src/http/access-token.ts'
import { parseWireId } from '../../src/protocol/ids.ts'

const pair = await generateKeyPair('RS256', { extractable: true })
const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'theirs', alg: 'RS256', use: 'sig' }

afterEach(() => vi.unstubAllGlobals())

/** An issuer of its own name, as the isolate keeps what it found of one. */
function createIssuer(discovery: Record<string, unknown> = {}) {
  const issuer = `https://${crypto.randomUUID()}.example/tenant/`
  const settings = { ...env, IDENTITY: 'oidc', OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'tandem', ACCOUNT_CLAIM: 'account' }
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url)
    if (url === `${issuer}keys`) return Response.json({ keys: [jwk] })
    return Response.json({ issuer, jwks_uri: `${issuer}keys`, ...discovery })
  })
  const sign = (claims: Record<string, unknown> = {}, typ = 'at+jwt') =>
    new SignJWT({ iss: issuer, aud: 'tandem', account: 'user-1', ...claims })
      .setProtectedHeader({ alg: 'RS256', typ, kid: 'theirs' })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(pair.privateKey)
  return { issuer, settings, asked, sign }
}

describe('with an outside issuer', () => {
  it('an access token names an account by issuer and claim, with no session; discovery is asked once', async () => {
    const { issuer, settings, asked, sign } = createIssuer()
    const one = await verifyAccessToken(settings, await sign())
    const again = await verifyAccessToken(settings, await sign({ sub: 'anything' }))
    const other = await verifyAccessToken(settings, await sign({ account: 'user-2' }))
    expect(one?.session).toBeNull()
    expect(parseWireId(one?.account ?? '')).not.toBeNull()
    expect(again?.account).toBe(one?.account)
    expect(other?.account).not.toBe(one?.account)
    expect(asked).toEqual([`${issuer}.well-known/openid-configuration`, `${issuer}keys`])
  })

  it('the same claim of two issuers names two accounts', async () => {
    const first = createIssuer()
    const one = await verifyAccessToken(first.settings, await first.sign())
    const second = createIssuer()
    const two = await verifyAccessToken(second.settings, await second.sign())
    expect(one?.account).not.toBe(two?.account)
  })

  it('S6: another audience, another kind of token, a missing claim, and our own tokens are refused', async () => {
    const { settings, sign } = createIssuer()
    expect(await verifyAccessToken(settings, await sign({ aud: 'another' }))).toBeNull()
    expect(await verifyAccessToken(settings, await sign({ iss: 'https://evil.example' }))).toBeNull()
    expect(await verifyAccessToken(settings, await sign({}, 'JWT'))).toBeNull()
    for (const account of [undefined, '', 7, null]) {
      expect(await verifyAccessToken(settings, await sign({ account }))).toBeNull()
    }
    const own = await signAccessToken(env, { account: 'a'.repeat(43), session: 'one', now: Date.now() })
    expect(await verifyAccessToken(settings, own.accessToken)).toBeNull()
  })

  it('a discovery document of another issuer, and one that cannot be had, is a fault and no verdict', async () => {
    const { settings, sign } = createIssuer({ issuer: 'https://evil.example' })
    const token = await sign()
    await expect(verifyAccessToken(settings, token)).rejects.toThrow('not of this issuer')
    vi.stubGlobal('fetch', async () => new Response('', { status: 503 }))
    await expect(verifyAccessToken(settings, token)).rejects.toThrow('did not answer')
  })
})
