// Contact sheets: the states of a screen, a row each, with their themes and widths side by side.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { VARIANTS } from './stage.mjs'

/** Rows of one sheet; a screen with more of them gets several. */
const ROWS = 4
const ROW_HEIGHT = 340
const LABEL_HEIGHT = 28
const GAP = 12
const GROUND = '#8a8f8c'

/** Writes one PNG for each `ROWS` states of a screen into `{directory}/sheets`. `prefix`: of their names. */
export async function writeSheets(directory, states, prefix) {
  const sheets = join(directory, 'sheets')
  await mkdir(sheets, { recursive: true })
  for (const [screen, entries] of Map.groupBy(states, (state) => state.screen)) {
    for (let first = 0; first < entries.length; first += ROWS) {
      const rows = entries.slice(first, first + ROWS)
      const number = entries.length > ROWS ? `-${first / ROWS + 1}` : ''
      await writeFile(join(sheets, `${prefix}${screen}${number}.png`), await sheetOf(directory, rows))
    }
  }
}

async function sheetOf(directory, rows) {
  const widths = VARIANTS.map(({ width, height }) => Math.round((width / height) * ROW_HEIGHT))
  const total = widths.reduce((sum, width) => sum + width + GAP, GAP)
  const parts = []
  for (const [index, { screen, state }] of rows.entries()) {
    const top = GAP + index * (ROW_HEIGHT + LABEL_HEIGHT + GAP)
    parts.push({ input: label(`${screen} / ${state}`, total), left: GAP, top })
    let left = GAP
    for (const [at, { theme, width }] of VARIANTS.entries()) {
      const file = join(directory, `${screen}-${state}-${theme}-${width}.png`)
      const small = await sharp(file).resize(widths[at], ROW_HEIGHT, { fit: 'fill', kernel: 'lanczos3' }).toBuffer()
      parts.push({ input: small, left, top: top + LABEL_HEIGHT })
      left += widths[at] + GAP
    }
  }
  const height = GAP + rows.length * (ROW_HEIGHT + LABEL_HEIGHT + GAP)
  return sharp({ create: { width: total, height, channels: 3, background: GROUND } })
    .composite(parts)
    .png({ compressionLevel: 9 })
    .toBuffer()
}

function label(words, width) {
  const text = `<text x="0" y="20" font-family="sans-serif" font-size="17" font-weight="600" fill="#fff">${words}</text>`
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width - GAP}" height="${LABEL_HEIGHT}">${text}</svg>`,
  )
}
