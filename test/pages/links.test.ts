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
    ['https://пример.example/', 'https://пример.example/', 'https://xn--e1afmkfd.example/'],
    ['https://мос.рф/', 'https://мос.рф/', 'https://xn--l1aej.xn--p1ai/'],
    ['https://例え.jp/', 'https://例え.jp/', 'https://xn--r8jz45g.jp/'],
    ['https://مثال.example/', 'https://مثال.example/', 'https://xn--mgbh0fb.example/'],
    ['https://xn--80ak6aa92e.example/', 'https://xn--80ak6aa92e.example/', 'https://xn--80ak6aa92e.example/'],
    ['https://a.example/❤\ufe0f', 'https://a.example/❤\ufe0f', 'https://a.example/%E2%9D%A4%EF%B8%8F'],
    // What cannot be seen ends it.
    ['https://bank.example\u2800\u2800.evil.example', 'https://bank.example', 'https://bank.example/'],
    ['https://bank.example\u200b.evil.example', 'https://bank.example', 'https://bank.example/'],
    ['https://a.example/\u061cx', 'https://a.example/', 'https://a.example/'],
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
    // Letters of two scripts in one name, or of one that looks like another: а, е, о, р, с of Cyrillic.
    'https://b\u0430nk.example/',
    'https://\u0430\u0440\u0440\u04cf\u0435.example/',
    'www.\u0440\u0430\u0443\u0440\u0430\u04cf.example',
    'https://\u03bf\u03c1\u03bd.example/',
    'https://b\u0251nk.example/',
    'https://example.org\u0660evil.example/',
    // What looks like a slash, a question mark, a dot or nothing, and is a part of the name.
    'https://bank.example\u2044login.evil.example/',
    'https://bank.example\u2215login.evil.example/',
    'https://bank.example\u29f8login.evil.example/',
    'https://bank.example\u30celogin.evil.example/',
    'https://bank.example\u01c3login.evil.example/',
    'https://bank\u00b7example.evil.example/',
    'https://bank.example\u200d.evil.example/',
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
