/** Addresses in the text of a message, and text that is nothing but a few emoji. Pure: text in, parts of text out. */
import { isPlainHost } from './link-hosts.ts'

export interface TextPart {
  text: string
  /** An http(s) address that the part leads to. */
  href?: string
}

/**
 * Where an address may begin, up to what cannot be in one: space, brackets of markup, quotes, what cannot be seen but
 * for the joiners and variants that scripts and emoji need.
 */
const CANDIDATE =
  /(?<![\p{L}\p{N}@/._-])(?:https?:\/\/|www\.)(?:[^\s<>"“”«»\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]|\u200c|\u200d|\ufe0f)+/giu
/** Ends a sentence rather than an address. */
const TRAILING = /[.,;:!?'’…*_~)\]}،؛؟。、]$/u
const BRACKETS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
const EMOJI =
  /^(?:\p{Regional_Indicator}{2}|[#*0-9]\ufe0f?\u20e3|\p{Emoji_Presentation}.*|\p{Extended_Pictographic}\ufe0f.*|\p{Emoji}\p{Emoji_Modifier}.*)$/su
/** In characters: the longest emoji (a family, with tones) has fewer than 20. */
const EMOJI_TEXT_MAX = 80

/** The text in its order, with the addresses that it holds. What is shown of an address is exactly what was written. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = []
  let shown = 0
  for (const { 0: found, index } of text.matchAll(CANDIDATE)) {
    const written = withoutTrailing(found)
    const href = hrefOf(written)
    if (href === null) continue
    if (index > shown) parts.push({ text: text.slice(shown, index) })
    parts.push({ text: written, href })
    shown = index + written.length
  }
  if (shown < text.length) parts.push({ text: text.slice(shown) })
  return parts
}

/** How many emoji a text is made of, if of nothing else and of at most `most`; otherwise 0. */
export function countEmoji(text: string, most: number): number {
  const bare = text.replaceAll(/\s/g, '')
  if (bare === '' || bare.length > EMOJI_TEXT_MAX) return 0
  let count = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(bare)) {
    if (!EMOJI.test(segment) || ++count > most) return 0
  }
  return count
}

/** A closing bracket belongs to the address if the address opened it. */
function withoutTrailing(found: string): string {
  let kept = found
  while (TRAILING.test(kept)) {
    const last = kept.at(-1)!
    const opening = BRACKETS[last]
    if (opening !== undefined && kept.split(opening).length >= kept.split(last).length) break
    kept = kept.slice(0, -1)
  }
  return kept
}

/**
 * @returns null for what leads nowhere, or hides where it leads: behind a name (`https://bank.example@evil.example`), or
 * in letters that look like others
 */
function hrefOf(written: string): string | null {
  if (!isPlainHost(written)) return null
  const address = /^https?:/i.test(written) ? written : `https://${written}`
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') return null
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  const named = url.hostname === 'localhost' || url.hostname.startsWith('[') || /[^.]\.[^.]/.test(url.hostname)
  return named && !/^www\.[^.]*$/.test(url.hostname) ? url.href : null
}
