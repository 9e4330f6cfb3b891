/** Media over HTTP (contract, section 5): signed GETs of photos, thumbnails and files in R2, and the PUT of uploads. */
import { Hono, type Context } from 'hono'
import type { AccountForMedia } from '../account/rpc.ts'
import { mediaKeys } from '../http/keys.ts'
import { problem } from '../http/problem.ts'
import { MEDIA_PATH, verifyMediaUrl, verifyUploadUrl } from '../http/signed-url.ts'
import type { AppEnv } from '../http/types.ts'
import { parseWireId } from '../protocol/ids.ts'
import { servedAs } from './content-type.ts'
import { parseRange } from './range.ts'
import { putUpload } from './upload.ts'

/** The routes of media. GET answers HEAD too. */
export function createMediaRoutes() {
  const routes = new Hono<AppEnv>()

  routes.get(`${MEDIA_PATH}*`, async (c) => {
    // Without R2 the service runs without media; wrangler.toml says how to switch it on.
    const bucket: R2Bucket | undefined = c.env.MEDIA
    if (bucket === undefined) return problem('not_found')
    const now = Date.now()
    const opened = verifyMediaUrl(await mediaKeys(c.env), new URL(c.req.url), now)
    if (opened === null) return problem('not_allowed')
    const { object, expiresAt } = opened
    const secondsLeft = Math.floor((expiresAt - now) / 1000)
    if (isPlain(c)) {
      const found = await bucket.get(object)
      return found === null ? problem('not_found') : wholeOf(found.body, found.size, headersOf(found, secondsLeft))
    }
    const head = await bucket.head(object)
    if (head === null) return problem('not_found')
    const headers = headersOf(head, secondsLeft)
    if (isUnchanged(c.req.header('if-none-match'), head.httpEtag)) return new Response(null, { status: 304, headers })
    return c.req.method === 'HEAD' ? wholeOf(null, head.size, headers) : answerBytes(c, bucket, head, headers)
  })

  routes.put(`${MEDIA_PATH}*`, async (c) => {
    const bucket: R2Bucket | undefined = c.env.MEDIA
    if (bucket === undefined) return problem('not_found')
    const opened = verifyUploadUrl(await mediaKeys(c.env), new URL(c.req.url), Date.now())
    return opened === null ? problem('not_allowed') : takeUpload(c, bucket, opened.object)
  })

  return routes
}

/** The account is asked before a byte is read, and told when all are stored. */
async function takeUpload(c: Context<AppEnv>, bucket: R2Bucket, object: string): Promise<Response> {
  const [uploader = '', id = ''] = object.split('/')
  const admission = await accountOf(c.env, uploader).admitUpload(id)
  if (admission.outcome === 'gone') return problem('not_found')
  if (admission.outcome === 'done') return problem('already_uploaded')
  const outcome = await putUpload(bucket, object, c.req.raw, admission)
  if (outcome !== 'stored' && outcome !== 'exists') return problem(outcome)
  // `exists` and yet not known to the account: the call below was lost the last time.
  if (!(await accountOf(c.env, uploader).uploaded(id))) {
    await bucket.delete(object)
    return problem('not_found')
  }
  return outcome === 'stored' ? c.body(null, 201) : problem('already_uploaded')
}

/** A stub for one call: one whose call has thrown may be broken. */
function accountOf(env: Env, id: string): AccountForMedia {
  const hex = parseWireId(id)
  if (hex === null) throw new TypeError('a signed upload names a malformed account')
  return env.ACCOUNT.get(env.ACCOUNT.idFromString(hex))
}

/** All of it is wanted, whatever it is: one read of R2, and not two, is billed and waited for. */
function isPlain(c: Context<AppEnv>): boolean {
  return c.req.method === 'GET' && ['range', 'if-none-match'].every((name) => c.req.header(name) === undefined)
}

async function answerBytes(c: Context<AppEnv>, bucket: R2Bucket, head: R2Object, headers: Headers): Promise<Response> {
  const range = parseRange(isRangeWanted(c, head.httpEtag) ? c.req.header('range') : undefined, head.size)
  if (range.kind === 'unsatisfiable') {
    const refused = problem('range_not_satisfiable')
    refused.headers.set('content-range', `bytes */${head.size}`)
    return refused
  }
  const part = range.kind === 'part' ? { offset: range.offset, length: range.length } : null
  const found = await bucket.get(head.key, part === null ? {} : { range: part })
  if (found === null) return problem('not_found')
  if (part === null) return wholeOf(found.body, head.size, headers)
  const last = part.offset + part.length - 1
  headers.set('content-length', String(part.length))
  headers.set('content-range', `bytes ${part.offset}-${last}/${head.size}`)
  return new Response(found.body, { status: 206, headers })
}

function wholeOf(body: ReadableStream | null, size: number, headers: Headers): Response {
  headers.set('content-length', String(size))
  return new Response(body, { headers })
}

/** A range of another version must not be mixed into the client's (RFC 9110 section 13.1.5). */
function isRangeWanted(c: Context<AppEnv>, etag: string): boolean {
  const condition = c.req.header('if-range')
  return condition === undefined || condition === etag
}

/** RFC 9110 section 13.1.2: a list of entity tags, compared weakly, or `*`. */
function isUnchanged(condition: string | undefined, etag: string): boolean {
  const tags = condition?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? []
  return tags.includes('*') || tags.includes(etag)
}

function headersOf(object: R2Object, seconds: number): Headers {
  const { contentType, disposition } = servedAs(object.httpMetadata?.contentType)
  // Encoded when it was stored, by encodeURIComponent: RFC 8187 wants these encoded too.
  const name = object.customMetadata?.name?.replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
  return new Headers({
    'accept-ranges': 'bytes',
    'cache-control': `private, immutable, max-age=${seconds}`,
    'content-disposition': name === undefined ? disposition : `${disposition}; filename*=UTF-8''${name}`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'content-type': contentType,
    // The signature is what opens it; an embedding page shows it with a plain <img>, which sends no Origin.
    'cross-origin-resource-policy': 'cross-origin',
    etag: object.httpEtag,
    vary: 'origin',
    'x-content-type-options': 'nosniff',
  })
}
