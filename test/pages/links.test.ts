import { describe, expect, test } from 'vitest'
import { countEmoji, splitLinks } from '../../src/web/shared/links.ts'

describe('addresses in a text', () => {
  test.each([
    ['https://example.org', 'https://example.org', 'https://example.org/'],
    [
      'See http://a.example/x?y=1&z=%20#top now',
      'http://a.example/x?y=1&z=%20#top',
      'http://a.example/x?y=1&z=%20#top',
    ],
    ['www.example.org/path', 'www.example.org/path', 'https://www.example.org/path'],
    ['HTTPS://EXAMPLE.ORG', 'HTTPS://EXAMPLE.ORG', 'https://example.org/'],
    ['Read it (https://a.example/b_(c)).', 'https://a.example/b_(c)', 'https://a.example/b_(c)'],
    ['[https://a.example/x], and', 'https://a.example/x', 'https://a.example/x'],
    ['“https://a.example/”!', 'https://a.example/', 'https://a.example/'],
    ['Really https://a.example/?!…', 'https://a.example/', 'https://a.example/'],
    ['انظر https://a.example/صفحة؟', 'https://a.example/صفحة', 'https://a.example/%D8%B5%D9%81%D8%AD%D8%A9'],
    ['www.müller.example', 'www.müller.example', 'https://www.xn--mller-kva.example/'],
    ['http://localhost:8787/phone', 'http://localhost:8787/phone', 'http://localhost:8787/phone'],
    ['http://[::1]/', 'http://[::1]/', 'http://[::1]/'],
  ])('%s', (text, shown, href) => {
    expect(splitLinks(text).filter((part) => part.href !== undefined)).toEqual([{ text: shown, href }])
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example/',
    'mailto:a@a.example',
    'example.org',
    'someone@www.example.org',
    'www.',
    'www.a',
    'https://',
    'https://a',
    'https://bank.example@evil.example/',
    'xhttps://a.example',
    'https:// a.example',
  ])('none in %s', (text) => {
    expect(splitLinks(text)).toEqual([{ text }])
  })

  test('no letter of a text is lost or added, and every link leads where http leads', () => {
    const text = 'One https://a.example/1, two\n\nwww.b.example: https://c.example/<b>\u202e(x) three.'
    const parts = splitLinks(text)
    expect(parts.map((part) => part.text).join('')).toBe(text)
    const links = parts.flatMap(({ href }) => href ?? [])
    expect(links).toEqual(['https://a.example/1', 'https://www.b.example/', 'https://c.example/'])
  })
})

describe('a text of emoji alone', () => {
  test.each([
    ['😀', 1],
    ['❤️', 1],
    ['👨‍👩‍👧', 1],
    ['👍🏽 🇨🇭', 2],
    ['1️⃣', 1],
    ['😀😀😀', 3],
    ['😀😀😀😀', 0],
    ['Yes 😀', 0],
    ['1', 0],
    ['#', 0],
    ['©', 0],
    ['', 0],
    [' ', 0],
  ])('%s', (text, count) => {
    expect(countEmoji(text, 3)).toBe(count)
  })
})
