/**
 * The language of the page: chosen by the person, or by what their browser asks for. English is in the scripts; the
 * words of another language are fetched, a part at a time, before the part is drawn.
 */
import { useEnglish, useLocale, useTranslation, type Words } from '../shared/text.ts'
import { common } from './en/common.ts'

export type Language = 'en' | 'ar'
/** The words of a part of the pages in the languages other than English. */
export type Translations = Readonly<Record<Exclude<Language, 'en'>, () => Promise<Readonly<Record<string, Words>>>>>

/** Each by its own name. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', ar: 'العربية' }

const STORED = 'tandem.language'
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar'])

/** The language of this page, until it is loaded again. */
export const language: Language = pickLanguage(stored(), navigator.languages)

/** For `Intl`: the person's own region where their browser speaks this language, else the language alone. */
export const locale = navigator.languages.find((tag) => languageOf(tag) === language) ?? language

document.documentElement.lang = locale
document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr'
useLocale(locale)
useEnglish(common)

/** Fetches the words of parts, if they are not English. @throws TypeError when they cannot be fetched */
export async function loadWords(...parts: readonly Translations[]): Promise<void> {
  if (language === 'en') return
  for (const words of await Promise.all(parts.map((part) => part[language]()))) useTranslation(locale, words)
}

/** Keeps the person's choice and draws the page anew in it. */
export function chooseLanguage(chosen: Language): void {
  try {
    localStorage.setItem(STORED, chosen)
  } catch {
    // Where nothing may be stored, the browser's language stays.
  }
  location.reload()
}

/** The first wish that there are words for. */
export function pickLanguage(chosen: string | null, wishes: readonly string[]): Language {
  const wished = [...(chosen === null ? [] : [chosen]), ...wishes].map(languageOf)
  return wished.find((tag): tag is Language => tag in LANGUAGES) ?? 'en'
}

function languageOf(tag: string): string {
  return tag.split('-')[0]!.toLowerCase()
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED)
  } catch {
    return null
  }
}
