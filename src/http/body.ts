/** Request bodies: JSON of at most BODY_BYTES, counted while it is read, then checked against a schema. */
import type { Context } from 'hono'
import * as v from 'valibot'
import { BODY_BYTES } from '../protocol/limits.ts'
import { problem } from './problem.ts'

export type ParsedBody<T> = { ok: true; value: T } | { ok: false; response: Response }

/**
 * Reads and checks the body of a request. The answer for a bad one says nothing of what was sent (S16).
 * Any `Content-Type` is read as JSON: what keeps other sites' forms out is the check of `Origin`.
 * @returns the value; or the 413 (`payload_too_large`) or 400 (`bad_request`) to answer
 */
export async function parseBody<S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<ParsedBody<v.InferOutput<S>>> {
  const bytes = await readBounded(c.req.raw)
  if (bytes === 'too-large') return { ok: false, response: problem('payload_too_large') }
  const json = bytes === 'broken' ? undefined : parseJson(bytes)
  const result = v.safeParse(schema, json)
  return result.success ? { ok: true, value: result.output } : { ok: false, response: problem('bad_request') }
}

async function readBounded(request: Request): Promise<Uint8Array | 'too-large' | 'broken'> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES) return 'too-large'
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of request.body as ReadableStream<Uint8Array>) {
      length += chunk.byteLength
      if (length > BODY_BYTES) return 'too-large'
      chunks.push(chunk)
    }
  } catch {
    // The client went away or framed its body wrongly.
    return 'broken'
  }
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

/**
 * @returns undefined, which no schema here takes, when the bytes are not JSON in UTF-8 (RFC 8259 section 8.1), or are a
 * list, which valibot would take for an object without fields
 */
function parseJson(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
    return Array.isArray(value) ? undefined : value
  } catch {
    return undefined
  }
}
