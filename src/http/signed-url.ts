/**
 * Signed URLs of media: who may see which object until when, and who may put it, under an HMAC (S22). What is signed
 * begins with its purpose, so neither is ever the other. Synchronous and without I/O; the keys are handed in. The expiry
 * of a GET is rounded up to the hour, so that a picture keeps its URL, and a browser its cache.
 */
import { MEDIA_URL_MS, UPLOAD_URL_MS } from '../protocol/limits.ts'
import type { MediaKeys } from './keys.ts'
import { equalSecrets, macOf } from './secrets.ts'

export const MEDIA_PATH = '/v1/media/'

/** Characters that no URL parser rewrites; a segment of dots alone would be resolved away. R2 keys: ≤ 1,024 bytes. */
const OBJECT = /^(?!.*(?:^|\/)\.+(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/
const OBJECT_CHARACTERS = 1024

type Purpose = 'tandem.v1:media' | 'tandem.v1:upload'

/** What a URL opens, for whom, and until when, epoch milliseconds. */
export interface OpenedUrl {
  object: string
  viewer: string
  expiresAt: number
}

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
  const expiresAt = Math.ceil((now + MEDIA_URL_MS) / MEDIA_URL_MS) * MEDIA_URL_MS
  return { url: sign(keys, 'tandem.v1:media', object, viewer, expiresAt), expiresAt }
}

/** Makes the URL that takes the bytes of `object` from the account `uploader`, for {@link UPLOAD_URL_MS}. */
export function signUploadUrl(
  keys: MediaKeys,
  object: string,
  uploader: string,
  now: number,
): { url: string; expiresAt: number } {
  const expiresAt = now + UPLOAD_URL_MS
  return { url: sign(keys, 'tandem.v1:upload', object, uploader, expiresAt), expiresAt }
}

/** @returns what the URL shows and until when; null if it was changed, has expired or is not ours */
export function verifyMediaUrl(keys: MediaKeys, url: URL, now: number): OpenedUrl | null {
  return verify(keys, 'tandem.v1:media', url, now)
}

/** The same for the URL of an upload; `viewer` is the uploader. */
export function verifyUploadUrl(keys: MediaKeys, url: URL, now: number): OpenedUrl | null {
  return verify(keys, 'tandem.v1:upload', url, now)
}

function sign(keys: MediaKeys, purpose: Purpose, object: string, viewer: string, expiresAt: number): string {
  const [newest] = keys
  if (newest === undefined || !isObject(object)) throw new TypeError('no key, or not the name of an object')
  const query = new URLSearchParams({ for: viewer, until: String(expiresAt), key: newest.kid })
  query.set('signature', macOf(newest.key, signedText(purpose, object, viewer, String(expiresAt), newest.kid)))
  return `${MEDIA_PATH}${object}?${query.toString()}`
}

function verify(keys: MediaKeys, purpose: Purpose, url: URL, now: number): OpenedUrl | null {
  if (!url.pathname.startsWith(MEDIA_PATH)) return null
  const object = url.pathname.slice(MEDIA_PATH.length)
  const viewer = url.searchParams.get('for')
  const until = url.searchParams.get('until')
  const kid = url.searchParams.get('key')
  const signature = url.searchParams.get('signature')
  if (viewer === null || until === null || kid === null || signature === null || !isObject(object)) return null
  const key = keys.find((each) => each.kid === kid)
  if (key === undefined) return null
  if (!equalSecrets(macOf(key.key, signedText(purpose, object, viewer, until, kid)), signature)) return null
  const expiresAt = Number(until)
  return now < expiresAt ? { object, viewer, expiresAt } : null
}

function isObject(object: string): boolean {
  return object.length <= OBJECT_CHARACTERS && OBJECT.test(object)
}

/** JSON keeps the parts apart: no two URLs share a text. */
function signedText(purpose: Purpose, ...parts: [object: string, viewer: string, until: string, kid: string]): string {
  return JSON.stringify([purpose, ...parts])
}
