/**
 * The words of the pages, by key, with what is filled in. English stands in the scripts that use it; another language is
 * laid over it once it is loaded (`strings/language.ts`).
 */
import type { chats } from '../strings/en/chats.ts'
import type { common } from '../strings/en/common.ts'
import type { link } from '../strings/en/link.ts'
import type { phone } from '../strings/en/phone.ts'
import type { tryIt } from '../strings/en/try.ts'

/** Words that hang on a number `{n}` say so for each plural that their language has (Unicode CLDR plural rules). */
export type Words = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>
export type StringKey =
  | keyof typeof chats
  | keyof typeof common
  | keyof typeof link
  | keyof typeof phone
  | keyof typeof tryIt
type Part = Readonly<Record<string, Words>>

const english: Record<string, Words> = {}
let translated: Record<string, Words> = {}
let plurals = new Intl.PluralRules('en')
let numbers = new Intl.NumberFormat('en')
let current = 'en'

/** Makes the English words of a part of the pages known. Called by the script that brings them. */
export function useEnglish(part: Part): void {
  Object.assign(english, part)
}

/** Lays the words of another language over the English ones. @param locale of its plurals and digits */
export function useTranslation(locale: string, part: Part): void {
  translated = { ...translated, ...part }
  useLocale(locale)
}

/** The locale for everything that `Intl` formats. */
export function useLocale(locale: string): void {
  current = locale
  plurals = new Intl.PluralRules(locale)
  numbers = new Intl.NumberFormat(locale)
}

/** BCP 47. */
export function currentLocale(): string {
  return current
}

/**
 * The words for `key`; each `{name}` in them is replaced by the value of that name, a number in the digits of the
 * language. `{n}` chooses the plural.
 */
export function text(key: StringKey, values: Readonly<Record<string, string | number>> = {}): string {
  const words = translated[key] ?? english[key] ?? key
  const chosen = typeof words === 'string' ? words : (words[plurals.select(Number(values.n))] ?? words.other)
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    return typeof value === 'number' ? numbers.format(value) : value === undefined ? whole : unbroken(value)
  })
}

/** A telephone number, or a name that is one, so that it is never broken over lines; anything else as it is. */
export function unbroken(name: string): string {
  return /^\+[\d\s()-]+$/.test(name) ? name.replace(/\s/g, '\u00a0').replaceAll('-', '\u2011') : name
}
