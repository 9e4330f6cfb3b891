/**
 * Signed URLs of media: who may see which object until when, under an HMAC (S22). Synchronous and without I/O; the keys
 * are handed in. The expiry is rounded up to the hour, so that a picture keeps its URL, and a browser its cache.
 */
import { MEDIA_URL_MS } from '../protocol/limits.ts'
import type { MediaKeys } from './keys.ts'
import { equalSecrets, macOf } from './secrets.ts'

export const MEDIA_PATH = '/v1/media/'

/** Characters that no URL parser rewrites; a segment of dots alone would be resolved away. R2 keys: ≤ 1,024 bytes. */
const OBJECT = /^(?!.*(?:^|\/)\.+(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/
const OBJECT_CHARACTERS = 1024

/**
 * Makes the URL of `object` (an R2 key) for the account `viewer`, relative to the service's origin.
 * @returns the URL and its expiry, epoch milliseconds, one to two hours after `now`
 */
export function signMediaUrl(
  keys: MediaKeys,
  object: string,
  viewer: string,
  now: number,
): { url: string; expiresAt: number } {
  const [newest] = keys
  if (newest === undefined || !isObject(object)) throw new TypeError('no key, or not the name of an object')
  const expiresAt = Math.ceil((now + MEDIA_URL_MS) / MEDIA_URL_MS) * MEDIA_URL_MS
  const query = new URLSearchParams({ for: viewer, until: String(expiresAt), key: newest.kid })
  query.set('signature', macOf(newest.key, signedText(object, viewer, String(expiresAt), newest.kid)))
  return { url: `${MEDIA_PATH}${object}?${query.toString()}`, expiresAt }
}

/** @returns what the URL opens and until when; null if it was changed, has expired or is not ours */
export function verifyMediaUrl(
  keys: MediaKeys,
  url: URL,
  now: number,
): { object: string; viewer: string; expiresAt: number } | null {
  if (!url.pathname.startsWith(MEDIA_PATH)) return null
  const object = url.pathname.slice(MEDIA_PATH.length)
  const viewer = url.searchParams.get('for')
  const until = url.searchParams.get('until')
  const kid = url.searchParams.get('key')
  const signature = url.searchParams.get('signature')
  if (viewer === null || until === null || kid === null || signature === null || !isObject(object)) return null
  const key = keys.find((each) => each.kid === kid)
  if (key === undefined || !equalSecrets(macOf(key.key, signedText(object, viewer, until, kid)), signature)) return null
  const expiresAt = Number(until)
  return now < expiresAt ? { object, viewer, expiresAt } : null
}

function isObject(object: string): boolean {
  return object.length <= OBJECT_CHARACTERS && OBJECT.test(object)
}

/** JSON keeps the parts apart: no two URLs share a text. */
function signedText(...parts: [object: string, viewer: string, until: string, kid: string]): string {
  return JSON.stringify(['tandem.v1:media', ...parts])
}
