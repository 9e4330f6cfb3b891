/** A code that is typed instead of scanned: eight characters without the ones that look alike (contract, section 4). */

const CODE = /^[1-9A-HJKLMNP-TV-Z]{8}$/

/**
 * Reads what a person typed: any case, with or without the hyphen or spaces. A zero is refused, not guessed.
 * @returns `XXXX-XXXX`, or null
 */
export function readTypedCode(text: string): string | null {
  const bare = text.toUpperCase().replaceAll(/[\s-]/g, '')
  return CODE.test(bare) ? `${bare.slice(0, 4)}-${bare.slice(4)}` : null
}
