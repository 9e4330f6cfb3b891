/** What a scanned, pictured, pasted or typed text must be to count as a code of this service. Pure. */
import { parseLinkToken } from '../protocol/ids.ts'
import { parseTypedCode } from '../protocol/typed-code.ts'

const TOKEN = /^[A-Za-z0-9_-]{64}$/
/** What keyboards make of a hyphen and a space: any dash or white space of Unicode. */
const BETWEEN = /[\s\p{Pd}]/gu

/** What stands on the other screen: the token that was scanned, or the code that was typed. */
export type LinkCode = { token: string } | { code: string }

/**
 * The link token in a decoded text: exactly `{origin}/link#{64 base64url}`, of this page's own origin, so that a
 * code of another service (or a page that imitates this one) never leads to a request.
 * @returns null for anything else
 */
export function readLinkToken(text: string, origin: string): string | null {
  const prefix = `${origin}/link#`
  const trimmed = text.trim()
  return trimmed.startsWith(prefix) ? readLinkFragment(trimmed.slice(prefix.length)) : null
}

/**
 * The link token in a page's fragment, with or without its `#`.
 * @returns null unless it is one
 */
export function readLinkFragment(fragment: string): string | null {
  const token = fragment.startsWith('#') ? fragment.slice(1) : fragment
  return TOKEN.test(token) && parseLinkToken(token) !== null ? token : null
}

/** The id that the browser behind `token` has once it is linked; null for a string that is no token. */
export function deviceOfToken(token: string): string | null {
  return parseLinkToken(token)?.device ?? null
}

/**
 * What somebody entered: the link of this service, or a code to type.
 * @returns null for anything else
 */
export function readEntered(entered: string, origin: string): LinkCode | null {
  const token = readLinkToken(entered, origin)
  if (token !== null) return { token }
  const code = parseTypedCode(entered.replaceAll(BETWEEN, ''))
  return code === null ? null : { code }
}
