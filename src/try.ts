/**
 * `/try`, in the demo only: both pages side by side in one window. The pages that it frames have addresses of their own
 * here, because `/` and `/phone` may never be framed (S23). Without the demo none of these addresses exists, nor those of
 * its script and style.
 */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './http/types.ts'

/** Assets are asked for by path; the binding wants an absolute address all the same. */
const ASSETS_ORIGIN = 'https://assets.invalid'
const CSP = 'content-security-policy'
/** The file of public/ behind each address, and whether our own pages may frame it. */
const FILES: ReadonlyMap<string, { asset: string; framed: boolean }> = new Map([
  ['/try', { asset: '/try', framed: false }],
  ['/try/browser', { asset: '/', framed: true }],
  ['/try/phone', { asset: '/phone', framed: true }],
  ['/try/link', { asset: '/link', framed: true }],
  ['/build/try.js', { asset: '/build/try.js', framed: false }],
  ['/css/try.css', { asset: '/css/try.css', framed: false }],
])

/**
 * Makes the middleware that answers with the files of `/try`. No route, so that any other method, and every address
 * without the demo, is answered like an address that nobody has heard of.
 */
export function createTryPages() {
  return createMiddleware<AppEnv>(async function tryPages(c, next) {
    const file = FILES.get(c.req.path)
    if (file === undefined || c.req.method !== 'GET' || !c.var.config.demo) return next()
    // With its conditions: what the browser has already is not sent again.
    const asset = await c.env.ASSETS.fetch(ASSETS_ORIGIN + file.asset, { headers: c.req.raw.headers })
    if (!asset.ok && asset.status !== 304) return next()
    const answer = new Response(asset.body, asset)
    // Where an asset came without its policy the default of all answers holds, under which nothing runs.
    const policy = asset.headers.get(CSP)
    if (file.framed && policy !== null) {
      answer.headers.set(CSP, policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"))
    }
    return answer
  })
}
