/** Headers of what the Worker itself answers. Pages and scripts are static assets and have theirs from `public/_headers`. */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './types.ts'

/** Defaults: a route that sets one of these keeps its own. Nothing that the Worker answers is a page. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const

/** Makes the middleware that adds the headers to every answer but a WebSocket's, whose headers cannot be changed. */
export function createSecurityHeaders() {
  return createMiddleware<AppEnv>(async function securityHeaders(c, next) {
    await next()
    if (c.res.status === 101 || c.res.webSocket !== null) return
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!c.res.headers.has(name)) c.header(name, value)
    }
  })
}
