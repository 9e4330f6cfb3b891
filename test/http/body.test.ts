import { Hono } from 'hono'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { parseBody } from '../../src/http/body.ts'

const LIMIT = 64 * 1024
const schema = v.object({ text: v.string() })
const handled = vi.fn<(value: unknown) => void>()

const app = new Hono().post('/', async (c) => {
  const body = await parseBody(c, schema)
  if (!body.ok) return body.response
  handled(body.value)
  return c.body(null, 204)
})

async function codeOf(body: BodyInit | null, headers: Record<string, string> = {}): Promise<number | string> {
  const response = await app.request('/', { method: 'POST', body, headers })
  return response.ok ? response.status : (await response.json<{ code: string }>()).code
}

describe('a request body', () => {
  it('is handed on as its schema says, without unknown members', async () => {
    expect(await codeOf('{"text":"á","more":1}')).toBe(204)
    expect(handled).toHaveBeenLastCalledWith({ text: 'á' })
  })

  it('S15: may have exactly 64 KiB, and one byte more is 413', async () => {
    const sized = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes - '{"text":""}'.length) })
    expect(await codeOf(sized(LIMIT))).toBe(204)
    expect(await codeOf(sized(LIMIT + 1))).toBe('payload_too_large')
  })

  it('S15: is not read any further than its limit, whatever length it claims', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 16 * 1024
        controller.enqueue(new Uint8Array(16 * 1024))
      },
    })
    expect(await codeOf(endless)).toBe('payload_too_large')
    expect(pulled).toBeLessThan(4 * LIMIT)
    expect(await codeOf('{"text":""}', { 'content-length': String(LIMIT + 1) })).toBe('payload_too_large')
  })

  it('is no list, even where every member of the schema may be left out', async () => {
    const lenient = new Hono().post('/', async (c) => {
      const body = await parseBody(c, v.object({ text: v.optional(v.string()) }))
      return body.ok ? c.body(null, 204) : body.response
    })
    const codes = await Promise.all(
      ['{}', '[]'].map(async (body) => (await lenient.request('/', { method: 'POST', body })).status),
    )
    expect(codes).toEqual([204, 400])
  })

  it('is 400 without a word of it in the answer when it is not JSON, not UTF-8 or not of the schema', async () => {
    const bodies = ['', 'secret-token', '{"text":"secret-token"', '["secret-token"]', '{"text":1}', 'null', '{}', '[]']
    for (const body of [...bodies, new Uint8Array([0x22, 0xff, 0x22]), null]) {
      const response = await app.request('/', { method: 'POST', body })
      expect(response.status).toBe(400)
      expect(await response.text()).toBe(
        '{"type":"urn:tandem:error:bad_request","title":"The request is malformed","status":400,"code":"bad_request"}',
      )
    }
  })
})
