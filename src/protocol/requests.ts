/**
 * Frames from clients: their schemas, and one parser for each moment of a socket's life.
 * Pure: text in, a frame or the reason why not out.
 */
import * as v from 'valibot'
import { utf8Length } from './bytes.ts'
import { HISTORY_PAGE, NAME_CHARACTERS, REF_CHARACTERS, TEXT_BYTES } from './limits.ts'

/** Tab and newline are the only C0 controls in a message; a lone surrogate has no UTF-8 form. */
// oxlint-disable-next-line no-control-regex -- the controls are what is refused
const FORBIDDEN_IN_TEXT = /[\u0000-\u0008\u000b-\u001f]/

const ref = v.pipe(v.string(), v.minLength(1), v.maxLength(REF_CHARACTERS))
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const uuid = v.pipe(v.string(), v.uuid())
const position = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const page = v.pipe(v.string(), v.minLength(1), v.maxLength(256))
const text = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((value) => !FORBIDDEN_IN_TEXT.test(value) && value.isWellFormed()),
)
const pixels = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65_535))

const requestSchemas = {
  send: v.pipe(
    v.object({
      type: v.literal('send'),
      ref,
      id: uuid,
      conversation: id,
      text: v.optional(text),
      media: v.optional(id),
      replyTo: v.optional(uuid),
    }),
    v.check((frame) => frame.text !== undefined || frame.media !== undefined),
  ),
  start: v.pipe(
    v.object({
      type: v.literal('start'),
      ref,
      number: v.optional(v.pipe(v.string(), v.maxLength(32))),
      account: v.optional(id),
    }),
    v.check((frame) => (frame.number === undefined) !== (frame.account === undefined)),
  ),
  conversations: v.object({
    type: v.literal('conversations'),
    ref,
    after: v.optional(page),
    ids: v.optional(v.pipe(v.array(id), v.maxLength(50))),
  }),
  history: v.object({
    type: v.literal('history'),
    ref,
    conversation: id,
    before: v.optional(position),
    limit: v.optional(v.pipe(position, v.minValue(1), v.maxValue(HISTORY_PAGE))),
  }),
  read: v.object({ type: v.literal('read'), ref, conversation: id, upTo: position }),
  search: v.object({
    type: v.literal('search'),
    ref,
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
    after: v.optional(page),
  }),
  delete: v.object({
    type: v.literal('delete'),
    ref,
    conversation: id,
    id: uuid,
    for: v.picklist(['me', 'all']),
  }),
  block: v.object({ type: v.literal('block'), ref, account: id, on: v.boolean() }),
  upload: v.object({
    type: v.literal('upload'),
    ref,
    contentType: v.pipe(v.string(), v.minLength(3), v.maxLength(127)),
    bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(255))),
    width: v.optional(pixels),
    height: v.optional(pixels),
    duration: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(86_400))),
    thumb: v.optional(id),
  }),
  media: v.object({ type: v.literal('media'), ref, id }),
  unlink: v.object({ type: v.literal('unlink'), ref }),
  token: v.object({ type: v.literal('token'), ref, accessToken: v.pipe(v.string(), v.maxLength(8192)) }),
} as const

const typing = v.object({ type: v.literal('typing'), conversation: id, on: v.boolean() })

type Schemas = typeof requestSchemas
/** A request of the stream; each carries a `ref` and is answered `ok` or `error`. */
export type Request = { [K in keyof Schemas]: v.InferOutput<Schemas[K]> }[keyof Schemas]
export type RequestType = keyof Schemas
export type TypingRequest = v.InferOutput<typeof typing>

/** What an unlinked companion may say. */
export type LinkRequest = { type: 'wake' } | { type: 'sleep' } | { type: 'spell' }

/** Why a frame was not taken. `fatal`: the socket closes 4400 after the error (not JSON, not an object, binary). */
export type Refusal = {
  ok: false
  fatal: boolean
  code: 'bad_request' | 'not_allowed' | 'payload_too_large'
  ref?: string
}
type Parsed<T> = { ok: true; frame: T } | Refusal

const LINK_REQUESTS = new Set(['wake', 'sleep', 'spell'])

/** Parses a frame of a companion before linking. A request of the stream is `not_allowed` yet. */
export function parseLinkRequest(data: string | ArrayBuffer): Parsed<LinkRequest> {
  const object = parseObject(data)
  if (object === null) return fatal
  const { type } = object
  if (typeof type === 'string' && LINK_REQUESTS.has(type)) {
    return { ok: true, frame: { type } as LinkRequest }
  }
  const known = typeof type === 'string' && (Object.hasOwn(requestSchemas, type) || type === 'typing')
  return refuse(known ? 'not_allowed' : 'bad_request', object)
}

/** Parses the one frame that an unproven socket may send: `prove` with its signature. Null for anything else. */
export function parseProve(data: string | ArrayBuffer): { signature: string } | null {
  const object = parseObject(data)
  if (object?.type !== 'prove' || typeof object.signature !== 'string') return null
  return { signature: object.signature }
}

/** Parses a frame of the stream: a request with its `ref`, or `typing`, which has neither ref nor answer. */
export function parseStreamRequest(data: string | ArrayBuffer): Parsed<Request | TypingRequest> {
  const object = parseObject(data)
  if (object === null) return fatal
  const { type } = object
  if (type === 'typing') {
    const result = v.safeParse(typing, object)
    return result.success ? { ok: true, frame: result.output } : refuse('bad_request', object)
  }
  if (typeof type !== 'string' || !Object.hasOwn(requestSchemas, type)) {
    const early = typeof type === 'string' && (LINK_REQUESTS.has(type) || type === 'prove')
    return refuse(early ? 'not_allowed' : 'bad_request', object)
  }
  if (type === 'send' && typeof object.text === 'string' && utf8Length(object.text) > TEXT_BYTES) {
    return refuse('payload_too_large', object)
  }
  const result = v.safeParse(requestSchemas[type as RequestType], object)
  return result.success ? { ok: true, frame: result.output } : refuse('bad_request', object)
}

/**
 * What cannot be seen in a name, or turns the text around it: bidi controls, zero-width characters, fillers, tags and
 * separators (S28). The joiners stay, which scripts and emoji need, and so do variation selectors.
 */
const INVISIBLE =
  /\u034f|[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu

/**
 * A name that a person gives (account, device): trimmed and without what is {@link INVISIBLE}, 1–64 characters, no
 * controls of either range, something in it that can be seen.
 */
export const nameSchema = v.pipe(
  v.string(),
  v.transform((value) => value.replaceAll(INVISIBLE, '')),
  v.trim(),
  v.minLength(1),
  v.maxLength(NAME_CHARACTERS),
  // oxlint-disable-next-line no-control-regex -- the controls are what is refused
  v.check((value) => !/[\u0000-\u001f\u007f-\u009f]/.test(value) && value.isWellFormed()),
  v.check((value) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(value)),
)

const fatal: Refusal = { ok: false, fatal: true, code: 'bad_request' }

function refuse(code: Refusal['code'], object: Record<string, unknown>): Refusal {
  const { ref: given } = object
  const usable = typeof given === 'string' && given.length >= 1 && given.length <= REF_CHARACTERS
  return { ok: false, fatal: false, code, ...(usable ? { ref: given } : {}) }
}

function parseObject(data: string | ArrayBuffer): Record<string, unknown> | null {
  if (typeof data !== 'string') return null
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return null
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
