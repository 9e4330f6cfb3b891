/** Which origins may use the service, the origin that it names as its own, and CORS for the phone's routes (S11). */
import { createMiddleware } from 'hono/factory'
import type { Config } from '../config.ts'
import { PREFLIGHT_SECONDS } from '../protocol/limits.ts'
import { problem } from './problem.ts'
import type { AppEnv } from './types.ts'

/** Whether pages of `origin` may use the service: its own origin, PUBLIC_ORIGIN and ALLOWED_ORIGINS. */
export function isAllowedOrigin(config: Config, requestUrl: string | URL, origin: string): boolean {
  return (
    origin === new URL(requestUrl).origin || origin === config.publicOrigin || config.allowedOrigins.includes(origin)
  )
}

/** The origin that people are sent to: PUBLIC_ORIGIN, else the request's own. */
export function publicOrigin(config: Config, request: Request): string {
  return config.publicOrigin ?? new URL(request.url).origin
}

/**
 * Makes the CORS middleware: preflights are answered, allow-listed origins may read answers, others are refused 403.
 * No credentials: tokens travel in a header, never in a cookie. A request without `Origin` (a native app) passes.
 */
export function createCors() {
  return createMiddleware<AppEnv>(async function cors(c, next) {
    const origin = c.req.header('origin')
    if (origin === undefined) return next()
    if (!isAllowedOrigin(c.var.config, c.req.url, origin)) return problem('origin_not_allowed')
    // Headers of a 101 cannot be changed.
    if (c.req.header('upgrade') !== undefined) return next()
    if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
      return new Response(null, { status: 204, headers: { ...readable(origin), ...PREFLIGHT } })
    }
    await next()
    for (const [name, value] of Object.entries(readable(origin))) c.header(name, value, { append: name === 'vary' })
  })
}

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PATCH, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': String(PREFLIGHT_SECONDS),
}

function readable(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'retry-after, www-authenticate',
    vary: 'origin',
  }
}
