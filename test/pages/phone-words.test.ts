import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { HTTP_ERRORS } from '../../src/protocol/errors.ts'
import type { PhoneErrorCode } from '../../src/client/phone-http.ts'
import {
  isTyped,
  sayAsked,
  sayBrowser,
  sayCity,
  sayDate,
  sayError,
  sayErrorLine,
  sayNetwork,
  sayOutcome,
  sayPlace,
  saySeen,
} from '../../src/web/phone/words.ts'
import { useEnglish, useLocale } from '../../src/web/shared/text.ts'
import { phone } from '../../src/web/strings/en/phone.ts'

useEnglish(phone)
afterEach(() => useLocale('en'))

const folder = new URL('../../src/web/phone/', import.meta.url)
const source = readdirSync(folder)
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n')
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
  const named = [...source.matchAll(/(?:icon\(|emblem\(|say\(|icon: )'([a-z0-9-]+)'/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(10)
  for (const name of named) expect(sprite, name).toContain(`id="${name}"`)
})

test('every key that the page names has words, and no word stands without a key', () => {
  const named = [...source.matchAll(/'(phone\.[a-z_.]+)'/g)].map(([, key]) => key!)
  const used = new Set(named)
  expect(used.size).toBeGreaterThan(100)
  for (const key of used) expect(phone, key).toHaveProperty([key])
  expect(Object.keys(phone).filter((key) => !used.has(key))).toEqual([])
})

test('a line with no button beside it says what to do, and no visitor reads the words of operators', () => {
  expect(sayErrorLine('internal')).toBe('Something went wrong on our side. Try again.')
  expect(sayErrorLine('offline')).toBe('You’re offline. Check your connection.')
  for (const words of Object.values(phone))
    expect(JSON.stringify(words)).not.toMatch(/wrangler|ALLOWED_ORIGINS|[A-Z]_[A-Z]/)
})

test('a wait is told in minutes and seconds, for as long as there is one', () => {
  expect(sayErrorLine('rate_limited', 70.2)).toBe('Too many tries. Try again in 1:11.')
  expect(sayErrorLine('rate_limited', 0)).toBe('Too many tries. You can try again now.')
})

test('every end of a linking has a title and a line', () => {
  for (const step of ['undone', 'declined', 'gone', 'changed', 'burned'] as const) {
    const { title, body } = sayOutcome(step)
    expect(title).not.toContain('phone.')
    expect(body).toMatch(/^[A-Z].*\.$/)
  }
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
  expect([0, 59_999, 60_000, 3_600_000].map(sayAsked)).toEqual(['Just now', 'Just now', '1 min. ago', '1 hr. ago'])
  expect([0, 300_000, 86_400_000, 3 * 86_400_000].map(saySeen)).toEqual([
    'Last seen just now',
    'Last seen 5 min. ago',
    'Last seen yesterday',
    'Last seen 3 days ago',
  ])
})

test('times, dates and countries are told as the page’s language has them', () => {
  useLocale('de')
  expect(saySeen(300_000)).toBe('Last seen vor 5 Min.')
  expect(sayDate(Date.UTC(2026, 10, 22, 12))).toBe('22.11.2026')
  expect(sayCity({ city: 'Genf', country: 'CH' })).toBe('Genf, Schweiz')
})

test('a word that must be typed on purpose is taken in any case, and nothing else is', () => {
  for (const typed of ['DELETE', 'delete ', ' Delete']) expect(isTyped(typed, 'DELETE')).toBe(true)
  for (const typed of ['', 'DELET', 'DELETE!', 'DEL ETE']) expect(isTyped(typed, 'DELETE')).toBe(false)
})
