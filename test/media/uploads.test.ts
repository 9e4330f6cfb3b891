import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { app } from '../../src/app.ts'
import { mediaKeys } from '../../src/http/keys.ts'
import { signMediaUrl, signUploadUrl } from '../../src/http/signed-url.ts'
import { MEDIA_BYTES, UPLOAD_URL_MS } from '../../src/protocol/limits.ts'
import { refusal, request } from '../support/service.ts'
import { bucket, bytesOf, chunked, put, Uploader } from './support.ts'

const PHOTO = { contentType: 'image/webp', bytes: 1000, name: 'lake.webp', width: 4, height: 3 }

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the PUT of an upload', () => {
  it('takes the bytes as announced, and the message shows them to both sides', async () => {
    const [ada, bo] = [await Uploader.create(), await Uploader.create()]
    const conversation = await ada.startWith(bo)
    const thumb = await ada.upload(bytesOf(90, 1), 'image/jpeg')
    const media = await ada.upload(bytesOf(1000), 'image/webp', { ...PHOTO, thumb })
    const sent = await ada.send(conversation, media)
    expect(sent).toMatchObject({ type: 'ok', message: { media: { id: media, ...PHOTO } } })
    for (const message of [await ada.message(), await bo.message()]) {
      expect(message.media).toMatchObject(PHOTO)
      const whole = await request(message.media.url)
      expect(whole.headers.get('content-type')).toBe('image/webp')
      expect(whole.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''lake.webp")
      expect([...new Uint8Array(await whole.arrayBuffer())]).toEqual([...bytesOf(1000)])
      const small = await request(message.media.thumb ?? '')
      expect([...new Uint8Array(await small.arrayBuffer())]).toEqual([...bytesOf(90, 1)])
    }
  })

  it('works with an eviction between any two steps', async () => {
    const [ada, bo] = [await Uploader.create(), await Uploader.create()]
    const conversation = await ada.startWith(bo)
    const { media, put: url } = await ada.open(PHOTO)
    await ada.evict()
    expect((await put(url, bytesOf(1000), 'image/webp')).status).toBe(201)
    await ada.evict()
    expect(await ada.send(conversation, media)).toMatchObject({ type: 'ok' })
    await ada.evict()
    expect(await refusal(await put(url, bytesOf(1000), 'image/webp'))).toBe('409 already_uploaded')
    expect((await bo.message()).media.bytes).toBe(1000)
  })

  it('takes a body that says no length, and counts it', async () => {
    const ada = await Uploader.create()
    const { put: url } = await ada.open(PHOTO)
    expect(await refusal(await put(url, chunked(bytesOf(1001)), 'image/webp'))).toBe('413 payload_too_large')
    expect(await refusal(await put(url, chunked(bytesOf(999)), 'image/webp'))).toBe('400 bad_request')
    expect(await ada.objects()).toEqual([])
    expect((await put(url, chunked(bytesOf(1000)), 'image/webp')).status).toBe(201)
    expect(await (await bucket().get((await ada.objects())[0] ?? ''))?.bytes()).toEqual(bytesOf(1000))
  })

  it('S15: refuses another type or length than announced, and keeps nothing of it', async () => {
    const ada = await Uploader.create()
    const { put: url } = await ada.open(PHOTO)
    const bad: [BodyInit | null, string | undefined, string][] = [
      [bytesOf(1001), 'image/webp', '413 payload_too_large'],
      [bytesOf(999), 'image/webp', '400 bad_request'],
      [null, 'image/webp', '400 bad_request'],
      [bytesOf(1000), 'image/png', '400 bad_request'],
      [bytesOf(1000), 'text/html', '400 bad_request'],
      [bytesOf(1000), undefined, '400 bad_request'],
      [chunked(bytesOf(1000), 5, true), 'image/png', '400 bad_request'],
    ]
    for (const [body, type, answer] of bad) expect(await refusal(await put(url, body, type))).toBe(answer)
    expect(await ada.objects()).toEqual([])
    expect((await put(url, bytesOf(1000), 'Image/WEBP')).status).toBe(201)
  })

  it('keeps nothing of a body that breaks off, and can be tried again', async () => {
    const ada = await Uploader.create()
    const { put: url } = await ada.open(PHOTO)
    const answer = await put(url, chunked(bytesOf(600), 3, true), 'image/webp').catch(() => null)
    expect(answer?.ok ?? false).toBe(false)
    expect(await ada.objects()).toEqual([])
    expect((await put(url, bytesOf(1000), 'image/webp')).status).toBe(201)
  })

  it('takes MEDIA_BYTES', async () => {
    const ada = await Uploader.create()
    const bytes = new Uint8Array(MEDIA_BYTES)
    const { put: url } = await ada.open({ contentType: 'video/mp4', bytes: MEDIA_BYTES })
    expect(await refusal(await put(url, chunked(new Uint8Array(MEDIA_BYTES + 1), 64), 'video/mp4'))).toBe(
      '413 payload_too_large',
    )
    expect((await put(url, bytes, 'video/mp4')).status).toBe(201)
  })

  it('S22: succeeds once: repeated, or two at once, nothing is swapped', async () => {
    const ada = await Uploader.create()
    const { put: url } = await ada.open(PHOTO)
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, seed) => put(url, chunked(bytesOf(1000, seed)), 'image/webp')),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409, 409, 409])
    const [object = ''] = await ada.objects()
    const winner = bytesOf(1000, statuses.indexOf(201))
    expect(await (await bucket().get(object))?.bytes()).toEqual(winner)
    for (const [bytes, type] of [
      [bytesOf(1000, 9), 'image/webp'],
      [bytesOf(5), 'text/html'],
    ] as const) {
      expect(await refusal(await put(url, bytes, type))).toBe('409 already_uploaded')
    }
    expect(await (await bucket().get(object))?.bytes()).toEqual(winner)
  })

  it('S22: a changed path, account or expiry, an expired address, or a GET’s is 403', async () => {
    const [ada, bo] = [await Uploader.create(), await Uploader.create()]
    const [mine, other] = [await ada.open(PHOTO), await ada.open(PHOTO)]
    const theirs = await bo.open(PHOTO)
    const object = mine.put.slice('/v1/media/'.length).split('?')[0] ?? ''
    const { search } = new URL(mine.put, 'https://tandem.test')
    const keys = await mediaKeys(env)
    const changed = [
      mine.put.replace(mine.media, other.media),
      theirs.put.split('?')[0] + search,
      mine.put.replace(ada.phone.account.id, bo.phone.account.id),
      mine.put.replace(/for=[^&]+/, `for=${bo.phone.account.id}`),
      mine.put.replace(/until=\d+/, 'until=99999999999999'),
      mine.put.replace(/&signature=.*/, ''),
      mine.put.split('?')[0] ?? '',
      signUploadUrl(keys, object, ada.phone.account.id, Date.now() - UPLOAD_URL_MS).url,
      signMediaUrl(keys, object, ada.phone.account.id, Date.now()).url,
    ]
    for (const url of changed) {
      expect(await refusal(await put(url, bytesOf(1000), 'image/webp')), url).toBe('403 not_allowed')
    }
    expect((await put(mine.put, bytesOf(1000), 'image/webp')).status).toBe(201)
    // And the other way round: who may write it may not read it by that.
    expect(await refusal(await request(mine.put))).toBe('403 not_allowed')
  })

  it('S22: SVG, HTML and unknown types are files: never inline, never called what they are', async () => {
    const [ada, bo] = [await Uploader.create(), await Uploader.create()]
    const conversation = await ada.startWith(bo)
    for (const contentType of ['image/svg+xml', 'text/html;charset=utf-8', 'application/x-thing', 'IMAGE/SVG+XML']) {
      const media = await ada.upload(bytesOf(40), contentType, { name: 'Überblick (1).html' })
      expect(await ada.send(conversation, media)).toMatchObject({ type: 'ok' })
      const answer = await request((await bo.message()).media.url)
      expect(answer.headers.get('content-type')).toBe('application/octet-stream')
      expect(answer.headers.get('content-disposition')).toBe(
        "attachment; filename*=UTF-8''%C3%9Cberblick%20%281%29.html",
      )
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    }
    for (const object of await ada.objects()) {
      expect((await bucket().head(object))?.httpMetadata?.contentType).toBe('application/octet-stream')
    }
  })

  it('is 404 where there is no bucket', async () => {
    const ada = await Uploader.create()
    const { put: url } = await ada.open(PHOTO)
    const answer = await app.request(url, { method: 'PUT', body: bytesOf(1000) }, { ...env, MEDIA: undefined })
    expect(await refusal(answer)).toBe('404 not_found')
  })

  it('may be done by a page of an allow-listed origin and by no other', async () => {
    const ada = await Uploader.create()
    const { put: url } = await ada.open(PHOTO)
    const from = (origin: string, method = 'PUT') =>
      app.request(
        url,
        {
          method,
          headers: { origin, 'content-type': 'image/webp', 'access-control-request-method': 'PUT' },
          body: method === 'PUT' ? bytesOf(1000) : null,
        },
        { ...env, ALLOWED_ORIGINS: 'https://embed.example' },
      )
    expect((await from('https://evil.example')).status).toBe(403)
    expect((await from('https://embed.example', 'OPTIONS')).headers.get('access-control-allow-methods')).toContain(
      'PUT',
    )
    expect((await from('https://embed.example')).status).toBe(201)
  })
})

describe('an upload whose account could not be told', () => {
  it('is recovered by `send`', async () => {
    const [ada, bo] = [await Uploader.create(), await Uploader.create()]
    const conversation = await ada.startWith(bo)
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    vi.spyOn(Account.prototype, 'uploaded').mockRejectedValueOnce(new Error('out of reach'))
    const { media, put: url } = await ada.open(PHOTO)
    expect(await refusal(await put(url, bytesOf(1000), 'image/webp'))).toBe('500 internal')
    await ada.evict()
    expect(await ada.send(conversation, media)).toMatchObject({ type: 'ok', message: { media: { id: media } } })
    expect((await bo.message()).media.bytes).toBe(1000)
  })

  it('is recovered by a repeated PUT, which swaps nothing', async () => {
    const ada = await Uploader.create()
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    vi.spyOn(Account.prototype, 'uploaded').mockRejectedValueOnce(new Error('out of reach'))
    const { media, put: url } = await ada.open(PHOTO)
    expect(await refusal(await put(url, bytesOf(1000), 'image/webp'))).toBe('500 internal')
    expect(await refusal(await put(url, bytesOf(1000, 5), 'image/webp'))).toBe('409 already_uploaded')
    const answer = await ada.socket.ask<{ media: { url: string } }>({ type: 'media', id: media })
    expect(await (await request(answer.media.url)).bytes()).toEqual(bytesOf(1000))
  })

  it('keeps nothing when the account does not want it any more', async () => {
    const ada = await Uploader.create()
    const { put: url } = await ada.open(PHOTO)
    vi.spyOn(Account.prototype, 'uploaded').mockResolvedValueOnce(false)
    expect(await refusal(await put(url, bytesOf(1000), 'image/webp'))).toBe('404 not_found')
    expect(await ada.objects()).toEqual([])
  })
})
