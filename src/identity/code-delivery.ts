/** How a one-time code reaches its owner: the operator's webhook, a line in the console, or (local use) the answer. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Config } from '../config.ts'
import { toHex, utf8 } from '../protocol/bytes.ts'
import { CODE_WEBHOOK_MS } from '../protocol/limits.ts'
import { failure, success, type Result } from '../protocol/result.ts'

export const SIGNATURE_HEADER = 'tandem-signature'

/** Delivers `code`. @returns what the answer to the phone may show of it: nothing but with the echo */
export async function deliverCode(
  delivery: Config['codeDelivery'],
  number: string,
  code: string,
  now: number,
): Promise<Result<{ code?: string }>> {
  switch (delivery.kind) {
    case 'echo':
      return success({ code })
    case 'console':
      // The one line that names a number and a code: it is what the operator asked for.
      console.log(JSON.stringify({ event: 'one_time_code', number, code }))
      return success({})
    case 'webhook':
      if (delivery.url === null || delivery.secret === null) return failure('not_configured')
      return (await post(delivery.url, delivery.secret, number, code, now)) ? success({}) : failure('delivery_failed')
  }
}

/**
 * `t=<Unix seconds>,v1=<hex>`: HMAC-SHA-256 with the operator's secret over the seconds, a full stop and the body. The
 * receiver checks it, and that `t` is recent, so that nobody else can make it send codes.
 */
export function signatureOf(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1000)
  return `t=${seconds},v1=${toHex(hmac(sha256, utf8(secret), utf8(`${seconds}.${body}`)))}`
}

async function post(url: string, secret: string, number: string, code: string, now: number): Promise<boolean> {
  const body = JSON.stringify({ number, code })
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signatureOf(secret, body, now) },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(CODE_WEBHOOK_MS),
    })
    await response.body?.cancel()
    return response.ok
  } catch {
    // Unreachable or too slow; its own words are not ours to pass on.
    return false
  }
}
