// Builds public/emoji.json: every emoji that the picker offers, by category, with English words to find it by; and its licence beside it.
//
// The words are emojibase's (MIT), made from Unicode CLDR. The package weighs 40 MB, so it is no dependency: unpack it
// anywhere and name the place. Run again only for a newer version of Unicode.
//
//   npm install --prefix /tmp/emoji emojibase-data@17.0.0
//   node scripts/make-emoji.mjs /tmp/emoji/node_modules/emojibase-data

import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const VERSION = '17.0.0'
/** Of Unicode Emoji: what systems of the last years can draw. */
const NEWEST = 15.1
/** Words beside the name; the package has up to thirty. */
const TAGS = 5
/** The package's groups by number; 2 holds parts of emoji. */
const CATEGORIES = ['faces', 'people', null, 'nature', 'food', 'travel', 'activities', 'objects', 'symbols', 'flags']
const TONES = ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}']

const source = process.argv[2]
if (source === undefined) {
  console.error('Usage: node scripts/make-emoji.mjs <folder of emojibase-data>')
  process.exit(1)
}
const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
if (version !== VERSION) throw new Error(`emojibase-data ${VERSION} is expected, ${version} was found`)

const all = JSON.parse(await readFile(join(source, 'en/data.json'), 'utf8'))
const offered = all.filter(({ group, version: since }) => CATEGORIES[group] != null && since <= NEWEST)
const categories = CATEGORIES.flatMap((id, group) =>
  id === null
    ? []
    : [
        {
          id,
          emoji: offered
            .filter((one) => one.group === group)
            .toSorted((a, b) => a.order - b.order)
            .map(compact),
        },
      ],
)
const json = JSON.stringify({ categories }).replaceAll(']],', ']],\n').replaceAll('],[', '],\n[')
await writeFile(new URL('../public/emoji.json', import.meta.url), `${json}\n`)
await copyFile(join(source, 'LICENSE'), new URL('../public/emoji-LICENSE.txt', import.meta.url))
console.log(`${offered.length} emoji`)

/** [emoji, `name|words`, 1 where it has tones of skin] */
function compact({ emoji, label, tags = [], skins = [] }) {
  const known = label.split(/[^\p{L}\p{N}]+/u)
  const words = `${label}|${tags
    .filter((tag) => !known.includes(tag))
    .slice(0, TAGS)
    .join(' ')}`
  const toned = skins.filter(({ tone }) => typeof tone === 'number')
  const regular =
    toned.length === TONES.length && toned.every((one) => one.emoji === withTone(emoji, TONES[one.tone - 1]))
  return regular ? [emoji, words, 1] : [emoji, words]
}

/** The same rule as in src/web/shared/emoji-data.ts: the tone follows the first character, in the place of its selector. */
function withTone(emoji, tone) {
  const [first, ...rest] = emoji
  return first + tone + (rest[0] === '\ufe0f' ? rest.slice(1) : rest).join('')
}
