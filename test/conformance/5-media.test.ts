/** Section 5: photos and thumbnails by their signed addresses, as the demo content brings them. */
import { expect } from 'vitest'
import { call, expectProblem, type Answer } from '../support/outside/http.ts'
import { link, openPhone, signIn, type Person } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import type { Frame, TestSocket } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const server = useServer({ vars: { DEMO: 'on' } })
const HOUR_MS = 3_600_000

type Media = { id: string; contentType: string; bytes: number; url: string; thumb?: string; expiresAt: number }

requirement('5.2', async () => {
  const { media } = await photoOf(await signIn(server))
  expect(media).toMatchObject({ id: expect.any(String), contentType: expect.stringMatching(/^image\//) })
  expect(media.url.startsWith('/')).toBe(true)
  const whole = await get(media.url)
  expect(whole.status).toBe(200)
  expect(whole.bytes).toHaveLength(media.bytes)
  expect(whole.headers['content-type']).toBe(media.contentType)
  expect(whole.headers['content-length']).toBe(String(media.bytes))
  expect(whole.headers['accept-ranges']).toBe('bytes')
  expect(whole.headers.etag).toMatch(/^(W\/)?"[^"]+"$/)
  expect(whole.headers['x-content-type-options']).toBe('nosniff')
  const caching = whole.headers['cache-control']!
  expect(caching).toContain('private')
  expect(caching).toContain('immutable')
  const age = Number(/max-age=(\d+)/.exec(caching)![1])
  expect(Math.abs(Date.now() + age * 1_000 - media.expiresAt)).toBeLessThan(10_000)
  expect(media.thumb).toEqual(expect.any(String))
  const thumb = await get(media.thumb!)
  expect(thumb.status).toBe(200)
  expect(thumb.bytes.length).toBeLessThanOrEqual(64 * 1024)
  expect(thumb.headers['content-type']).toMatch(/^image\//)
  const again = await get(media.url, { 'If-None-Match': whole.headers.etag! })
  expect(again.status).toBe(304)
  expect(again.bytes).toHaveLength(0)
})

requirement('5.3', async () => {
  const { media } = await photoOf(await signIn(server))
  const { bytes: whole } = await get(media.url)
  const size = whole.length
  const good: [string, number, number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    [`bytes=${size - 5}-`, size - 5, size - 1],
    ['bytes=-7', size - 7, size - 1],
    [`bytes=5-${size + 1_000}`, 5, size - 1],
    [`bytes=-${size + 1_000}`, 0, size - 1],
  ]
  for (const [Range, first, last] of good) {
    const part = await get(media.url, { Range })
    expect({ Range, status: part.status }).toEqual({ Range, status: 206 })
    expect(part.headers['content-range']).toBe(`bytes ${first}-${last}/${size}`)
    expect(part.bytes.equals(whole.subarray(first, last + 1))).toBe(true)
  }
  for (const Range of [`bytes=${size}-`, `bytes=${size + 5}-${size + 9}`, 'bytes=-0']) {
    const refused = await get(media.url, { Range })
    expect({ Range, status: refused.status }).toEqual({ Range, status: 416 })
    expect(refused.headers['content-range']).toBe(`bytes */${size}`)
  }
  // What is no range of bytes is as if it were not there (RFC 9110 section 14.2).
  for (const Range of ['bytes=', 'lines=1-2', 'bytes=a-b', 'nonsense']) {
    expect((await get(media.url, { Range })).status).toBe(200)
  }
})

requirement('5.4', async () => {
  const [mine, theirs] = [await photoOf(await signIn(server)), await photoOf(await signIn(server))]
  const changed = new Set<string>()
  for (const own of [mine.media.url, mine.media.thumb!]) {
    const url = new URL(own, server.origin)
    const segments = url.pathname.split('/')
    for (let at = 3; at < segments.length; at++) {
      const other = segments.with(at, flip(segments[at]!))
      changed.add(other.join('/') + url.search)
    }
    for (const [name, value] of url.searchParams) {
      for (const instead of [flip(value), String(Number(value) + 3_600), '', null]) {
        const copy = new URL(url)
        if (instead === null) copy.searchParams.delete(name)
        else copy.searchParams.set(name, instead)
        changed.add(copy.pathname + copy.search)
      }
    }
    changed.add(`${url.pathname}?`)
    changed.add(url.pathname + new URL(theirs.media.url, server.origin).search)
  }
  // What one of them was given is no forgery: the demo's photos lie at one path for everybody.
  for (const { media } of [mine, theirs]) for (const url of [media.url, media.thumb!]) changed.delete(url)
  expect(changed.size).toBeGreaterThan(5)
  for (const url of changed) {
    const answer = await get(url)
    // Another address altogether may be none of the service's.
    if (answer.status !== 404) expectProblem(answer, 403, 'not_allowed')
  }
  expect((await get(mine.media.url)).status).toBe(200)
})

requirement('5.5', async () => {
  const person = await signIn(server)
  const [first, second] = [await photoOf(person), await photoOf(person)]
  const hours = new Set([first, second].map(({ at }) => Math.floor(at / HOUR_MS)))
  if (hours.size === 1) expect(second.media).toEqual(first.media)
  const browser = await link(person)
  const { media } = await photoOf(person, browser)
  const life = media.expiresAt - Date.now()
  expect(media.expiresAt % HOUR_MS).toBe(0)
  expect(life).toBeGreaterThan(HOUR_MS - 5_000)
  expect(life).toBeLessThanOrEqual(2 * HOUR_MS)
  await browser.socket.close()
})

requirement('5.6', async () => {
  const [person, stranger] = [await signIn(server), await signIn(server)]
  const { media } = await photoOf(person)
  const [browser, { socket: other }] = [await link(person), await openPhone(stranger)]
  const fresh = await browser.socket.ok({ type: 'media', id: media.id })
  expect(fresh.media).toMatchObject({ id: media.id, contentType: media.contentType, bytes: media.bytes })
  expect((await get(fresh.media.url)).status).toBe(200)
  for (const id of [media.id, 'unknown', '../x']) {
    const answer = await other.ask({ type: 'media', id })
    expect(answer).toMatchObject({ type: 'error', code: 'not_found' })
  }
  await browser.socket.close()
})

/** A photo of the demo content: from the snapshot, else from the histories. */
async function photoOf(
  person: Person,
  opened?: { socket: TestSocket; snapshot: Frame },
): Promise<{ media: Media; at: number }> {
  const { socket, snapshot } = opened ?? (await openPhone(person))
  const at = Date.now()
  let media: Media | undefined
  for (const { id } of snapshot.conversations) {
    const { messages } = await socket.ok({ type: 'history', conversation: id })
    media ??= messages.find((message: Frame) => message.media?.thumb !== undefined)?.media
  }
  if (opened === undefined) await socket.close()
  if (media === undefined) throw new Error('the demo content holds no photo with a thumbnail')
  return { media, at }
}

function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return call(server.origin + url, { headers })
}

/** The same text with one character changed, in its middle. */
function flip(text: string): string {
  const at = Math.floor(text.length / 2)
  return (
    text.slice(0, at) +
    (text[at] === 'A' ? 'B' : /\d/.test(text[at] ?? '') ? (Number(text[at]) + 1) % 10 : 'A') +
    text.slice(at + 1)
  )
}
