/** Chats by name or number, as people type them: case, accents and spaces between digits do not matter. Pure. */
import type { Conversation } from '../../protocol/model.ts'

/** Those of which every word of `query` begins a word of the name, or whose number holds its digits; in their order. */
export function findByName(conversations: readonly Conversation[], query: string): Conversation[] {
  const words = fold(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const digits = query.replace(/[^0-9]/g, '')
  const isNumber = digits.length >= 3 && /^[+0-9\s().-]+$/.test(query)
  return conversations.filter(({ title, peer }) => {
    if (isNumber && (peer.number ?? '').includes(digits)) return true
    const name = fold(title)
    const parts = name.split(/[\s\p{P}]+/u)
    // Writing without spaces between words is searched anywhere.
    return words.every(
      (word) => parts.some((part) => part.startsWith(word)) || (!/\p{Script=Latin}/u.test(word) && name.includes(word)),
    )
  })
}

/** As it is compared. */
export function fold(words: string): string {
  return words.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}
