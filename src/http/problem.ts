/** Errors and results as HTTP answers: `application/problem+json` (RFC 9457). No body holds what the client sent. */
import type { Context } from 'hono'
import { HTTP_ERRORS, type HttpErrorCode, type Problem } from '../protocol/errors.ts'
import type { Failure, Result } from '../protocol/result.ts'

/** What a problem may say besides its code. */
export interface ProblemDetails {
  /** For people; never a token, number or text. */
  detail?: string
  /** Seconds, answered as `Retry-After` (RFC 9110 section 10.2.3). */
  retryAfter?: number
  triesLeft?: number
}

/** The answer for an error code of the contract. */
export function problem(code: HttpErrorCode, more: ProblemDetails = {}): Response {
  const { status, title } = HTTP_ERRORS[code]
  const body: Problem = {
    type: `urn:tandem:error:${code}`,
    title,
    status,
    code,
    ...(more.detail === undefined ? {} : { detail: more.detail }),
    ...(more.triesLeft === undefined ? {} : { triesLeft: more.triesLeft }),
  }
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (more.retryAfter !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(more.retryAfter))))
  // RFC 9110 section 15.5.2: a 401 names a scheme.
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  return new Response(JSON.stringify(body), { status, headers })
}

/** Answers a result: its value as JSON through `body`, or its failure as a problem. */
export function respondWith<T>(
  c: Context,
  result: Result<T>,
  body: (value: T) => unknown,
  status: 200 | 201 | 202 = 200,
): Response {
  if (!result.ok) return problemOf(result)
  return c.body(JSON.stringify(body(result.value)), status, { 'content-type': 'application/json' })
}

/** Answers a result without a value: 204, or its failure as a problem. */
export function respondEmpty(c: Context, result: Result<null>): Response {
  return result.ok ? c.body(null, 204) : problemOf(result)
}

function problemOf({ code, retryAfter, triesLeft }: Failure): Response {
  return problem(code, {
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(triesLeft === undefined ? {} : { triesLeft }),
  })
}
