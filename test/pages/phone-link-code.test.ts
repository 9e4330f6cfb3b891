/** What somebody enters instead of scanning. */
import { expect, test, vi } from 'vitest'
import { ORIGIN, TOKEN } from './phone-support.ts'

// The screen's element registers itself; what is tested here needs no page.
vi.stubGlobal('HTMLElement', class {})
vi.stubGlobal('customElements', { define: () => undefined, get: () => undefined })
vi.stubGlobal('document', { createTreeWalker: () => ({}), createComment: () => ({}) })
const { readEntered } = await import('../../src/web/phone/enter-code.ts')

test('the link of this service is its token', () => {
  expect(readEntered(`${ORIGIN}/link#${TOKEN}`, ORIGIN)).toEqual({ token: TOKEN })
})

test('a code to type is read as people and their keyboards write it', () => {
  for (const entered of ['ABCD-1234', 'abcd1234', 'abcd 1234', 'ABCD–1234', 'ab cd‑12\u00a034', 'ABCD — 1234']) {
    expect(readEntered(entered, ORIGIN), entered).toEqual({ code: 'ABCD-1234' })
  }
})

test('anything else is no code', () => {
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
