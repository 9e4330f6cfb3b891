/**
 * The HTTP side of the contract as an OpenAPI 3.1 document. Request bodies are drawn from the schemas that check them.
 *
 * A typed document rather than hono-openapi's decorated routes: bodies are read by `http/body.ts`, which bounds them and
 * never echoes them, so there is no validator for it to describe; and the sockets and the picture are documented
 * here too. A test holds it to the route table.
 */
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { HTTP_ERRORS, type HttpErrorCode } from './protocol/errors.ts'
import {
  accountRequest,
  approveRequest,
  codeRequest,
  declineRequest,
  deviceRequest,
  operatorRequest,
  refreshRequest,
  scanRequest,
  sessionRequest,
} from './protocol/http.ts'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type JsonSchema = Record<string, unknown>

interface Operation {
  summary: string
  /** Behind an access token. */
  phone?: true
  /** Behind the operator's key. */
  operator?: true
  body?: GenericSchema
  /** The status of success, and the name of the schema it answers; null without a body. */
  answer: [status: number, schema: keyof typeof ANSWERS | null]
  errors: HttpErrorCode[]
  query?: Record<string, string>
}

const text = { type: 'string' }
const whole = { type: 'integer', minimum: 0 }
const instant = { type: 'integer', description: 'Epoch milliseconds' }

function object(required: Record<string, JsonSchema>, optional: Record<string, JsonSchema> = {}): JsonSchema {
  return { type: 'object', required: Object.keys(required), properties: { ...required, ...optional } }
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

const ANSWERS = {
  Health: object({ ok: { const: true } }, { setup: { type: 'array', items: { enum: ['identity'] } } }),
  KeySet: object({ keys: { type: 'array', items: object({ kid: text, kty: text, alg: text, use: text }) } }),
  Document: { type: 'object' },
  Code: object({ retryAfter: whole }, { code: text }),
  Session: object({ accessToken: text, expiresAt: instant, refreshToken: text, account: ref('Account') }),
  Scan: object(
    {
      request: object({
        browser: text,
        os: text,
        ip: text,
        place: ref('Place'),
        network: { enum: ['same', 'near', 'far'] },
        requestedAt: instant,
        issuedAt: instant,
        expiresAt: instant,
      }),
      match: { enum: ['none', 'required'] },
    },
    { token: text },
  ),
  Approval: object({ device: object({ id: text, name: text, linkedAt: instant }) }),
  Devices: object({ devices: { type: 'array', items: ref('Device') } }),
  Device: object(
    {
      id: text,
      name: text,
      browser: text,
      os: text,
      linkedAt: instant,
      lastSeenAt: instant,
      online: { type: 'boolean' },
    },
    { place: ref('Place') },
  ),
  Cut: object({ devices: whole, sessions: whole }),
  Account: object({ id: text, name: text }, { number: text, avatar: ref('Media') }),
  Media: object(
    { id: text, contentType: text, bytes: whole, url: text, expiresAt: instant },
    { name: text, width: whole, height: whole, duration: { type: 'number' }, thumb: text },
  ),
  Place: object({}, { city: text, country: text }),
  Problem: object(
    { type: text, title: text, status: whole, code: { enum: Object.keys(HTTP_ERRORS) } },
    { detail: text, triesLeft: whole },
  ),
} as const satisfies Record<string, JsonSchema>

const BODY: HttpErrorCode[] = ['bad_request', 'payload_too_large']
const EMBEDDED: HttpErrorCode[] = ['not_found', 'not_configured', 'rate_limited', 'origin_not_allowed']
const PHONE: HttpErrorCode[] = ['unauthorized', 'rate_limited', 'origin_not_allowed']
const LINK: HttpErrorCode[] = [...PHONE, ...BODY, 'link_token_invalid', 'link_token_taken']

const PATHS: Record<string, Partial<Record<Method, Operation>>> = {
  '/v1/socket': {
    get: {
      summary: "The companion's WebSocket (subprotocol tandem.v1): new with `key`, or a resume with `device`",
      query: { key: 'P-256 public key', device: 'Device to resume', cursor: 'Position to resume from' },
      answer: [101, null],
      errors: ['bad_request', 'origin_not_allowed', 'upgrade_required'],
    },
  },
  '/v1/code/{token}': {
    get: {
      summary: "The code's picture; the address comes from a `qr` frame's `image` and is never built by a client",
      query: { format: '`base64` for a data: URL as text' },
      answer: [200, null],
      errors: ['not_found', 'not_allowed'],
    },
  },
  '/v1/phone/code': {
    post: {
      summary: 'Send a one-time code to a number',
      body: codeRequest,
      answer: [202, 'Code'],
      errors: [...BODY, ...EMBEDDED, 'delivery_failed'],
    },
  },
  '/v1/phone/session': {
    post: {
      summary: 'Sign in with a number and its code',
      body: sessionRequest,
      answer: [200, 'Session'],
      errors: [...BODY, ...EMBEDDED, 'code_invalid'],
    },
    delete: { summary: 'Sign out', phone: true, answer: [204, null], errors: [...EMBEDDED, 'unauthorized'] },
  },
  '/v1/phone/refresh': {
    post: {
      summary: 'Exchange a refresh token for a new pair',
      body: refreshRequest,
      answer: [200, 'Session'],
      errors: [...BODY, ...EMBEDDED, 'unauthorized'],
    },
  },
  '/v1/link/scan': {
    post: {
      summary: 'Hold the companion behind a code',
      phone: true,
      body: scanRequest,
      answer: [200, 'Scan'],
      errors: LINK,
    },
  },
  '/v1/link/approve': {
    post: {
      summary: 'Link the companion that is held',
      phone: true,
      body: approveRequest,
      answer: [200, 'Approval'],
      errors: [...LINK, 'link_not_scanned', 'match_failed', 'too_many_devices'],
    },
  },
  '/v1/link/decline': {
    post: {
      summary: 'Let the companion go',
      phone: true,
      body: declineRequest,
      answer: [204, null],
      errors: [...LINK, 'link_not_scanned'],
    },
  },
  '/v1/devices': {
    get: { summary: 'The linked devices', phone: true, answer: [200, 'Devices'], errors: PHONE },
    delete: { summary: 'Unlink every device', phone: true, answer: [204, null], errors: PHONE },
  },
  '/v1/devices/{id}': {
    patch: {
      summary: 'Rename a device',
      phone: true,
      body: deviceRequest,
      answer: [200, 'Device'],
      errors: [...PHONE, ...BODY, 'not_found'],
    },
    delete: { summary: 'Unlink a device', phone: true, answer: [204, null], errors: [...PHONE, 'not_found'] },
  },
  '/v1/account': {
    get: { summary: 'The profile', phone: true, answer: [200, 'Account'], errors: PHONE },
    patch: {
      summary: 'Change the profile',
      phone: true,
      body: accountRequest,
      answer: [200, 'Account'],
      errors: [...PHONE, ...BODY, 'not_found'],
    },
    delete: {
      summary: 'Delete the account: everything of it goes, and no token issued before is good any more',
      phone: true,
      answer: [204, null],
      errors: PHONE,
    },
  },
  '/v1/account/export': {
    get: {
      summary: 'Everything of the account as one ZIP archive: JSON, JSON Lines and media, streamed',
      phone: true,
      answer: [200, null],
      errors: PHONE,
    },
  },
  '/v1/account/socket': {
    get: {
      summary: "The phone's WebSocket (subprotocol tandem.v1, and bearer.<JWT> where no header can be set)",
      phone: true,
      query: { cursor: 'Position to go on from' },
      answer: [101, null],
      errors: ['bad_request', 'unauthorized', 'origin_not_allowed', 'upgrade_required'],
    },
  },
  '/v1/media/{object}': {
    get: {
      summary: 'A photo, thumbnail or file, by a signed URL; Range and If-None-Match are understood',
      answer: [200, null],
      errors: ['not_allowed', 'not_found', 'range_not_satisfiable', 'rate_limited', 'origin_not_allowed'],
    },
    put: {
      summary: 'The bytes of an upload, by the signed URL that `upload` answered: as announced, once',
      answer: [201, null],
      errors: [...BODY, 'not_allowed', 'not_found', 'already_uploaded', 'rate_limited', 'origin_not_allowed'],
    },
  },
  '/v1/operator/unlink': {
    post: {
      summary: "End an account's links and sign its phones out; not there without OPERATOR_KEY",
      operator: true,
      body: operatorRequest,
      answer: [200, 'Cut'],
      errors: [...PHONE, ...BODY, 'not_found'],
    },
  },
  '/v1/health': { get: { summary: 'Whether the service runs', answer: [200, 'Health'], errors: ['misconfigured'] } },
  '/.well-known/jwks.json': {
    get: { summary: 'The keys that sign access tokens (RFC 7517)', answer: [200, 'KeySet'], errors: [] },
  },
  '/openapi.json': { get: { summary: 'This document', answer: [200, 'Document'], errors: [] } },
}

let document: JsonSchema | null = null

/** The document; made at the first call. */
export function openApiDocument(): JsonSchema {
  document ??= {
    openapi: '3.1.0',
    info: { title: 'Tandem', version: '1', description: 'Link a browser to a phone, and stream the account to it.' },
    paths: Object.fromEntries(Object.entries(PATHS).map(([path, methods]) => [path, pathItem(path, methods)])),
    components: {
      schemas: ANSWERS,
      securitySchemes: {
        phone: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        operator: { type: 'http', scheme: 'bearer' },
      },
    },
  }
  return document
}

function pathItem(path: string, methods: Partial<Record<Method, Operation>>): JsonSchema {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: text,
  }))
  const operations = Object.entries(methods).map(([method, operation]) => [method, describe(operation)])
  return { ...(parameters.length === 0 ? {} : { parameters }), ...Object.fromEntries(operations) }
}

function describe({ summary, phone, operator, body, answer, errors, query = {} }: Operation): JsonSchema {
  const [status, schema] = answer
  const parameters = Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: text,
  }))
  return {
    summary,
    ...(phone === undefined ? {} : { security: [{ phone: [] }] }),
    ...(operator === undefined ? {} : { security: [{ operator: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(jsonSchemaOf(body)) } }),
    responses: {
      [status]: { description: summary, ...(schema === null ? {} : { content: json(ref(schema)) }) },
      ...problems([...errors, 'internal']),
    },
  }
}

/** Errors of one status share an entry, whose description lists their codes. */
function problems(codes: HttpErrorCode[]): JsonSchema {
  const byStatus = Map.groupBy(new Set(codes), (code) => HTTP_ERRORS[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      { description: same.join(', '), content: { 'application/problem+json': { schema: ref('Problem') } } },
    ]),
  )
}

function json(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } }
}

/** Checks that JSON Schema cannot express (well-formed text, one of two members) are left to the service. */
function jsonSchemaOf(schema: GenericSchema): JsonSchema {
  return { ...toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' }), $schema: undefined }
}
