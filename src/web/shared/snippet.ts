/** The part of a long text in which something was found, so that a row of one line shows it, and what it was. Pure. */
import { fold } from './find-by-name.ts'

/** Characters before what was found, and all that a row has room for. */
const BEFORE = 16
const MOST = 200

export interface SnippetPart {
  text: string
  found: boolean
}

/** `words` from a little before the first word of `query` on, at the beginning of a word; whole when it is near theirs. */
export function snippetOf(words: string, query: string): readonly SnippetPart[] {
  const found = placesOf(words, query)
  const at = found[0]?.[0] ?? 0
  const start = at <= BEFORE * 1.5 ? 0 : startBefore(words, at)
  const parts: SnippetPart[] = [{ text: start === 0 ? '' : '…', found: false }]
  let from = start
  for (const [begin, end] of [...found, [MOST + start, MOST + start] as const]) {
    if (begin > MOST + start) break
    parts.push({ text: words.slice(from, begin), found: false }, { text: words.slice(begin, end), found: true })
    from = end
  }
  return parts.filter(({ text }) => text !== '')
}

/** At the beginning of a word, if one begins; never in the middle of a character. */
function startBefore(words: string, at: number): number {
  const from = at - BEFORE
  const space = words.indexOf(' ', from)
  if (space !== -1 && space < at) return space + 1
  return /[\udc00-\udfff]/.test(words[from] ?? '') ? from + 1 : from
}

/** Where the words of `query` are: each at the beginning of a word, or anywhere where none of them begins one. */
function placesOf(words: string, query: string): (readonly [from: number, to: number])[] {
  // Of each letter that is compared, the place of the one that it is of.
  const places: number[] = []
  let folded = ''
  let place = 0
  for (const character of words) {
    const letters = fold(character)
    folded += letters
    for (let letter = 0; letter < letters.length; letter++) places.push(place)
    place += character.length
  }
  places.push(words.length)
  const wanted = fold(query)
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('|')
  if (wanted === '') return []
  const starts = [...folded.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])(?:${wanted})`, 'gu'))]
  const matches = starts.length > 0 ? starts : [...folded.matchAll(new RegExp(wanted, 'gu'))]
  return matches.map(({ index, 0: { length } }) => {
    let end = index + length
    // With the marks that belong to its last letter.
    while (end < folded.length && places[end] === places[end - 1]) end++
    return [places[index]!, places[end]!] as const
  })
}
