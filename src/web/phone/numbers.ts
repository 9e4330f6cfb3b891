/** Phone numbers as people type them. Loaded after the page stands: the rules of all countries are 80 KB. */
import {
  AsYouType,
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
  type CountryCode,
} from 'libphonenumber-js/min'
import { currentLocale } from '../shared/text.ts'
import { sayCountry } from './words.ts'

export interface Country {
  code: string
  name: string
  /** With its plus. */
  prefix: string
}

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

/** @returns the number as E.164, or null where no such number is possible */
export function readNumber(typed: string, country: string): string | null {
  const number = parsePhoneNumberFromString(typed, country as CountryCode)
  return number?.isPossible() ? number.number : null
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
