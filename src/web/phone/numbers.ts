/** Phone numbers as people type them. Loaded after the page stands: the rules of all countries are 80 KB. */
import {
  AsYouType,
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
  type CountryCode,
} from 'libphonenumber-js/min'
import examples from 'libphonenumber-js/mobile/examples'
import { currentLocale } from '../shared/text.ts'
import { sayCountry } from './words.ts'

export interface Country {
  code: string
  name: string
  /** With its plus. */
  prefix: string
}

export type WrongNumber = 'missing' | 'short' | 'long' | 'invalid'

/** All countries by name, in the page's language. */
export function listCountries(): Country[] {
  const { compare } = new Intl.Collator(currentLocale())
  return getCountries()
    .map((code) => ({ code, name: sayCountry(code), prefix: `+${getCountryCallingCode(code)}` }))
    .toSorted((one, other) => compare(one.name, other.name))
}

/**
 * Formats what was typed so far.
 * @returns also the country, where an international prefix names one
 */
export function formatNumber(typed: string, country: string): { formatted: string; country: string | null } {
  const format = new AsYouType(country as CountryCode)
  const formatted = format.input(typed)
  return { formatted, country: typed.trimStart().startsWith('+') ? (format.getCountry() ?? null) : null }
}

/** What a number looks like there, as people write it; empty where nothing is known of it. */
export function exampleOf(country: string): string {
  return getExampleNumber(country as CountryCode, examples)?.formatNational() ?? ''
}

/** What was typed, as E.164 or why it cannot be a number. */
export function readNumber(typed: string, country: string): { number: string } | { wrong: WrongNumber } {
  if (!/\p{Nd}/u.test(typed)) return { wrong: 'missing' }
  const number = parsePhoneNumberFromString(internationalOf(typed), country as CountryCode)
  if (number?.isPossible()) return { number: number.number }
  const why = validatePhoneNumberLength(internationalOf(typed), country as CountryCode)
  return { wrong: why === 'TOO_SHORT' ? 'short' : why === 'TOO_LONG' ? 'long' : 'invalid' }
}

/**
 * Takes apart a whole number with its country code, such as one that was pasted or filled in.
 * @returns null for any other, and where the parts would not make the same number again
 */
export function splitNumber(typed: string): { country: string; national: string } | null {
  const number = parsePhoneNumberFromString(internationalOf(typed))
  if (!number?.isPossible()) return null
  // Where several countries share a code and the number says no more, the first is the one with the most people.
  const country = number.country ?? number.getPossibleCountries()[0]
  if (country === undefined) return null
  const national = number.formatNational()
  const again = readNumber(national, country)
  return 'number' in again && again.number === number.number ? { country, national } : null
}

/** 00 is how a plus is dialled in most of the world; no country has a number that begins with both zeros. */
function internationalOf(typed: string): string {
  return typed.trim().replace(/^00/, '+')
}

/** The country that the browser's language names; a guess to begin with. */
export function guessCountry(languages: readonly string[]): string {
  const known = new Set<string>(getCountries())
  for (const language of languages) {
    const region = new Intl.Locale(language).maximize().region
    if (region !== undefined && known.has(region)) return region
  }
  return 'US'
}
