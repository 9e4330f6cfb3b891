/** Lets a request pass only with a valid access token, and says whose it is. */
import type { MiddlewareHandler } from 'hono'
import { verifyAccessToken } from './access-token.ts'
import { problem } from './problem.ts'
import type { Authenticate, PhoneEnv } from './types.ts'

/** One space at least, and the characters of RFC 6750 section 2.1. */
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i

/** Makes the middleware of the phone's routes: sets `caller`, or answers 401 `unauthorized` (RFC 6750 section 3). */
export function createAuthenticate(verify: typeof verifyAccessToken = verifyAccessToken): Authenticate {
  const authenticate: MiddlewareHandler<PhoneEnv> = async (c, next) => {
    const token = BEARER.exec(c.req.header('authorization') ?? '')?.[1]
    const caller = token === undefined ? null : await verify(c.env, token)
    if (caller === null) return unauthorized(token !== undefined)
    c.set('caller', caller)
    return next()
  }
  return authenticate
}

function unauthorized(tokenGiven: boolean): Response {
  const response = problem('unauthorized')
  response.headers.set('www-authenticate', tokenGiven ? 'Bearer error="invalid_token"' : 'Bearer')
  return response
}
