/** Plain HTTP for tests: every header can be set (fetch forbids some), nothing is followed or retried. */
import { request, type IncomingHttpHeaders } from 'node:http'
import { expect } from 'vitest'

/** What came over the wire: its shape is what a test is there to check. */
// oxlint-disable-next-line typescript/no-explicit-any -- `unknown` would need a cast at each of a thousand assertions
export type Json = Record<string, any>

export interface Call {
  method?: string
  /** The access token. */
  token?: string
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  body?: string | Uint8Array
  /** Sends the body in chunks, without saying its length. */
  chunked?: true
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
  /** The body parsed, or an empty object where it is not JSON. */
  json: Json
}

const WAIT_MS = 10_000

/** Calls `url`. */
export function call(url: string, { method = 'GET', token, json, body, chunked, headers }: Call = {}): Promise<Answer> {
  const payload = json === undefined ? body : JSON.stringify(json)
  return new Promise((resolve, reject) => {
    const calling = request(url, {
      method,
      timeout: WAIT_MS,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(payload === undefined || chunked ? {} : { 'Content-Length': String(Buffer.byteLength(payload)) }),
        ...headers,
      },
    })
    calling.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => void chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json: parse(text) })
      })
    })
    calling.on('timeout', () => calling.destroy(new Error(`${method} ${new URL(url).pathname} was not answered`)))
    calling.on('error', reject)
    if (payload !== undefined) calling.write(payload)
    calling.end()
  })
}

/** Asserts a problem of RFC 9457 as the contract wants it. */
export function expectProblem(
  answer: { status: number; headers: IncomingHttpHeaders } & ({ text: string } | { body: string }),
  status: number,
  code: string,
): void {
  const text = 'text' in answer ? answer.text : answer.body
  expect({ status: answer.status, text: text.slice(0, 300) }).toMatchObject({ status })
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(;|$)/)
  const body = parse(text)
  expect(body).toMatchObject({ type: expect.any(String), title: expect.any(String), status, code })
  if (body.detail !== undefined) expect(body.detail).toEqual(expect.any(String))
  expect(text).not.toMatch(/\bat \S+ \(|\.ts:\d+|\.js:\d+/)
}

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
