// Builds public/icons.svg, the sprite of every icon the pages use, and public/icons-LICENSE.txt beside it.
//
// The icons are Lucide's (ISC). The package weighs 67 MB, so it is no dependency: unpack it anywhere and name the
// place. Run again only when an icon is added to NAMES.
//
//   npm install --prefix /tmp/lucide lucide-static@1.62.0
//   node scripts/make-icons.mjs /tmp/lucide/node_modules/lucide-static
//
// A page draws one with <svg><use href="/icons.svg#check"/></svg>; the colour is the text's (currentColor).

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const VERSION = '1.62.0'

const NAMES = `
  qr-code scan-qr-code smartphone laptop monitor tablet-smartphone check check-check send-horizontal paperclip search
  settings log-out unlink link flashlight flashlight-off image x chevron-left chevron-right ellipsis-vertical bell
  bell-off sun moon wifi-off shield-check shield-alert triangle-alert refresh-cw copy map-pin clock globe keyboard
  user-round pencil square-pen trash-2 arrow-down smile mic reply clipboard-paste camera camera-off message-circle download play
  pause file volume-2 volume-x plus zoom-in zoom-out image-off
`
  .trim()
  .split(/\s+/)

/** Filled, as on every player; all others are outlines. */
const SOLID = new Set(['play', 'pause'])

const STROKE = 'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'

const source = process.argv[2]
if (source === undefined) {
  console.error('Usage: node scripts/make-icons.mjs <folder of lucide-static>')
  process.exit(1)
}

const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
if (version !== VERSION) throw new Error(`lucide-static ${VERSION} is expected, ${version} was found`)

const symbols = await Promise.all(NAMES.map(symbolOf))
const publicFolder = new URL('../public/', import.meta.url)
await writeFile(
  new URL('icons.svg', publicFolder),
  `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Lucide ${VERSION}, ISC: see icons-LICENSE.txt -->\n${symbols.join('\n')}\n</svg>\n`,
)
await writeFile(new URL('icons-LICENSE.txt', publicFolder), await readFile(join(source, 'LICENSE'), 'utf8'))
console.log(`${NAMES.length} icons`)

/** One icon as a symbol: the drawing without its wrapper, on one line. */
async function symbolOf(name) {
  const svg = await readFile(join(source, 'icons', `${name}.svg`), 'utf8')
  const drawing = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1]
  if (drawing === undefined || !svg.includes('viewBox="0 0 24 24"')) throw new Error(`${name}: not a 24 px icon`)
  const shapes = drawing.replace(/\s+/g, ' ').replaceAll(' />', '/>').replaceAll('> <', '><').trim()
  const fill = SOLID.has(name) ? 'currentColor' : 'none'
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="${fill}" ${STROKE}>${shapes}</symbol>`
}
