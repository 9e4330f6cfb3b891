import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { app } from '../../src/app.ts'
import { mediaKeys } from '../../src/http/keys.ts'
import { signMediaUrl } from '../../src/http/signed-url.ts'

const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => index % 251)

beforeAll(async () => {
  const put = (name: string, contentType: string) =>
    env.MEDIA?.put(`one/${name}`, BYTES, { httpMetadata: { contentType } })
  await put('photo', 'image/webp')
  await put('drawing', 'image/svg+xml')
  await put('page', 'text/html; charset=utf-8')
  await put('note', 'Audio/OGG; codecs=opus')
  await env.MEDIA?.put('one/untyped', BYTES)
  await env.MEDIA?.put('one/empty', new Uint8Array(), { httpMetadata: { contentType: 'image/png' } })
})

async function urlOf(object: string, now = Date.now()): Promise<string> {
  return signMediaUrl(await mediaKeys(env), object, 'viewer', now).url
}

async function get(object: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  return app.request(await urlOf(object), { method, headers }, env)
}

async function bytesOf(response: Response): Promise<number[]> {
  return [...new Uint8Array(await response.arrayBuffer())]
}

describe('GET of a signed media URL', () => {
  it('answers the bytes with their type, inline, kept by the viewer’s own cache until the URL expires', async () => {
    const response = await get('one/photo')
    expect(response.status).toBe(200)
    expect(await bytesOf(response)).toEqual([...BYTES])
    expect(response.headers.get('content-type')).toBe('image/webp')
    expect(response.headers.get('content-length')).toBe('1000')
    expect(response.headers.get('content-disposition')).toBe('inline')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
    const [, seconds] = /^private, immutable, max-age=(\d+)$/.exec(response.headers.get('cache-control') ?? '') ?? []
    expect(Number(seconds)).toBeGreaterThanOrEqual(3599)
    expect(Number(seconds)).toBeLessThanOrEqual(7200)
  })

  it('S22: serves nothing inline but pictures, sound and video of the list; SVG and HTML are files to save', async () => {
    for (const name of ['drawing', 'page', 'untyped']) {
      const response = await get(`one/${name}`)
      expect(response.headers.get('content-type'), name).toBe('application/octet-stream')
      expect(response.headers.get('content-disposition'), name).toBe('attachment')
    }
    expect((await get('one/note')).headers.get('content-type')).toBe('audio/ogg')
  })

  it('S22: answers 403 not_allowed when the path, the viewer or the expiry is changed, or its time is over', async () => {
    const url = await urlOf('one/photo')
    const changed = [
      url.replace('one/photo', 'one/drawing'),
      url.replace('for=viewer', 'for=another'),
      url.replace(/until=\d+/, 'until=99999999999999'),
      url.replace(/&signature=.*/, ''),
      '/v1/media/one/photo',
      '/v1/media/',
      await urlOf('one/photo', Date.now() - 7_200_001),
    ]
    for (const other of changed) {
      const response = await app.request(other, {}, env)
      expect(response.status, other).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'not_allowed' })
    }
  })

  it('answers 404 for what is not stored, and for everything where there is no bucket', async () => {
    expect((await get('one/gone')).status).toBe(404)
    expect((await app.request(await urlOf('one/photo'), {}, { ...env, MEDIA: undefined })).status).toBe(404)
  })

  it('answers a HEAD like a GET without the bytes', async () => {
    const response = await get('one/photo', { range: 'bytes=0-1' }, 'HEAD')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe('1000')
    expect(await bytesOf(response)).toEqual([])
  })

  it('answers 304 to the entity tag it gave', async () => {
    const etag = (await get('one/photo')).headers.get('etag') ?? ''
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get('one/photo', { 'if-none-match': condition })
      expect(response.status, condition).toBe(304)
      expect(response.headers.get('etag')).toBe(etag)
    }
    expect((await get('one/photo', { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('answers one range with 206', async () => {
    const ranges: [string, number, number][] = [
      ['bytes=0-0', 0, 0],
      ['bytes=10-19', 10, 19],
      ['bytes=990-', 990, 999],
      ['bytes=990-5000', 990, 999],
      ['bytes=-10', 990, 999],
      ['bytes=-5000', 0, 999],
      ['Bytes= 0-999 ', 0, 999],
    ]
    for (const [range, first, last] of ranges) {
      const response = await get('one/photo', { range })
      expect(response.status, range).toBe(206)
      expect(response.headers.get('content-range')).toBe(`bytes ${first}-${last}/1000`)
      expect(response.headers.get('content-length')).toBe(String(last - first + 1))
      expect(await bytesOf(response)).toEqual(Array.from(BYTES.subarray(first, last + 1)))
    }
  })

  it('answers 416 with the size to a range that starts beyond the end', async () => {
    for (const range of ['bytes=1000-', 'bytes=1000-1001', 'bytes=-0', `bytes=${'9'.repeat(400)}-`]) {
      const response = await get('one/photo', { range })
      expect(response.status, range).toBe(416)
      expect(response.headers.get('content-range')).toBe('bytes */1000')
    }
    expect((await get('one/empty', { range: 'bytes=0-' })).status).toBe(416)
  })

  it('answers everything to a range that is malformed, of several parts, or of another version', async () => {
    for (const range of ['bytes=5-2', 'bytes=-', 'bytes=a-b', 'lines=0-1', 'bytes=0-1,5-6', '', '-1', 'bytes=1.5-2']) {
      expect((await get('one/photo', { range })).status, range).toBe(200)
    }
    expect((await get('one/photo', { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    const etag = (await get('one/photo')).headers.get('etag') ?? ''
    expect((await get('one/photo', { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
  })

  it('can be shown by pages of allow-listed origins, and read by them alone', async () => {
    const settings = { ...env, ALLOWED_ORIGINS: 'https://embed.example' }
    const url = await urlOf('one/photo')
    const picture = await app.request(url, {}, settings)
    expect(picture.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    const read = await app.request(url, { headers: { origin: 'https://embed.example' } }, settings)
    expect(read.headers.get('access-control-allow-origin')).toBe('https://embed.example')
    expect((await app.request(url, { headers: { origin: 'https://evil.example' } }, settings)).status).toBe(403)
  })
})
