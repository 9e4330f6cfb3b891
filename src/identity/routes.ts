/** The embedded identity over HTTP (contract, section 4): code, session, refresh, sign-out, and the published keys. */
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { SessionGrant } from '../account/rpc.ts'
import { isIdentityReady } from '../config.ts'
import { signAccessToken } from '../http/access-token.ts'
import { parseBody } from '../http/body.ts'
import { publishedKeys, signingKey } from '../http/keys.ts'
import { problem, respondWith } from '../http/problem.ts'
import type { AppEnv, Authenticate, Visitor } from '../http/types.ts'
import type { Config } from '../config.ts'
import { codeRequest, refreshRequest, sessionRequest, type CodeAnswer, type SessionAnswer } from '../protocol/http.ts'
import { ACCOUNT_ID_CHARACTERS, CODES_AN_HOUR_ADDRESS, KEY_CACHE_MS } from '../protocol/limits.ts'
import { failure, success, type Result } from '../protocol/result.ts'
import { record } from '../telemetry.ts'
import { findAccount } from './accounts.ts'
import { addressOf } from './addresses.ts'
import { deliverCode } from './code-delivery.ts'
import { parseNumber } from './e164.ts'

/** The routes of the embedded identity. @param authenticate - guards the sign-out */
export function createIdentityRoutes(authenticate: Authenticate) {
  const routes = new Hono<AppEnv>()

  routes.get('/.well-known/jwks.json', async (c) => {
    const headers = {
      'access-control-allow-origin': '*',
      'cache-control': `public, max-age=${KEY_CACHE_MS / 1000}`,
      'cross-origin-resource-policy': 'cross-origin',
    }
    return c.json(await publishedKeys(c.env), 200, headers)
  })

  routes.post('/v1/phone/code', embedded, async (c) => {
    const body = await parseBody(c, codeRequest)
    if (!body.ok) return body.response
    const number = parseNumber(body.value.number)
    if (number === null) return problem('bad_request', { detail: 'Write the number with + and its country code.' })
    const sent = await sendCode(c.env, c.var.config, c.var.visitor, number)
    record(c.env, { event: 'code_requested', outcome: outcomeOf(sent) })
    return respondWith(c, sent, (answer) => answer, 202)
  })

  routes.post('/v1/phone/session', embedded, async (c) => {
    const body = await parseBody(c, sessionRequest)
    if (!body.ok) return body.response
    const number = parseNumber(body.value.number)
    if (number === null) return problem('bad_request', { detail: 'Write the number with + and its country code.' })
    // The code is used up by what follows, so whatever could fail without it is done first.
    await signingKey(c.env)
    const signedIn = await c.env.NUMBER.getByName(number).signIn(number, body.value.code)
    record(c.env, { event: 'signed_in', outcome: outcomeOf(signedIn) })
    return respondWith(c, await answerOf(c.env, signedIn), (answer) => answer)
  })

  routes.post('/v1/phone/refresh', embedded, async (c) => {
    const body = await parseBody(c, refreshRequest)
    if (!body.ok) return body.response
    await signingKey(c.env)
    const refreshed = await refresh(c.env, body.value.refreshToken)
    record(c.env, { event: 'session_refreshed', outcome: outcomeOf(refreshed) })
    return respondWith(c, await answerOf(c.env, refreshed), (answer) => answer)
  })

  routes.delete('/v1/phone/session', embedded, authenticate, async (c) => {
    await findAccount(c.env, c.var.caller.account)?.signOut(c.var.caller)
    record(c.env, { event: 'signed_out' })
    return c.body(null, 204)
  })

  return routes
}

/** Only with the embedded identity, and only once the operator has said how codes are delivered. */
const embedded = createMiddleware<AppEnv>(async function embeddedIdentity(c, next) {
  if (c.var.config.identity.kind !== 'number') return problem('not_found')
  return isIdentityReady(c.var.config) ? next() : problem('not_configured')
})

async function sendCode(env: Env, config: Config, visitor: Visitor, number: string): Promise<Result<CodeAnswer>> {
  const address = addressOf(env, config, visitor)
  const wait = (await address?.admit('code', CODES_AN_HOUR_ADDRESS)) ?? 0
  if (wait > 0) return failure('rate_limited', { retryAfter: wait })
  const issued = await env.NUMBER.getByName(number).issueCode()
  if (!issued.ok) return issued
  const { code, retryAfter } = issued.value
  const delivered = await deliverCode(config.codeDelivery, number, code, Date.now())
  return delivered.ok ? success({ retryAfter, ...delivered.value }) : delivered
}

/** A refresh token is `<account>.<family>.<secret>`: its first part routes it, the account judges all of it. */
async function refresh(env: Env, token: string): Promise<Result<SessionGrant & { accountId: string }>> {
  const accountId = token.slice(0, ACCOUNT_ID_CHARACTERS)
  const account = token[ACCOUNT_ID_CHARACTERS] === '.' ? findAccount(env, accountId) : null
  if (account === null) return failure('unauthorized')
  const granted = await account.refresh(token)
  return granted.ok ? success({ ...granted.value, accountId }) : granted
}

async function answerOf(
  env: Env,
  granted: Result<SessionGrant & { accountId: string }>,
): Promise<Result<SessionAnswer>> {
  if (!granted.ok) return granted
  const { accountId, session, refreshToken, account } = granted.value
  const { accessToken, expiresAt } = await signAccessToken(env, { account: accountId, session, now: Date.now() })
  return success({ accessToken, expiresAt, refreshToken, account })
}

function outcomeOf(result: Result<unknown>): 'ok' | (Result<unknown> & { ok: false })['code'] {
  return result.ok ? 'ok' : result.code
}
