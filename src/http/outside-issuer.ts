/** The published keys of an outside OpenID Connect issuer, found through its discovery document (Discovery 1.0, 4). */
import { createRemoteJWKSet } from 'jose'
import { ISSUER_DISCOVERY_KEPT_MS, ISSUER_DISCOVERY_MS } from '../protocol/limits.ts'

type IssuerKeys = ReturnType<typeof createRemoteJWKSet>

/** At module scope: the key set keeps its own cache and cool-down for as long as the isolate lives. */
const known = new Map<string, { keys: IssuerKeys; jwksUri: string; foundAt: number }>()

/** The keys of `issuer`. @throws when its discovery document cannot be had or names another issuer */
export async function issuerKeys(issuer: string): Promise<IssuerKeys> {
  const found = known.get(issuer)
  const now = Date.now()
  if (found !== undefined && now - found.foundAt < ISSUER_DISCOVERY_KEPT_MS) return found.keys
  try {
    const jwksUri = await discover(issuer)
    const keys = found?.jwksUri === jwksUri ? found.keys : createRemoteJWKSet(new URL(jwksUri))
    known.set(issuer, { keys, jwksUri, foundAt: now })
    return keys
  } catch (error) {
    if (found !== undefined) return found.keys
    throw error
  }
}

async function discover(issuer: string): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(address, { signal: AbortSignal.timeout(ISSUER_DISCOVERY_MS) })
  if (!response.ok) throw new Error('the issuer did not answer its discovery document')
  const { issuer: named, jwks_uri: jwksUri } = await response.json<{ issuer?: unknown; jwks_uri?: unknown }>()
  if (named !== issuer || typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) {
    throw new Error('the discovery document is not of this issuer')
  }
  return jwksUri
}
