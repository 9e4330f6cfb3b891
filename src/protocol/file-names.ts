/** Names of files as they are kept, shown and saved: what cannot be seen in one can only deceive about it (S28). Pure. */

/**
 * Controls, line ends and format characters (Unicode's Cc, Zl, Zp, Cf), which turn `gpj.exe` round, hide an ending or act
 * on a terminal, and what leads into another folder. The two joiners stay between letters that they join: Persian and many
 * emoji are written with them.
 */
const FORBIDDEN = /(?!(?<=\P{ASCII})[\u200c\u200d](?=\P{ASCII}))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\]/gu

/** @returns the name without what is forbidden in it; undefined when nothing is left */
export function cleanFileName(name: string | undefined): string | undefined {
  return name?.replace(FORBIDDEN, '').trim() || undefined
}

/** Words of a name are apart by these. */
const BETWEEN = /[\s_.()-]/

/**
 * A long name in two parts about its middle, so that its ending is always seen; of whole words, where there are some near.
 * @param most characters
 */
export function shortFileName(name: string, most: number): string {
  if (name.length <= most) return name
  let end = Math.floor(most / 3)
  const near = name
    .slice(-2 * end, -end)
    .split('')
    .findLastIndex((character) => BETWEEN.test(character))
  if (near !== -1) end = 2 * end - near - 1
  const start = most - end - 1
  const words = name
    .slice(0, start + 1)
    .split('')
    .findLastIndex((character) => BETWEEN.test(character))
  return `${whole(name.slice(0, words > start / 2 ? words : start)).replace(/[\s,;_.(-]+$/, '')}…${whole(name.slice(-end)).trimStart()}`
}

/** Without the half of a character that a cut has left at an end. */
function whole(part: string): string {
  return part.toWellFormed().replace(/^\ufffd|\ufffd$/g, '')
}
