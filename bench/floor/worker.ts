/**
 * The floor: the barest Worker that makes the same hops between objects and the same durable writes as the service, and
 * checks nothing. No token is verified, no signature, no expiry, no schema, no limit; no retry, no catch-up page, no
 * alarm but that of the code. What it does and leaves out stands in bench/README.md, row for row.
 */
import { drawCode } from '../../src/companion/code-picture.ts'
import { parseLinkToken, parseWireId } from '../../src/protocol/ids.ts'
import type { Account } from './account.ts'
import type { Companion } from './companion.ts'
import type { FloorEnv } from './env.ts'

export { Account } from './account.ts'
export { Companion } from './companion.ts'

export default {
  async fetch(request, env) {
    const { pathname, searchParams, origin } = new URL(request.url)
    switch (pathname) {
      case '/v1/socket': {
        const device = searchParams.get('device')
        const { COMPANION } = env
        const id = device === null ? COMPANION.newUniqueId() : COMPANION.idFromString(parseWireId(device) ?? '')
        return COMPANION.get(id).fetch(request)
      }
      case '/v1/account/socket':
        return accountOf(request, env).fetch(request)
      case '/v1/phone/session': {
        const id = env.ACCOUNT.newUniqueId()
        return Response.json(await env.ACCOUNT.get(id).make())
      }
      case '/v1/link/scan': {
        const { token } = await request.json<{ token: string }>()
        await accountOf(request, env).admitScan()
        await companionOf(token, env).scan()
        return Response.json({ request: {}, match: 'none' })
      }
      case '/v1/link/approve': {
        const { token } = await request.json<{ token: string }>()
        return Response.json({ device: await companionOf(token, env).approve(accountIdOf(request)) })
      }
      default: {
        const token = /^\/v1\/code\/(.+)$/.exec(pathname)?.[1]
        if (token === undefined) return new Response(null, { status: 404 })
        return new Response(drawCode(`${origin}/link#${token}`), { headers: { 'Content-Type': 'image/svg+xml' } })
      }
    }
  },
} satisfies ExportedHandler<FloorEnv>

/** The token names the account, and that is all that is asked. */
function accountIdOf(request: Request): string {
  return (request.headers.get('authorization') ?? '').slice('Bearer '.length)
}

function accountOf(request: Request, env: FloorEnv): DurableObjectStub<Account> {
  return env.ACCOUNT.get(env.ACCOUNT.idFromString(parseWireId(accountIdOf(request)) ?? ''))
}

function companionOf(token: string, env: FloorEnv): DurableObjectStub<Companion> {
  return env.COMPANION.get(env.COMPANION.idFromString(parseLinkToken(token)?.objectId ?? ''))
}
