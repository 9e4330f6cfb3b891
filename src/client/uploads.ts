/**
 * A file on its way to the service (contract, sections 2 and 5): announced on the stream, put over HTTP by the address
 * that the announcement was answered with, its thumbnail first. What goes wrong on the way is tried again; what is
 * refused is not. No DOM: how bytes are put, and what a thumbnail is made with, is the page's business.
 */
import { MEDIA_BYTES, PUT_RETRY_MS, PUT_TRIES } from '../protocol/limits.ts'
import { isRequestError, type RequestBody } from './requests.ts'
import type { OkFrame } from '../protocol/frames.ts'
import type { UploadFailure } from './store.ts'

/** What is to be sent. */
export interface Attachment {
  body: Blob
  /** One of `parseMediaType`. */
  contentType: string
  name?: string
  /** Pixels. */
  width?: number
  height?: number
  /** Seconds. */
  duration?: number
  /** At most THUMB_BYTES of WebP, JPEG or PNG. */
  thumb?: { body: Blob; contentType: string }
  /** An address that the page can show meanwhile; {@link Attachment.release} takes it back. */
  preview?: string
  release?: () => void
}

export interface PutOrder {
  url: string
  body: Blob
  contentType: string
  /** How many bytes are on their way so far. */
  onProgress: (bytes: number) => void
  signal: AbortSignal
}

/** Puts bytes by HTTP. @returns the status of the answer; 0 when none came */
export type Put = (order: PutOrder) => Promise<number>

export class UploadError extends Error {
  override name = 'UploadError'
  readonly code: UploadFailure

  constructor(code: UploadFailure) {
    super(code)
    this.code = code
  }
}

/** By its name, as with {@link isRequestError}. */
export function isUploadError(error: unknown): error is UploadError {
  return error instanceof Error && error.name === 'UploadError'
}

export interface UploadTools {
  request: (body: RequestBody) => Promise<OkFrame>
  /** From 0 to 1. */
  onProgress: (done: number) => void
  signal: AbortSignal
}

/** Uploads an attachment. @returns its media id @throws {UploadError} */
export type Upload = (attachment: Attachment, tools: UploadTools) => Promise<string>

type Announcement = Omit<Extract<RequestBody, { type: 'upload' }>, 'type' | 'bytes'>

/** @param origin - of the service, http(s): the addresses of uploads are relative to it */
export function createUpload({ origin, put }: { origin: string; put: Put }): Upload {
  return async function upload(attachment, tools) {
    const { body, contentType, name, width, height, duration, thumb } = attachment
    if (body.size > MEDIA_BYTES) throw new UploadError('too_large')
    // A picture without its thumbnail is better than none.
    const small = thumb === undefined ? null : await uploadThumb(thumb, tools)
    return uploadPart(body, tools, tools.onProgress, {
      contentType,
      ...(name === undefined ? {} : { name }),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(duration === undefined ? {} : { duration }),
      ...(small === null ? {} : { thumb: small }),
    })
  }

  async function uploadThumb(
    { body, contentType }: { body: Blob; contentType: string },
    tools: UploadTools,
  ): Promise<string | null> {
    try {
      return await uploadPart(body, tools, () => undefined, { contentType })
    } catch (error) {
      if (isUploadError(error) && error.code === 'failed') return null
      throw error
    }
  }

  async function uploadPart(
    body: Blob,
    { request, signal }: UploadTools,
    onProgress: (done: number) => void,
    announcement: Announcement,
  ): Promise<string> {
    let opened: { media: string; put: string } | null = null
    for (let tries = 0; tries < PUT_TRIES; tries++) {
      if (tries > 0) await pause(PUT_RETRY_MS * 2 ** (tries - 1), signal)
      if (signal.aborted) throw new UploadError('cancelled')
      opened ??= await announce(request, { ...announcement, type: 'upload', bytes: body.size })
      if (opened === null) continue
      const status = await put({
        url: new URL(opened.put, origin).href,
        body,
        contentType: announcement.contentType,
        onProgress: (bytes) => onProgress(Math.min(1, bytes / body.size)),
        signal,
      })
      if (signal.aborted) throw new UploadError('cancelled')
      // 409: an earlier try came through, and only its answer was lost.
      if ((status >= 200 && status < 300) || status === 409) {
        onProgress(1)
        return opened.media
      }
      if (status === 413) throw new UploadError('too_large')
      // The address has expired, or the upload is not waited for any more: it is announced anew.
      if (status === 403 || status === 404) opened = null
      else if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw new UploadError('failed')
    }
    throw new UploadError('failed')
  }
}

/** @returns null when it may be asked again */
async function announce(
  request: UploadTools['request'],
  body: RequestBody,
): Promise<{ media: string; put: string } | null> {
  try {
    const { media, put } = await request(body)
    if (typeof media !== 'string' || put === undefined) throw new UploadError('failed')
    return { media, put }
  } catch (error) {
    if (!isRequestError(error)) throw error
    if (error.code === 'payload_too_large') throw new UploadError('too_large')
    if (error.code === 'not_allowed') throw new UploadError('not_allowed')
    if (error.code === 'closed') throw new UploadError('cancelled')
    if (error.code === 'timeout' || error.code === 'internal') return null
    throw new UploadError('failed')
  }
}

/** Waits; ends early, without a fault, when `signal` is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
