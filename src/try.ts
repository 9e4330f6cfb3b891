/**
 * `/try`, in the demo only: both pages side by side in one window. The pages that it frames have addresses of their own
 * here, because `/` and `/phone` may never be framed (S23). Without the demo none of these addresses exists.
 */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './http/types.ts'

/** Assets are asked for by path; the binding wants an absolute address all the same. */
const ASSETS_ORIGIN = 'https://assets.invalid'
const CSP = 'content-security-policy'
/** The page of public/ behind each address, and whether our own pages may frame it. */
const PAGES: ReadonlyMap<string, { asset: string; framed: boolean }> = new Map([
  ['/try', { asset: '/try', framed: false }],
  ['/try/browser', { asset: '/', framed: true }],
  ['/try/phone', { asset: '/phone', framed: true }],
  ['/try/link', { asset: '/link', framed: true }],
])

/**
 * Makes the middleware that answers with the pages of `/try`. No route, so that any other method, and every address
 * without the demo, is answered like an address that nobody has heard of.
 */
export function createTryPages() {
  return createMiddleware<AppEnv>(async function tryPages(c, next) {
    const page = PAGES.get(c.req.path)
    if (page === undefined || c.req.method !== 'GET' || !c.var.config.demo) return next()
    const asset = await c.env.ASSETS.fetch(ASSETS_ORIGIN + page.asset)
    if (!asset.ok) return next()
    const answer = new Response(asset.body, asset)
    // Where an asset came without its policy the default of all answers holds, under which nothing runs.
    const policy = asset.headers.get(CSP)
    if (page.framed && policy !== null) {
      answer.headers.set(CSP, policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"))
    }
    return answer
  })
}
