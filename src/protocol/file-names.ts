/** Names of files as they are shown and saved: what cannot be seen in one can only deceive about it. Pure. */

/**
 * Controls, line ends and format characters (Unicode's Cc, Zl, Zp, Cf), which turn `gpj.exe` round or hide an ending. The
 * two joiners stay between letters that they join: Persian and many emoji are written with them.
 */
const INVISIBLE = /(?!(?<=\P{ASCII})[\u200c\u200d](?=\P{ASCII}))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** @returns the name without what is invisible; undefined when nothing is left */
export function cleanFileName(name: string | undefined): string | undefined {
  return name?.replace(INVISIBLE, '').trim() || undefined
}

/** A long name in two parts about its middle, so that its ending is always seen. @param most characters */
export function shortFileName(name: string, most: number): string {
  if (name.length <= most) return name
  const end = Math.floor(most / 3)
  return `${whole(name.slice(0, most - end - 1)).trimEnd()}…${whole(name.slice(-end)).trimStart()}`
}

/** Without the half of a character that a cut has left at an end. */
function whole(part: string): string {
  return part.toWellFormed().replace(/^\ufffd|\ufffd$/g, '')
}
