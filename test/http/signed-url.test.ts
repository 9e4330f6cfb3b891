import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomBytes } from '../../src/http/secrets.ts'
import { signMediaUrl, verifyMediaUrl } from '../../src/http/signed-url.ts'

const HOUR = 3_600_000
const NOON = Date.UTC(2026, 10, 22, 12)
const keys = [
  { kid: 'newer', key: randomBytes(32) },
  { kid: 'older', key: randomBytes(32) },
]
const open = (url: string, now: number) => verifyMediaUrl(keys, new URL(url, 'https://tandem.example'), now)

describe('a signed media URL', () => {
  it('opens its object for its viewer until it expires, and not a moment longer', () => {
    const { url, expiresAt } = signMediaUrl(keys, 'account/photo.webp', 'viewer', NOON)
    expect(url.startsWith('/v1/media/account/photo.webp?')).toBe(true)
    expect(open(url, expiresAt - 1)).toEqual({ object: 'account/photo.webp', viewer: 'viewer', expiresAt })
    expect(open(url, expiresAt)).toBeNull()
  })

  it('is the same for a whole hour, and good for one to two', () => {
    const { url, expiresAt } = signMediaUrl(keys, 'a/b', 'viewer', NOON + 1)
    expect(signMediaUrl(keys, 'a/b', 'viewer', NOON + HOUR).url).toBe(url)
    expect(signMediaUrl(keys, 'a/b', 'viewer', NOON + HOUR + 1).url).not.toBe(url)
    expect(expiresAt).toBe(NOON + 2 * HOUR)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * HOUR }), (after) => {
        const ahead = signMediaUrl(keys, 'a/b', 'viewer', NOON + after).expiresAt - (NOON + after)
        expect(ahead).toBeGreaterThanOrEqual(HOUR)
        expect(ahead).toBeLessThan(2 * HOUR)
      }),
    )
  })

  it('S22: opens nothing when any part of it is changed, left out or of an unknown key', () => {
    const { url } = signMediaUrl(keys, 'account/photo', 'viewer', NOON)
    const changes: ((each: URL) => void)[] = [
      (each) => (each.pathname = '/v1/media/account/other'),
      (each) => (each.pathname = '/v1/media/account'),
      (each) => (each.pathname = '/v1/account/photo'),
      (each) => each.searchParams.set('for', 'another'),
      (each) => each.searchParams.set('until', String(NOON + 100 * HOUR)),
      (each) => each.searchParams.set('until', 'Infinity'),
      (each) => each.searchParams.set('key', 'older'),
      (each) => each.searchParams.set('key', 'unknown'),
      (each) => each.searchParams.set('signature', ''),
      (each) => each.searchParams.set('signature', 'A'.repeat(43)),
      ...['for', 'until', 'key', 'signature'].map((name) => (each: URL) => each.searchParams.delete(name)),
    ]
    for (const change of changes) {
      const changed = new URL(url, 'https://tandem.example')
      change(changed)
      expect(verifyMediaUrl(keys, changed, NOON), changed.href).toBeNull()
    }
  })

  it('S22: has one spelling: no encoding, dot segment, second value or other number opens what it does not name', () => {
    const { url } = signMediaUrl(keys, 'account/photo', 'viewer', NOON)
    const until = String(NOON + HOUR)
    expect(url).toContain(until)
    const spellings = [
      url.replace('account/photo', 'account%2Fphoto'),
      url.replace('account/photo', 'account//photo'),
      url.replace('account/photo', 'account/photo/'),
      url.replace('account/photo', 'Account/Photo'),
      url.replace('account/photo', 'account/%70hoto'),
      url.replace('account/photo', 'other/..%2faccount/photo'),
      url.replace('account/photo', 'account/photo%00'),
      url.replace('account/photo', 'account\\photo/../other'),
      url.replace('?', `?until=${NOON + 900 * HOUR}&`),
      url.replace('?', '?for=another&'),
      url.replace(until, `${until}.0`),
      url.replace(until, `%2B${until}`),
      url.replace(until, `0${until}`),
      `${url}=`,
      url.toLowerCase(),
    ]
    for (const spelling of spellings) expect(open(spelling, NOON), spelling).toBeNull()
    // The parser takes these for the same path and parameters: they open the same object and no other.
    for (const same of [`${url}&until=1&for=another`, url.replace('account/', 'x/%2e%2e/account/')]) {
      expect(open(same, NOON)).toMatchObject({ object: 'account/photo', viewer: 'viewer' })
    }
  })

  it('is still good when a newer key signs, and never is another deployment’s', () => {
    const { url } = signMediaUrl(keys.slice(1), 'a/b', 'viewer', NOON)
    expect(open(url, NOON)?.object).toBe('a/b')
    expect(verifyMediaUrl([{ kid: 'older', key: randomBytes(32) }], new URL(url, 'https://x.example'), NOON)).toBeNull()
  })

  it('is made only for names that no URL parser rewrites', () => {
    for (const object of [
      '',
      '/',
      'a//b',
      '../a',
      'a/./b',
      'a/..',
      'a b',
      'a?b',
      'a#b',
      'ä',
      'a%2fb',
      'x'.repeat(1025),
    ]) {
      expect(() => signMediaUrl(keys, object, 'viewer', NOON), object).toThrow(TypeError)
    }
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.-]{1,20}(\/[\w.-]{1,20}){0,2}$/), fc.string(), (object, viewer) => {
        fc.pre(!object.split('/').some((segment) => /^\.+$/.test(segment)))
        expect(open(signMediaUrl(keys, object, viewer.toWellFormed(), NOON).url, NOON)?.object).toBe(object)
      }),
    )
  })
})
