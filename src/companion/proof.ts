/** The device's key: an ECDSA P-256 pair whose private half never leaves the browser (S17). */
import { fromBase64Url, utf8 } from '../protocol/bytes.ts'

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
/** SEC 1 section 2.3.3: 0x04 and two 32-byte coordinates. */
const POINT_BYTES = 65
const UNCOMPRESSED = 0x04
const SIGNATURE_BYTES = 64

/**
 * Whether `key` is a raw uncompressed P-256 point, base64url. The length and first byte are checked because
 * `importKey('raw')` also accepts a compressed point (measured 2026-11-22).
 */
export async function isDeviceKey(key: string): Promise<boolean> {
  return (await importDeviceKey(key)) !== null
}

/** What a resuming device signs: the nonce bound to the host it dialled and to its id. */
export function proofText(host: string, device: string, nonce: string): string {
  return `tandem.v1:resume:${host}:${device}:${nonce}`
}

/** Whether `signature` (raw 64 bytes, base64url) proves `key` over the nonce for one of the hosts. */
export async function isProven(
  key: string,
  signature: string,
  { hosts, device, nonce }: { hosts: readonly string[]; device: string; nonce: string },
): Promise<boolean> {
  const bytes = fromBase64Url(signature)
  const imported = await importDeviceKey(key)
  if (bytes?.length !== SIGNATURE_BYTES || imported === null) return false
  for (const host of hosts) {
    const text = utf8(proofText(host, device, nonce))
    if (await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, bytes, text)) return true
  }
  return false
}

async function importDeviceKey(key: string): Promise<CryptoKey | null> {
  const bytes = fromBase64Url(key)
  if (bytes?.length !== POINT_BYTES || bytes[0] !== UNCOMPRESSED) return null
  try {
    return await crypto.subtle.importKey('raw', bytes, CURVE, false, ['verify'])
  } catch {
    return null
  }
}
