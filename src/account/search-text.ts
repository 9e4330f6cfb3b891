/**
 * How text is searched: folded (case, accents and width do not matter), cut into pieces, and compared. Pure.
 *
 * Words of spaced scripts are found by their beginnings. Scripts without spaces (and Hangul, which joins particles to
 * nouns) are runs, found by any part of them, one character too. Emoji and other symbols stand for themselves;
 * punctuation is passed over. What a person types is never read as a query language: it is cut like any other text.
 *
 * The index holds what these functions made of a text. Whoever changes them adds a migration that makes the index anew.
 */
import { SEARCH_TERM_CHARACTERS, SEARCH_TERMS } from '../protocol/limits.ts'

/** Text in pieces, or what is looked for: every piece of it must be found. */
export interface Pieces {
  words: string[]
  runs: string[]
  symbols: string[]
}

/** Accents, vowel points of Hebrew and Arabic, tatweel, variation selectors, and invisible format characters. */
const PASSED_OVER = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\ufe00-\ufe0f\p{Cf}\u0640]/gv
/** Letters that look accented but have no decomposition in Unicode, and the final sigma. */
const PLAIN: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', đ: 'd', ς: 'σ' }
const NOT_PLAIN = /[łøđς]/g
const PIECE =
  /(?<run>[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]&&[\p{L}\p{M}\p{N}]]+)|(?<word>[[\p{L}\p{M}\p{N}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]]+)|(?<symbol>[\p{S}--\p{ASCII}])/gv

/** Cuts text into pieces. */
export function piecesOf(text: string): Pieces {
  const pieces: Pieces = { words: [], runs: [], symbols: [] }
  for (const { groups } of fold(text).matchAll(PIECE)) {
    if (groups?.run !== undefined) pieces.runs.push(groups.run)
    else if (groups?.word !== undefined) pieces.words.push(groups.word)
    else if (groups?.symbol !== undefined) pieces.symbols.push(groups.symbol)
  }
  return pieces
}

/** Whether there is anything to look for. */
export function isEmpty({ words, runs, symbols }: Pieces): boolean {
  return words.length + runs.length + symbols.length === 0
}

/** Whether every piece of `wanted` is in `text`. */
export function isFoundIn(wanted: Pieces, text: string): boolean {
  const { words, runs, symbols } = piecesOf(text)
  return (
    wanted.words.every((piece) => words.some((word) => word.startsWith(piece))) &&
    wanted.runs.every((piece) => runs.some((run) => run.includes(piece))) &&
    wanted.symbols.every((piece) => symbols.includes(piece))
  )
}

/**
 * What the index keeps of a text: words, symbols, and of runs each character with the one after it (the last alone), so
 * that the beginning of some term is any one character, and two are one term.
 */
export function addTerms(terms: Set<string>, text: string): void {
  const { words, runs, symbols } = piecesOf(text)
  for (const word of words) terms.add(cut(word))
  for (const symbol of symbols) terms.add(symbol)
  for (const run of runs) for (const pair of pairsOf(run)) terms.add(pair)
}

/**
 * What the index is asked: a superset of what {@link isFoundIn} finds. Every term is quoted and a prefix, so nothing in it
 * can be an operator (sqlite.org/fts5.html section 3); pieces hold letters, marks, digits and symbols, never a quote.
 */
export function matchExpression({ words, runs, symbols }: Pieces): string {
  const terms = new Set([...words.map(cut), ...symbols])
  for (const run of runs) {
    const pairs = pairsOf(run)
    // The last character alone would be a pair only at the end of a text's run; the pair before it says enough.
    for (const pair of pairs.length === 1 ? pairs : pairs.slice(0, -1)) terms.add(pair)
  }
  return [...terms]
    .slice(0, SEARCH_TERMS)
    .map((term) => `"${term}"*`)
    .join(' AND ')
}

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .replace(PASSED_OVER, '')
    .replace(NOT_PLAIN, (letter) => PLAIN[letter] ?? letter)
    .normalize('NFC')
}

function pairsOf(run: string): string[] {
  const characters = Array.from(run)
  return characters.map((character, index) => character + (characters[index + 1] ?? ''))
}

/** Long words are told apart by reading the message. */
function cut(word: string): string {
  return word.length <= SEARCH_TERM_CHARACTERS ? word : Array.from(word).slice(0, SEARCH_TERM_CHARACTERS).join('')
}
