/** Phone numbers as people write them, to E.164 (ITU-T). Pure. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/**
 * Parses an international number, with or without spaces and punctuation.
 * @returns the E.164 spelling, such as `+4915112345678`; null if no number can look like this
 */
export function parseNumber(text: string): string | null {
  // Without the plus sign a number would be of whichever country one guesses.
  if (!/^\s*\+/.test(text)) return null
  const number = parsePhoneNumberFromString(text, { extract: false })
  return number?.isPossible() === true && number.ext === undefined ? number.number : null
}
