/**
 * Whether the name of a host is what it looks like (S28). Browsers take the scripts of all the world, and some letters
 * look alike, or like a slash: what may be mistaken is no link. The rules are those that browsers show names by (UTS 39,
 * section 5), on the strict side, because nothing is lost but the press.
 */

/** Letters of Latin that are not mistaken for another; the dotless ı is. */
const LATIN = /^[a-z0-9ß-öø-įĳ-žơưș-țḁ-ỿ-]+$/u
/** Letters, and what stands on them; the digits of other scripts may look like dots. */
const WORD = /^[\p{L}\p{M}0-9-]+$/u
const PLAIN = /[0-9-]/g
/** Cyrillic and Greek have some that are, and others that show what the word is. */
const ALIKE: ReadonlyArray<{ script: RegExp; alike: RegExp }> = [
  { script: /^\p{sc=Cyrillic}+$/u, alike: /^[авгекмнорстухьъпбѕіјһӏԁԍԛԝѵѡүҽңґ]+$/u },
  { script: /^\p{sc=Greek}+$/u, alike: /^[αβγεηικνοπρστυχωϲϳ]+$/u },
]
/** What one name is written in. None of these stands beside Latin letters, where some would look like a sign. */
const SCRIPTS: readonly RegExp[] = [
  /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー]+$/u,
  /^[\p{sc=Han}\p{sc=Hangul}]+$/u,
  /^[\p{sc=Arabic}\p{sc=Inherited}]+$/u,
  /^[\p{sc=Hebrew}\p{sc=Inherited}]+$/u,
  /^[\p{sc=Devanagari}\p{sc=Inherited}]+$/u,
  /^[\p{sc=Bengali}\p{sc=Inherited}]+$/u,
  /^[\p{sc=Tamil}\p{sc=Inherited}]+$/u,
  /^[\p{sc=Telugu}\p{sc=Inherited}]+$/u,
  /^\p{sc=Thai}+$/u,
  /^\p{sc=Georgian}+$/u,
  /^\p{sc=Ethiopic}+$/u,
]

/** @param address as it was written, with or without the scheme, and without a name or password before the host */
export function isPlainHost(address: string): boolean {
  const [, host = ''] = /^(?:https?:\/\/)?([^/?#\\:]*)/i.exec(address) ?? []
  if (/^[\x21-\x7e]*$/.test(host)) return true
  const labels = host.normalize('NFC').toLowerCase().split(/[.。]/u)
  const foreign = !/^[a-z0-9-]*$/.test(labels.at(-1)!)
  return labels.every((label) => LATIN.test(label) || (WORD.test(label) && isOneScript(label, foreign)))
}

/** @param foreign the last of the labels is not Latin, so that the whole cannot be mistaken for a Latin name */
function isOneScript(label: string, foreign: boolean): boolean {
  const letters = label.replaceAll(PLAIN, '')
  for (const { script, alike } of ALIKE) if (script.test(letters)) return foreign || !alike.test(letters)
  return SCRIPTS.some((script) => script.test(letters))
}
