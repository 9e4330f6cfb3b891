/**
 * `/cleared.txt`, asked for when a device ends: the answer has the browser drop this site's HTTP cache, and with it the
 * pictures of the chats. Only for the site's own pages, because it would be a way for others to slow them down.
 */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './http/types.ts'

/**
 * Makes the middleware. No route: for anybody else the address is one that nobody has heard of. That goes for a browser
 * without `Sec-Fetch-Site` (Fetch Metadata) too: each that obeys `Clear-Site-Data: "cache"` sends it, since Chrome 76,
 * Firefox 90 and Safari 16.4.
 */
export function createCleared() {
  return createMiddleware<AppEnv>(async function cleared(c, next) {
    if (c.req.method !== 'GET' || c.req.header('sec-fetch-site') !== 'same-origin') return next()
    return c.body(null, 204, { 'clear-site-data': '"cache"' })
  })
}
