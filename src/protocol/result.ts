/** Expected outcomes as values: what an object answers to the Worker, mapped to the wire in one place. */
import type { HttpErrorCode } from './errors.ts'

export interface Failure {
  ok: false
  code: HttpErrorCode
  /** Seconds, with `rate_limited`. */
  retryAfter?: number
  /** With `match_failed`. */
  triesLeft?: number
}

export type Result<T> = { ok: true; value: T } | Failure

export function success<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function failure(code: HttpErrorCode, more: Omit<Failure, 'ok' | 'code'> = {}): Failure {
  return { ok: false, code, ...more }
}
