/**
 * The operator's commands over HTTP (S27). Without OPERATOR_KEY they are not there. They are for a server or a terminal:
 * a page never holds the key, so whatever a browser sends with an `Origin` is refused.
 */
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { InferOutput } from 'valibot'
import type { Config } from '../config.ts'
import { outsideAccount } from '../http/access-token.ts'
import { parseBody } from '../http/body.ts'
import { problem } from '../http/problem.ts'
import { equalSecrets, hashSecret } from '../http/secrets.ts'
import type { AppEnv } from '../http/types.ts'
import { operatorRequest } from '../protocol/http.ts'
import { OPERATOR_TRIES_AN_HOUR } from '../protocol/limits.ts'
import { record } from '../telemetry.ts'
import { findAccount } from './accounts.ts'
import { addressOf } from './addresses.ts'
import { parseNumber } from './e164.ts'

/** Every path of the commands. */
export const OPERATOR_PATHS = '/v1/operator/*'
const BEARER = /^bearer +([\x21-\x7e]+)$/i

/** Makes the middleware that hides the commands, also from `405`, where there is no key. To be run before any other. */
export function createOperatorGate() {
  return createMiddleware<AppEnv>(async function operatorGate(c, next) {
    if (c.var.config.operatorKey === null) return problem('not_found')
    return c.req.header('origin') === undefined ? next() : problem('origin_not_allowed')
  })
}

/** Makes the routes. */
export function createOperatorRoutes() {
  return new Hono<AppEnv>().post('/v1/operator/unlink', operator, async (c) => {
    const body = await parseBody(c, operatorRequest)
    if (!body.ok) return body.response
    const { what, ...names } = body.value
    const id = await accountIdOf(c.env, c.var.config, names)
    const result = await (id === null ? null : findAccount(c.env, id))?.cutOff(what)
    const outcome = result === undefined ? 'not_found' : result.ok ? 'ok' : result.code
    record(c.env, { event: 'operator', what, outcome })
    if (result?.ok === true) return c.json(result.value)
    return outcome === 'not_found' ? problem('not_found', { detail: 'There is no such account.' }) : problem('internal')
  })
}

/**
 * Lets a request pass only with the operator's key. Hashes are compared, so that the time tells nothing of its length
 * either (S20). Wrong keys are counted by address, and past the limit the right one gets the same 429.
 */
const operator = createMiddleware<AppEnv>(async function operatorKey(c, next) {
  const { config, visitor } = c.var
  const given = BEARER.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
  const right = config.operatorKey !== null && equalSecrets(hashSecret(given), hashSecret(config.operatorKey))
  const retryAfter = (await addressOf(c.env, config, visitor)?.admit('operator', OPERATOR_TRIES_AN_HOUR, !right)) ?? 0
  if (retryAfter === 0 && right) return next()
  const code = retryAfter > 0 ? 'rate_limited' : 'unauthorized'
  record(c.env, { event: 'operator', what: 'none', outcome: code })
  return problem(code, retryAfter > 0 ? { retryAfter } : {})
})

/** The account behind whichever name the identity has; null where there is none. */
async function accountIdOf(
  env: Env,
  { identity }: Config,
  { account, number, subject }: Pick<InferOutput<typeof operatorRequest>, 'account' | 'number' | 'subject'>,
): Promise<string | null> {
  if (account !== undefined) return account
  if (subject !== undefined) return identity.kind === 'oidc' ? outsideAccount(env, identity.issuer, subject) : null
  const known = identity.kind === 'number' && number !== undefined ? parseNumber(number) : null
  return known === null ? null : env.NUMBER.getByName(known).lookUp()
}
