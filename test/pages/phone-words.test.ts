import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HTTP_ERRORS } from '../../src/protocol/errors.ts'
import type { PhoneErrorCode } from '../../src/client/phone-http.ts'
import { readTypedCode } from '../../src/client/phone-typed-code.ts'
import { sayAgo, sayBrowser, sayCountdown, sayError, sayNetwork, sayPlace } from '../../src/web/phone/words.ts'

const folder = new URL('../../src/web/phone/', import.meta.url)
const sprite = readFileSync(new URL('../../public/icons.svg', import.meta.url), 'utf8')

test('every error code has a title, and never shows itself', () => {
  for (const code of [...Object.keys(HTTP_ERRORS), 'offline'] as PhoneErrorCode[]) {
    const { title, body } = sayError(code, 10)
    expect(title, code).not.toBe('')
    expect(title + body).not.toContain('_i')
    expect(title + body).not.toContain(code.includes('_') ? code : '_')
  }
})

test('every icon that the page names is in the sprite', () => {
  const source = readdirSync(folder)
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
  const named = [...source.matchAll(/(?:icon\(|say\(|icon: )'([a-z0-9-]+)'/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(10)
  for (const name of named) expect(sprite, name).toContain(`id="${name}"`)
})

test('a wait is told in minutes and seconds', () => {
  expect([0, 0.2, 9, 71, 600].map(sayCountdown)).toEqual(['0:00', '0:01', '0:09', '1:11', '10:00'])
})

test('a place is told in words, as much as is known of it; this machine has none', () => {
  expect(sayPlace({ place: { city: 'Berlin', country: 'DE' }, ip: '203.0.113.7' })).toBe('Berlin, Germany')
  expect(sayPlace({ place: { country: 'DE' }, ip: '203.0.113.7' })).toBe('Germany')
  expect(sayPlace({ place: {}, ip: '203.0.113.7' })).toBe('Place unknown')
  expect(sayPlace({ place: { city: 'Austin', country: 'US' }, ip: '127.0.0.1' })).toBe('This computer')
  expect(sayPlace({ place: { country: 'not a code' }, ip: '203.0.113.7' })).toBe('not a code')
})

test('how far a browser is, is told in plain words', () => {
  expect((['same', 'near', 'far'] as const).map(sayNetwork)).toEqual([
    'On your network',
    'Near you, on another network',
    'Far from you, on another network',
  ])
})

test('a browser is told with its system, and times by how long ago', () => {
  expect(sayBrowser({ browser: 'Firefox', os: 'Windows' })).toBe('Firefox on Windows')
  expect(sayBrowser({ browser: 'Firefox', os: '' })).toBe('Firefox')
  expect([0, 59_999, 60_000, 3_600_000, 86_400_000, 3 * 86_400_000].map(sayAgo)).toEqual([
    'Just now',
    'Just now',
    '1 min ago',
    '1 h ago',
    'Yesterday',
    '3 days ago',
  ])
})

test('a typed code is read in any case and spacing, and nothing else is a code', () => {
  for (const typed of ['ABCD-1234', 'abcd1234', ' abcd 1234 ', 'AB-CD-12-34']) {
    expect(readTypedCode(typed)).toBe('ABCD-1234')
  }
  for (const typed of ['', 'ABCD-123', 'ABCD-12345', 'ABCD-0234', 'IBCD-1234', 'OBCD-1234', 'UBCD-1234', 'ÄBCD-1234']) {
    expect(readTypedCode(typed), typed).toBeNull()
  }
})
