/**
 * The code's picture. qrcode-svg finds the modules; its own SVG is 48 KB for our address, so one path of relative
 * strokes is written here: at most 4 KB for addresses to 170 characters.
 */
import QRCode from 'qrcode-svg'

/** Modules of quiet zone on each side (ISO/IEC 18004 section 5.3.8). */
const QUIET_ZONE = 4
/** Up to here error correction level M fits version 6; longer addresses take level L. */
const LEVEL_M_CHARACTERS = 106

/** The modules of the QR code for `text`, row by row, true for dark. @throws RangeError if it is too long for any code */
export function codeModules(text: string): boolean[][] {
  const levels = text.length <= LEVEL_M_CHARACTERS ? (['M', 'L'] as const) : (['L', 'M'] as const)
  for (const ecl of levels) {
    // The library throws for a few exact lengths at one level (1.1.0, last released 2019): the other one serves.
    try {
      return new QRCode({ content: text, ecl, padding: 0 }).qrcode.modules
    } catch {
      continue
    }
  }
  throw new RangeError('too long for a code')
}

/**
 * The code for `text` as SVG: dark on white with its quiet zone, whatever the theme. One pixel a module is its own size,
 * so that a page can scale it by a whole number.
 */
export function drawCode(text: string): string {
  const modules = codeModules(text)
  const size = modules.length + 2 * QUIET_ZONE
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}" ` +
    `shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/>` +
    `<path stroke="#000" d="${strokes(modules)}"/></svg>`
  )
}

/** One horizontal stroke a run of dark modules, each move relative to the end of the last. */
function strokes(modules: boolean[][]): string {
  let path = ''
  let [penX, penY] = [0, 0]
  modules.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue
      const start = x
      while (row[x + 1]) x++
      const [left, top, length] = [start + QUIET_ZONE, y + QUIET_ZONE, x - start + 1]
      path += path === '' ? `M${left} ${top}.5` : `m${left - penX} ${top - penY}`
      path += `h${length}`
      ;[penX, penY] = [left + length, top]
    }
  })
  return path
}
