/**
 * One HTTP call of the phone, and every way it can end, as a value. Knows no session and repeats nothing.
 * Errors are RFC 9457 problems (contract, section 4); what never reached the service is `offline`.
 */
import { HTTP_ERRORS, type HttpErrorCode } from '../protocol/errors.ts'

/** An answer later than this counts as lost. */
const ANSWER_WITHIN_MS = 15_000
/** A file that takes longer than this counts as lost: a gigabyte at a megabyte a second. */
const FILE_WITHIN_MS = 20 * 60_000
/** What a person is told to wait when the service names no time. */
const RETRY_AFTER_DEFAULT_SECONDS = 30

/** Every code of the contract, and `offline`: no answer came (or none that the service made). */
export type PhoneErrorCode = HttpErrorCode | 'offline'

export interface PhoneFailure {
  ok: false
  code: PhoneErrorCode
  /** Seconds, with `rate_limited`. */
  retryAfter?: number
  /** With `match_failed`: how many tries the code still has. */
  triesLeft?: number
}

export type PhoneResult<T> = { ok: true; value: T } | PhoneFailure

export interface PhoneCall {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  accessToken?: string
  /** The answer is a file: it may take its time, and is handed over as it is. */
  file?: true
}

/** Where calls go. `fetch` is given so that a native shell or a test brings its own. */
export interface PhoneTransport {
  origin: string
  fetch: (url: string, init: RequestInit) => Promise<Response>
}

/**
 * Makes one call and reads its answer: the JSON body, a file's Blob, or undefined for 204.
 * @returns a failure for any other end; never throws
 */
export async function callPhone<T>(transport: PhoneTransport, call: PhoneCall): Promise<PhoneResult<T>> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (call.body !== undefined) headers['content-type'] = 'application/json'
  if (call.accessToken !== undefined) headers.authorization = `Bearer ${call.accessToken}`
  try {
    const response = await transport.fetch(new URL(call.path, transport.origin).href, {
      method: call.method,
      headers,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(call.file ? FILE_WITHIN_MS : ANSWER_WITHIN_MS),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    })
    if (!response.ok) return await readFailure(response)
    const value = response.status === 204 ? undefined : await (call.file ? response.blob() : response.json())
    return { ok: true, value: value as T }
  } catch {
    return { ok: false, code: 'offline' }
  }
}

/** Whether an answer leaves open if the service acted: nothing came back, or it failed half way. */
export function isUndecided(failure: PhoneFailure): boolean {
  return failure.code === 'offline' || failure.code === 'internal'
}

async function readFailure(response: Response): Promise<PhoneFailure> {
  const problem = await readProblem(response)
  const code = knownCode(problem?.code) ?? codeOfStatus(response.status)
  const triesLeft = problem?.triesLeft
  return {
    ok: false,
    code,
    ...(code === 'rate_limited' ? { retryAfter: parseRetryAfter(response.headers.get('retry-after')) } : {}),
    ...(typeof triesLeft === 'number' ? { triesLeft } : {}),
  }
}

async function readProblem(response: Response): Promise<Record<string, unknown> | null> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return null
  const body: unknown = await response.json()
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null
}

function knownCode(code: unknown): HttpErrorCode | null {
  return typeof code === 'string' && Object.hasOwn(HTTP_ERRORS, code) ? (code as HttpErrorCode) : null
}

/** For codes newer than this client, and for what a proxy on the way answered. Nothing here may sign a person out. */
function codeOfStatus(status: number): PhoneErrorCode {
  if (status === 429) return 'rate_limited'
  if (status === 404) return 'not_found'
  if (status === 413) return 'payload_too_large'
  if (status === 403) return 'not_allowed'
  return status >= 400 && status < 500 && status !== 401 && status !== 408 ? 'bad_request' : 'internal'
}

/** RFC 9110 section 10.2.3: seconds, or a date, which this service does not send. */
function parseRetryAfter(value: string | null): number {
  const seconds = Number(value ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : RETRY_AFTER_DEFAULT_SECONDS
}
