/** A one-time code as it is typed, pasted or filled in. Pure. */
import { CODE_DIGITS } from '../../protocol/limits.ts'

/** The digits in `typed`, at most as many as a code has, in ASCII: keyboards of many languages have digits of their own. */
export function readCode(typed: string): string {
  const digits = typed.match(/\p{Nd}/gu) ?? []
  return digits.slice(0, CODE_DIGITS).map(asciiDigit).join('')
}

/** Decimal digits come in runs of ten, in order, the zero at a multiple of ten from the run's start (Unicode, 4.6). */
function asciiDigit(digit: string): string {
  let zero = digit.codePointAt(0) ?? 0
  const value = zero
  while (value - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
  return String(value - zero)
}
