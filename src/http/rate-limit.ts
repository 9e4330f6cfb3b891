/**
 * Floods from one address, by the rate-limit bindings: per location and approximate. Exact limits live in the objects
 * that they protect. Loopback and private addresses are exempt unless LIMIT_LOOPBACK=on: locally everybody has the same.
 */
import { createMiddleware } from 'hono/factory'
import type { Config } from '../config.ts'
import { RATE_PERIOD_SECONDS } from '../protocol/limits.ts'
import { problem } from './problem.ts'
import type { AppEnv, Visitor } from './types.ts'
import { addressKey } from './visitor.ts'

/** Whether the visitor may open one more socket. A refusal is said inside an accepted one, with RATE_PERIOD_SECONDS. */
export async function admitSocket(env: Env, config: Config, visitor: Visitor): Promise<boolean> {
  return admit(env.SOCKET_RATE, config, visitor)
}

/** Makes the middleware that answers 429 `rate_limited` to a flood of requests. */
export function createRequestLimit() {
  return createMiddleware<AppEnv>(async function requestLimit(c, next) {
    const admitted = await admit(c.env.REQUEST_RATE, c.var.config, c.var.visitor)
    return admitted ? next() : problem('rate_limited', { retryAfter: RATE_PERIOD_SECONDS })
  })
}

async function admit(limit: RateLimit, config: Config, { ip, local }: Visitor): Promise<boolean> {
  // An unknown address is everybody's: one counter for all would let one of them lock the others out.
  if ((local && !config.limitLoopback) || ip === 'unknown') return true
  const { success } = await limit.limit({ key: addressKey(ip) })
  return success
}
