/** How long to wait before the next try of a call to another object. Pure. */
import { DELIVERY_RETRY_MAX_MS, DELIVERY_RETRY_MS } from '../protocol/limits.ts'

/** @param tries - how often it has failed, one at least. @returns milliseconds */
export function backoff(tries: number): number {
  return Math.min(DELIVERY_RETRY_MS * 2 ** Math.min(tries - 1, 20), DELIVERY_RETRY_MAX_MS)
}
