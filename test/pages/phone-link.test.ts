import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deviceOfToken, readEntered, readLinkFragment, readLinkToken } from '../../src/client/phone-link.ts'
import { DEVICE, ORIGIN, TOKEN } from './phone-support.ts'

test('a code of this origin is its token', () => {
  expect(readLinkToken(`${ORIGIN}/link#${TOKEN}`, ORIGIN)).toBe(TOKEN)
  expect(readLinkToken(`  ${ORIGIN}/link#${TOKEN}\n`, ORIGIN)).toBe(TOKEN)
})

test('any other text is not a Tandem code', () => {
  for (const text of [
    '',
    TOKEN,
    `https://evil.example/link#${TOKEN}`,
    `${ORIGIN}.evil.example/link#${TOKEN}`,
    `http://tandem.example/link#${TOKEN}`,
    `${ORIGIN}:8443/link#${TOKEN}`,
    `${ORIGIN}/link?x#${TOKEN}`,
    `${ORIGIN}/link/#${TOKEN}`,
    `${ORIGIN}/other#${TOKEN}`,
    `${ORIGIN}/link#${TOKEN}A`,
    `${ORIGIN}/link#${TOKEN.slice(1)}`,
    `${ORIGIN}/link#${TOKEN.slice(1)}=`,
    `${ORIGIN}/link#${TOKEN}#${TOKEN}`,
    `${ORIGIN}/link`,
    'WIFI:S:home;T:WPA;P:secret;;',
    `javascript:alert(1)//${ORIGIN}/link#${TOKEN}`,
  ]) {
    expect(readLinkToken(text, ORIGIN), text).toBeNull()
  }
})

test('no text at all makes it throw, and what it takes is always 64 base64url characters', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ maxLength: 70 }).map((tail) => `${ORIGIN}/link#${tail}`),
      ),
      (text) => {
        const token = readLinkToken(text, ORIGIN)
        expect(token === null || /^[A-Za-z0-9_-]{64}$/.test(token)).toBe(true)
      },
    ),
  )
})

test("the address bar's fragment is a token, or nothing", () => {
  expect(readLinkFragment(`#${TOKEN}`)).toBe(TOKEN)
  expect(readLinkFragment('')).toBeNull()
  expect(readLinkFragment('#/home')).toBeNull()
})

test('the token names the device that the browser becomes', () => {
  expect(deviceOfToken(TOKEN)).toBe(DEVICE)
})

test('what somebody enters may be the link of this service', () => {
  expect(readEntered(`${ORIGIN}/link#${TOKEN}`, ORIGIN)).toEqual({ token: TOKEN })
})

test('what somebody enters may be a code to type, as people and their keyboards write it', () => {
  for (const entered of ['ABCD-1234', 'abcd1234', 'abcd 1234', 'ABCD–1234', 'ab cd‑12\u00a034', 'ABCD — 1234']) {
    expect(readEntered(entered, ORIGIN), entered).toEqual({ code: 'ABCD-1234' })
  }
})

test('what somebody enters is nothing else', () => {
  for (const entered of [
    '',
    'ABCD-123',
    'ABCD-12345',
    'ABCD-0234',
    'IBCD-1234',
    TOKEN,
    `https://evil.example/link#${TOKEN}`,
  ]) {
    expect(readEntered(entered, ORIGIN), entered).toBeNull()
  }
})
