/** The phone's HTTP routes to its own account, and the way to its socket (contract, section 4). */
import { Hono } from 'hono'
import { verifyAccessToken } from '../http/access-token.ts'
import { parseBody } from '../http/body.ts'
import { isAllowedOrigin } from '../http/origin.ts'
import { problem, respondEmpty, respondWith } from '../http/problem.ts'
import type { AppEnv, Authenticate, PhoneEnv } from '../http/types.ts'
import { SUBPROTOCOL } from '../protocol/frames.ts'
import { accountRequest, deviceRequest } from '../protocol/http.ts'
import { parseWireId } from '../protocol/ids.ts'
import type { Result } from '../protocol/result.ts'
import { exportArchive } from './export-archive.ts'
import { parsePosition } from './paging.ts'
import { PHONE_SOCKET_HEADER, type ExportPage, type ExportPart, type PhoneSocketOpen } from './rpc.ts'

const BEARER_HEADER = /^bearer +(.+)$/i
const BEARER_SUBPROTOCOL = 'bearer.'

/** Makes the routes. `authenticate` guards all but the socket, which takes its token from a subprotocol too. */
export function createAccountRoutes(authenticate: Authenticate): Hono<AppEnv> {
  const phone = new Hono<PhoneEnv>()
    .get('/v1/account', authenticate, async (c) =>
      respondWith(c, await accountStub(c.env, c.var.caller.account).profile(c.var.caller), (card) => card),
    )
    .patch('/v1/account', authenticate, async (c) => {
      const body = await parseBody(c, accountRequest)
      if (!body.ok) return body.response
      const { name, avatar } = body.value
      const change = { ...(name === undefined ? {} : { name }), ...(avatar === undefined ? {} : { avatar }) }
      const result = await accountStub(c.env, c.var.caller.account).updateProfile(c.var.caller, change)
      return respondWith(c, result, (card) => card)
    })
    .delete('/v1/account', authenticate, async (c) =>
      respondEmpty(c, await accountStub(c.env, c.var.caller.account).deleteAccount(c.var.caller)),
    )
    .get('/v1/account/export', authenticate, async (c) => {
      const { caller } = c.var
      const begun = await accountStub(c.env, caller.account).beginExport(caller)
      if (!begun.ok) return respondEmpty(c, begun)
      const headers = {
        'content-type': 'application/zip',
        'content-disposition': 'attachment; filename="tandem-export.zip"',
      }
      if (c.req.method === 'HEAD') return new Response(null, { headers })
      const page = async (part: ExportPart, after: string | null): Promise<ExportPage> => {
        const result: Result<ExportPage> = await accountStub(c.env, caller.account).exportPage(caller, part, after)
        if (!result.ok) throw new Error('the account was not there any more')
        return result.value
      }
      const bucket: R2Bucket | undefined = c.env.MEDIA
      return new Response(exportArchive({ page, bucket, now: Date.now() }), { headers })
    })
    .get('/v1/devices', authenticate, async (c) =>
      respondWith(c, await accountStub(c.env, c.var.caller.account).devices(c.var.caller), (devices) => devices),
    )
    .delete('/v1/devices', authenticate, async (c) =>
      respondEmpty(c, await accountStub(c.env, c.var.caller.account).unlinkAllDevices(c.var.caller)),
    )
    .patch('/v1/devices/:id', authenticate, async (c) => {
      const body = await parseBody(c, deviceRequest)
      if (!body.ok) return body.response
      const account = accountStub(c.env, c.var.caller.account)
      const result = await account.renameDevice(c.var.caller, c.req.param('id'), body.value.name)
      return respondWith(c, result, (device) => device)
    })
    .delete('/v1/devices/:id', authenticate, async (c) =>
      respondEmpty(c, await accountStub(c.env, c.var.caller.account).unlinkDevice(c.var.caller, c.req.param('id'))),
    )

  return new Hono<AppEnv>()
    .get('/v1/account/socket', async (c) => {
      if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') return problem('upgrade_required')
      const origin = c.req.header('origin')
      if (origin !== undefined && !isAllowedOrigin(c.var.config, c.req.url, origin))
        return problem('origin_not_allowed')
      const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim())
      if (!offered.includes(SUBPROTOCOL)) return problem('bad_request')
      const token = bearerOf(c.req.header('authorization'), offered)
      const caller = token === null ? null : await verifyAccessToken(c.env, token)
      if (caller === null) return problem('unauthorized')
      const open: PhoneSocketOpen = { caller, cursor: parsePosition(c.req.query('cursor') ?? '') }
      const headers = new Headers(c.req.raw.headers)
      headers.set(PHONE_SOCKET_HEADER, JSON.stringify(open))
      // The token goes no further, and only `tandem.v1` is echoed.
      headers.set('sec-websocket-protocol', SUBPROTOCOL)
      headers.delete('authorization')
      return accountStub(c.env, caller.account).fetch(new Request(c.req.raw, { headers }))
    })
    .route('/', phone as unknown as Hono<AppEnv>)
}

function accountStub(env: Env, account: string) {
  const hex = parseWireId(account)
  if (hex === null) throw new TypeError('a verified token names a malformed account')
  return env.ACCOUNT.get(env.ACCOUNT.idFromString(hex))
}

function bearerOf(authorization: string | undefined, offered: readonly string[]): string | null {
  const header = BEARER_HEADER.exec(authorization ?? '')?.[1]
  const named = offered.find((name) => name.startsWith(BEARER_SUBPROTOCOL))
  return header ?? named?.slice(BEARER_SUBPROTOCOL.length) ?? null
}
