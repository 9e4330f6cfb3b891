/** The part of a long text in which something was found, so that a row of one line shows it. Pure. */

/** Characters before what was found. */
const BEFORE = 16

/** `words` from a little before `query` on, at the beginning of a word; whole when it stands near their beginning. */
export function snippetOf(words: string, query: string): string {
  const at = words.toLowerCase().indexOf(query.toLowerCase())
  if (at <= BEFORE * 1.5) return words
  const from = at - BEFORE
  const space = words.indexOf(' ', from)
  const start = space === -1 || space >= at ? from : space + 1
  // Half of a character outside the basic plane is none.
  return `…${words
    .slice(start)
    .toWellFormed()
    .replace(/^\ufffd/, '')}`
}
