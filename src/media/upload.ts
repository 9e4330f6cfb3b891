/**
 * The body of a PUT on its way into R2: of the announced length to the byte, or nothing of it is kept. Counted here,
 * because a chunked body says no length, and R2 wants one (`FixedLengthStream`).
 */
import { parseMediaType } from '../protocol/media-types.ts'
import { servedAs } from './content-type.ts'

/** What the upload was announced with. */
export interface Announced {
  contentType: string
  bytes: number
  name?: string
}

/** `exists`: the object was there already, and was not touched. */
export type PutOutcome = 'stored' | 'exists' | 'bad_request' | 'payload_too_large'

type Count = 'whole' | 'short' | 'long' | 'stopped'

/** Puts the request's body into `bucket` as `object`, once. @throws when R2 fails */
export async function putUpload(
  bucket: R2Bucket,
  object: string,
  request: Request,
  announced: Announced,
): Promise<PutOutcome> {
  const refused = refusalOf(request.headers, announced)
  if (refused !== null || request.body === null) return refused ?? 'bad_request'
  const { readable, writable } = new FixedLengthStream(announced.bytes)
  const stop = new AbortController()
  const counting = pump(request.body, writable, announced.bytes, stop.signal)
  let stored: R2Object | null = null
  let fault: unknown
  try {
    stored = await bucket.put(object, readable, {
      // Of two PUTs at once one finds nothing there; the other, and any later one, swaps nothing (S22).
      onlyIf: { etagDoesNotMatch: '*' },
      // A bucket may be public by another way than ours: what is not to be shown is not called what it says it is.
      httpMetadata: { contentType: servedAs(announced.contentType).contentType },
      ...(announced.name === undefined ? {} : { customMetadata: { name: encodeURIComponent(announced.name) } }),
    })
  } catch (error) {
    fault = error
  }
  // R2 may have decided without the body.
  stop.abort()
  const count = await counting
  if (fault === undefined) return stored === null ? 'exists' : 'stored'
  if (count === 'long') return 'payload_too_large'
  if (count === 'short') return 'bad_request'
  throw fault
}

function refusalOf(headers: Headers, { contentType, bytes }: Announced): 'bad_request' | 'payload_too_large' | null {
  const length = headers.get('content-length')
  if (length !== null && Number(length) > bytes) return 'payload_too_large'
  if (length !== null && Number(length) !== bytes) return 'bad_request'
  return parseMediaType(headers.get('content-type') ?? '') === contentType ? null : 'bad_request'
}

/** Moves `body` into `sink` as long as it is what was announced; at any other end the sink fails, and the put with it. */
async function pump(
  body: ReadableStream<Uint8Array>,
  sink: WritableStream<Uint8Array>,
  bytes: number,
  signal: AbortSignal,
): Promise<Count> {
  const [reader, writer] = [body.getReader(), sink.getWriter()]
  const stop = (): void => {
    reader.cancel().catch(() => undefined)
    writer.abort().catch(() => undefined)
  }
  signal.addEventListener('abort', stop, { once: true })
  let left = bytes
  try {
    for (;;) {
      // A sender that goes away has sent too little.
      const { done, value } = await reader.read().catch(() => ({ done: true as const, value: undefined }))
      if (done) break
      left -= value.byteLength
      if (left < 0) break
      await writer.write(value)
    }
    if (left === 0) await writer.close()
    return left === 0 ? 'whole' : signal.aborted ? 'stopped' : left < 0 ? 'long' : 'short'
  } catch {
    // R2 wants no more.
    return 'stopped'
  } finally {
    signal.removeEventListener('abort', stop)
    if (left !== 0) stop()
  }
}
