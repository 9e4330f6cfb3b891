import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createStream } from '../../src/client/stream.ts'
import { createUpload, type Attachment, type Put, type PutOrder } from '../../src/client/uploads.ts'
import { MEDIA_BYTES, PUT_TRIES } from '../../src/protocol/limits.ts'
import { isThumbType, mediaKind, parseMediaType } from '../../src/protocol/media-types.ts'
import { scaledDown } from '../../src/web/shared/attachment.ts'
import { formatBytes } from '../../src/web/shared/format.ts'
import { conversation, message, snapshot } from './support.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const settle = () => vi.advanceTimersByTimeAsync(0)
const blob = (text: string): Blob => new Blob([text])

function attachment(more: Partial<Attachment> = {}): Attachment {
  return { body: blob('picture'), contentType: 'image/webp', name: 'lake.webp', width: 4, height: 3, ...more }
}

/**
 * A stream whose service takes uploads. @param statuses - what PUTs are answered, one after the other, then 201;
 * `wait` is answered when the test says so
 */
function ready(statuses: (number | 'wait')[] = [], refused: string | null = null) {
  const sent: Record<string, unknown>[] = []
  const orders: PutOrder[] = []
  let release: (status: number) => void = () => undefined
  const put: Put = async (order) => {
    orders.push(order)
    const next = statuses.shift() ?? 201
    if (next !== 'wait') return next
    return new Promise((resolve) => {
      release = resolve
      order.signal.addEventListener('abort', () => resolve(0))
    })
  }
  const stream = createStream({ onGap: vi.fn<() => void>() })
  let uploads = 0
  stream.ready((text) => {
    const frame = JSON.parse(text) as Record<string, unknown>
    sent.push(frame)
    if (frame.type !== 'upload') return
    const id = `m${++uploads}`
    const ref = String(frame.ref)
    stream.receive(
      refused === null
        ? { type: 'ok', ref, media: id, put: `/v1/media/a/${id}?s`, expiresAt: 0 }
        : { type: 'error', ref, code: refused as 'not_allowed', message: '' },
    )
  })
  stream.receive(snapshot(10, [conversation('c')]))
  const upload = createUpload({ origin: 'https://tandem.test', put })
  const of = (type: string) => sent.filter((frame) => frame.type === type)
  const outgoing = () => [...stream.state.outgoing.values()][0]
  return { stream, upload, orders, of, outgoing, finish: (status: number) => release(status) }
}

describe('a file that is sent', () => {
  test('is shown at once, announced, put, and sent with its words when its bytes are there', async () => {
    const { stream, upload, orders, of, outgoing, finish } = ready(['wait'])
    const release = vi.fn<() => void>()
    const id = stream.sendFile('c', attachment({ preview: 'blob:x', release }), upload, 'look')
    expect(outgoing()).toMatchObject({ id, state: 'sending', file: { name: 'lake.webp', bytes: 7, progress: 0 } })
    await settle()
    expect(of('upload')).toMatchObject([
      { contentType: 'image/webp', bytes: 7, name: 'lake.webp', width: 4, height: 3 },
    ])
    expect(orders).toMatchObject([{ url: 'https://tandem.test/v1/media/a/m1?s', contentType: 'image/webp' }])
    orders[0]!.onProgress(3.5)
    expect(outgoing()?.file?.progress).toBe(0.5)
    expect(of('send')).toEqual([])
    finish(201)
    await settle()
    expect(of('send')).toMatchObject([{ id, conversation: 'c', text: 'look', media: 'm1' }])
    expect(outgoing()?.file?.progress).toBe(1)
    expect(release).not.toHaveBeenCalled()
    stream.receive({ type: 'ok', ref: String(of('send')[0]!.ref), message: message(11, { id, from: 'me' }) })
    await settle()
    expect(outgoing()).toBeUndefined()
    expect(release).toHaveBeenCalledOnce()
  })

  test('without words has no text in its frame', async () => {
    const { stream, upload, of } = ready()
    stream.sendFile('c', attachment(), upload)
    await settle()
    expect(of('send')).toHaveLength(1)
    expect(of('send')[0]).not.toHaveProperty('text')
  })

  test('is named with its thumbnail, which is put first; one that fails is left out', async () => {
    const thumb = { body: blob('small'), contentType: 'image/jpeg' }
    const { stream, upload, orders, of } = ready()
    stream.sendFile('c', attachment({ thumb }), upload)
    await settle()
    expect(orders.map(({ body }) => body.size)).toEqual([5, 7])
    expect(of('upload')).toMatchObject([{ contentType: 'image/jpeg', bytes: 5 }, { thumb: 'm1' }])
    const failing = ready([400])
    failing.stream.sendFile('c', attachment({ thumb }), failing.upload)
    await settle()
    expect(failing.of('upload')[1]).not.toHaveProperty('thumb')
    expect(failing.of('send')).toMatchObject([{ media: 'm2' }])
  })

  test('is put again after a lost answer or a fault, by the same address; 409 says that it is there', async () => {
    const { stream, upload, orders, of } = ready([0, 500, 409])
    stream.sendFile('c', attachment(), upload)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(orders.map(({ url }) => url)).toEqual(Array(3).fill('https://tandem.test/v1/media/a/m1?s'))
    expect(of('send')).toMatchObject([{ media: 'm1' }])
  })

  test('is announced anew when its address has expired', async () => {
    const { stream, upload, of } = ready([403])
    stream.sendFile('c', attachment(), upload)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(of('upload')).toHaveLength(2)
    expect(of('send')).toMatchObject([{ media: 'm2' }])
  })

  test('fails after PUT_TRIES, and is sent when asked again', async () => {
    const { stream, upload, orders, of, outgoing } = ready(Array(PUT_TRIES).fill(0))
    const id = stream.sendFile('c', attachment(), upload)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(orders).toHaveLength(PUT_TRIES)
    expect(outgoing()).toMatchObject({ state: 'failed', file: { failure: 'failed' } })
    stream.sendAgain(id)
    expect(outgoing()).toMatchObject({ state: 'sending' })
    expect(outgoing()?.file).not.toHaveProperty('failure')
    await settle()
    expect(of('send')).toMatchObject([{ id }])
  })

  test('fails at once when it is refused for good, and says why', async () => {
    const cases: [(number | 'wait')[], string | null, string][] = [
      [[413], null, 'too_large'],
      [[400], null, 'failed'],
      [[], 'payload_too_large', 'too_large'],
      [[], 'not_allowed', 'not_allowed'],
      [[], 'bad_request', 'failed'],
    ]
    for (const [statuses, refused, failure] of cases) {
      const puts = statuses.length
      const { stream, upload, orders, outgoing } = ready(statuses, refused)
      stream.sendFile('c', attachment(), upload)
      await settle()
      expect(outgoing()).toMatchObject({ state: 'failed', file: { failure } })
      expect(orders).toHaveLength(puts)
    }
  })

  test('that is too big is not even announced', async () => {
    const { stream, upload, of, outgoing } = ready()
    const body = { size: MEDIA_BYTES + 1 } as Blob
    stream.sendFile('c', attachment({ body }), upload)
    await settle()
    expect(of('upload')).toEqual([])
    expect(outgoing()).toMatchObject({ state: 'failed', file: { failure: 'too_large' } })
  })

  test('can be called off while it is uploaded: its PUT ends, nothing is sent', async () => {
    const { stream, upload, orders, of, outgoing } = ready(['wait'])
    const release = vi.fn<() => void>()
    const id = stream.sendFile('c', attachment({ release }), upload)
    await settle()
    stream.discard(id)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(orders[0]!.signal.aborted).toBe(true)
    expect([outgoing(), of('send'), orders.length]).toEqual([undefined, [], 1])
    expect(release).toHaveBeenCalledOnce()
  })

  test('is not uploaded twice when only its message failed, and anew when the upload is gone', async () => {
    const { stream, upload, of, outgoing } = ready()
    const id = stream.sendFile('c', attachment(), upload)
    await settle()
    const refuse = async (code: 'not_allowed' | 'media_not_ready'): Promise<void> => {
      stream.receive({ type: 'error', ref: String(of('send').at(-1)!.ref), code, message: '' })
      await settle()
      expect(outgoing()?.state).toBe('failed')
      stream.sendAgain(id)
      await settle()
    }
    await refuse('not_allowed')
    expect([of('upload').length, of('send').length]).toEqual([1, 2])
    await refuse('media_not_ready')
    expect([of('upload').length, of('send').length]).toEqual([2, 3])
    expect(of('send').at(-1)).toMatchObject({ id, media: 'm2' })
  })

  test('ends with everything else when all is forgotten', async () => {
    const { stream, upload, orders } = ready(['wait'])
    const release = vi.fn<() => void>()
    stream.sendFile('c', attachment({ release }), upload)
    await settle()
    stream.wipe()
    expect(orders[0]!.signal.aborted).toBe(true)
    expect(release).toHaveBeenCalledOnce()
    await settle()
    expect(stream.state.outgoing.size).toBe(0)
  })

  test('goes after those that were chosen before it for the same chat, and beside those of another', async () => {
    const { stream, upload, orders, of, finish } = ready(['wait', 201])
    const first = stream.sendFile('c', attachment({ name: 'first' }), upload)
    const second = stream.sendFile('c', attachment({ name: 'second' }), upload)
    const elsewhere = stream.sendFile('d', attachment({ name: 'elsewhere' }), upload)
    const third = stream.sendFile('c', attachment({ name: 'third' }), upload)
    await settle()
    expect(orders).toHaveLength(2)
    expect(of('send').map(({ id }) => id)).toEqual([elsewhere])
    // Called off while it waits, it is not uploaded at all.
    stream.discard(second)
    finish(201)
    await settle()
    expect(of('upload').map(({ name }) => name)).toEqual(['first', 'elsewhere', 'third'])
    expect(of('send').map(({ id }) => id)).toEqual([elsewhere, first, third])
  })

  test('answers the message that it was chosen for', async () => {
    const { stream, upload, of } = ready()
    stream.sendFile('c', attachment(), upload, '', 'answered')
    await settle()
    expect(of('send')).toMatchObject([{ media: 'm1', replyTo: 'answered' }])
    expect(of('send')[0]).not.toHaveProperty('text')
  })
})

describe('a type', () => {
  test('has one spelling, and what is none is null', () => {
    expect(parseMediaType(' Audio/WebM ; codecs=opus')).toBe('audio/webm;codecs=opus')
    expect(parseMediaType('TEXT/html; charset=UTF-8; ')).toBe('text/html;charset=UTF-8')
    for (const bad of ['', 'image', 'image/', '/png', 'a b/c', 'image/png x', 'image/png\n', 'a/b;\u0000']) {
      expect(parseMediaType(bad.replace(/\n$/, '\nx')), bad).toBeNull()
    }
  })

  test('is shown as a picture, played, or saved', () => {
    expect(['image/png', 'AUDIO/mpeg', 'video/mp4; x=y', 'image/svg+xml', 'text/html', ''].map(mediaKind)).toEqual([
      'image',
      'audio',
      'video',
      'file',
      'file',
      'file',
    ])
    expect(['image/webp', 'image/jpeg', 'image/png', 'image/gif', 'image/svg+xml'].map(isThumbType)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})

describe('on the page', () => {
  test('a thumbnail keeps its proportions and is never larger than its picture', () => {
    expect(scaledDown(4000, 3000, 320)).toEqual({ width: 320, height: 240 })
    expect(scaledDown(10, 9000, 320)).toEqual({ width: 1, height: 320 })
    expect(scaledDown(100, 50, 320)).toEqual({ width: 100, height: 50 })
  })

  test('a size is said in the unit that fits', () => {
    expect([1, 999, 1500, 2_340_000, 16_777_216].map(formatBytes)).toEqual([
      '1 byte',
      '999 bytes',
      '1.5 kB',
      '2.3 MB',
      '17 MB',
    ])
  })
})
