import { expect, test, vi } from 'vitest'
import type { Words } from '../../src/web/shared/text.ts'
import * as arChats from '../../src/web/strings/ar/chats.ts'
import * as arCommon from '../../src/web/strings/ar/common.ts'
import * as arLink from '../../src/web/strings/ar/link.ts'
import * as arPhone from '../../src/web/strings/ar/phone.ts'
import * as arTry from '../../src/web/strings/ar/try.ts'
import * as enChats from '../../src/web/strings/en/chats.ts'
import * as enCommon from '../../src/web/strings/en/common.ts'
import * as enLink from '../../src/web/strings/en/link.ts'
import * as enPhone from '../../src/web/strings/en/phone.ts'
import * as enTry from '../../src/web/strings/en/try.ts'

const english: Record<string, Words> = join(enCommon, enLink, enChats, enPhone, enTry)
const arabic: Record<string, Words> = join(arCommon, arLink, arChats, arPhone, arTry)
/** Names and signs that are written the same in every language. */
const SAME = new Set(['app.name', 'chat.incoming', 'phone.signin.country.option', 'phone.err.line', 'phone.err.short'])

function join(...parts: object[]): Record<string, Words> {
  return Object.assign({}, ...parts.flatMap((part) => Object.values(part) as object[]))
}

function forms(words: Words): string[] {
  return typeof words === 'string' ? [words] : Object.values(words)
}

function filledIn(words: string): string[] {
  return [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).toSorted()
}

test('Arabic has every word that English has, and no other', () => {
  expect(Object.keys(arabic).toSorted()).toEqual(Object.keys(english).toSorted())
})

test('a translation fills in what English fills in; a form for one or two may say the number in words', () => {
  for (const [key, words] of Object.entries(arabic)) {
    const wanted = filledIn(forms(english[key]!).at(-1)!)
    for (const form of forms(words)) {
      const given = filledIn(form)
      const missing = wanted.filter((name) => !given.includes(name))
      expect(typeof words === 'string' ? missing : missing.filter((name) => name !== 'n'), key).toEqual([])
      expect(
        given.filter((name) => !wanted.includes(name)),
        key,
      ).toEqual([])
    }
  }
})

test('what is Arabic is written in Arabic', () => {
  for (const [key, words] of Object.entries(arabic)) {
    if (SAME.has(key)) continue
    for (const form of forms(words)) {
      if (form.replaceAll(/\{\w+\}|[\p{P}\s]/gu, '') === '') continue
      expect(form, key).toMatch(/\p{Script=Arabic}/u)
    }
  }
})

test('where English counts, Arabic has a form for each of its plurals', () => {
  for (const [key, words] of Object.entries(english)) {
    if (typeof words === 'string') continue
    const translated = arabic[key]!
    expect(typeof translated === 'object' ? Object.keys(translated) : [], key).toEqual(
      expect.arrayContaining(['one', 'other']),
    )
  }
})

test('the page speaks the chosen language, else the first that the browser asks for and we have, else English', async () => {
  vi.stubGlobal('document', { documentElement: {} })
  vi.stubGlobal('navigator', { languages: ['de-CH', 'ar-EG', 'en'] })
  const { pickLanguage, language, locale } = await import('../../src/web/strings/language.ts')
  expect([language, locale]).toEqual(['ar', 'ar-EG'])
  expect(document.documentElement).toEqual({ lang: 'ar-EG', dir: 'rtl' })
  expect(pickLanguage('en', ['ar'])).toBe('en')
  expect(pickLanguage(null, ['de', 'fr'])).toBe('en')
  expect(pickLanguage('xx', ['AR-sa'])).toBe('ar')
  vi.unstubAllGlobals()
})
