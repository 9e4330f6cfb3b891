/** The HTTP app: the order of the middleware, the route table, and what a fault looks like from outside. */
import { Hono, type Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { matchedRoutes } from 'hono/route'
import { createAccountRoutes } from './account/routes.ts'
import { createCleared } from './cleared.ts'
import { createCompanionRoutes, createLinkRoutes } from './companion/routes.ts'
import { ConfigError, configOf, isIdentityReady } from './config.ts'
import { createAuthenticate } from './http/authenticate.ts'
import { createCors } from './http/origin.ts'
import { problem } from './http/problem.ts'
import { createRequestLimit } from './http/rate-limit.ts'
import { createSecurityHeaders } from './http/security-headers.ts'
import type { AppEnv } from './http/types.ts'
import { visitorOf } from './http/visitor.ts'
import { createOperatorGate, createOperatorRoutes, OPERATOR_PATHS } from './identity/operator.ts'
import { createIdentityRoutes } from './identity/routes.ts'
import { createMediaRoutes } from './media/routes.ts'
import { openApiDocument } from './openapi.ts'
import type { HealthAnswer } from './protocol/http.ts'
import { record } from './telemetry.ts'
import { createTryPages } from './try.ts'

/** Called by the phone's page, and from pages of allow-listed origins: CORS. */
const CROSS_ORIGIN_PATHS = ['/v1/phone/*', '/v1/link/*', '/v1/devices/*', '/v1/account/*', '/v1/media/*']

const authenticate = createAuthenticate()
const requestLimit = createRequestLimit()
const cors = createCors()
const tryPages = createTryPages()

/** Sets what every route may ask for: the settings and the visitor. */
const context = createMiddleware<AppEnv>(async function context(c, next) {
  c.set('config', configOf(c.env))
  c.set('visitor', visitorOf(c.req.raw))
  return next()
})

/** A WebSocket opens with GET (RFC 6455 section 4.1); Hono answers HEAD by the routes of GET, which would open one. */
const noHeadUpgrade = createMiddleware<AppEnv>(async function noHeadUpgrade(c, next) {
  return c.req.method === 'HEAD' && c.req.header('upgrade') !== undefined ? problem('bad_request') : next()
})

export const app = new Hono<AppEnv>()

// ── Middleware, outermost first ──────────────────────────────────────────────────────────────────
app.use(createSecurityHeaders())
app.use(context)
app.use(noHeadUpgrade)
app.use(OPERATOR_PATHS, createOperatorGate(), requestLimit)
app.use(methodNotAllowed({ app, onMethodNotAllowed }))
for (const path of CROSS_ORIGIN_PATHS) app.use(path, cors, requestLimit)
// Drawing takes some milliseconds of CPU, for anybody who asks.
app.use('/v1/code/*', requestLimit)
for (const path of ['/try/*', '/build/try.js', '/css/try.css']) app.use(path, tryPages)
app.use('/cleared.txt', createCleared())

// ── Routes ───────────────────────────────────────────────────────────────────────────────────────
app.get('/v1/health', (c) => {
  const answer: HealthAnswer = isIdentityReady(c.var.config) ? { ok: true } : { ok: true, setup: ['identity'] }
  return c.json(answer)
})
app.get('/openapi.json', (c) => c.json(openApiDocument(), 200, { 'access-control-allow-origin': '*' }))
app.route('/', createIdentityRoutes(authenticate))
app.route('/', createOperatorRoutes())
app.route('/', createMediaRoutes())
app.route('/', createCompanionRoutes())
app.route('/', createLinkRoutes(authenticate))
app.route('/', createAccountRoutes(authenticate))

app.notFound(() => problem('not_found'))
app.onError((error, c) => {
  record(c.env, { event: 'fault', error: error.name, method: c.req.method, route: patternOf(c) })
  return error instanceof ConfigError ? problem('misconfigured', { detail: error.message }) : problem('internal')
})

function onMethodNotAllowed(_c: Context, methods: string[]): Response {
  const response = problem('method_not_allowed')
  response.headers.set('allow', methods.join(', '))
  return response
}

/** The route's pattern, never the path: a path may hold a token (S16). */
function patternOf(c: Context): string {
  return matchedRoutes(c).at(-1)?.path ?? ''
}
