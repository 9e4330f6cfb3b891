/** The emoji that can be picked: read from what scripts/make-emoji.mjs has made, found by their words. Pure. */

const CATEGORIES = ['faces', 'people', 'nature', 'food', 'travel', 'activities', 'objects', 'symbols', 'flags'] as const
const TONES = ['', '\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}'] as const
const FOUND_MOST = 120
const RECENT_MOST = 32

export type EmojiCategory = (typeof CATEGORIES)[number]
/** 0: as it is; 1 to 5: from light to dark. */
export type Tone = 0 | 1 | 2 | 3 | 4 | 5

export interface Emoji {
  emoji: string
  name: string
  /** The name and further words, in lower case. */
  words: string
  toned: boolean
}

export type EmojiSet = ReadonlyMap<EmojiCategory, readonly Emoji[]>

/** @throws TypeError for what is no such file */
export function parseEmoji(json: unknown): EmojiSet {
  const { categories } = json as { categories: { id: EmojiCategory; emoji: [string, string, 1?][] }[] }
  return new Map(categories.map(({ id, emoji }) => [id, emoji.map(parseOne)]))
}

/** Emoji whose words begin with each of the words of `query`; first those whose name does. */
export function findEmoji(set: EmojiSet, query: string): Emoji[] {
  const sought = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (sought.length === 0) return []
  const found = [...set.values()].flat().filter(({ words }) => sought.every((word) => ` ${words}`.includes(` ${word}`)))
  const byName = ({ name }: Emoji): number => (name.startsWith(sought[0]!) ? 0 : 1)
  return found.toSorted((a, b) => byName(a) - byName(b)).slice(0, FOUND_MOST)
}

/** The tone follows the first character, in the place of its selector. The same rule as in scripts/make-emoji.mjs. */
export function withTone({ emoji, toned }: Emoji, tone: Tone): string {
  if (!toned || tone === 0) return emoji
  const [first = '', ...rest] = emoji
  return first + TONES[tone] + (rest[0] === '\ufe0f' ? rest.slice(1) : rest).join('')
}

/** The ones that were used last, the newest first. */
export function withRecent(recent: readonly string[], used: string): string[] {
  return [used, ...recent.filter((other) => other !== used)].slice(0, RECENT_MOST)
}

function parseOne([emoji, described, toned]: [string, string, 1?]): Emoji {
  const [name = '', tags = ''] = described.split('|')
  return { emoji, name, words: `${name} ${tags}`.toLowerCase(), toned: toned === 1 }
}
