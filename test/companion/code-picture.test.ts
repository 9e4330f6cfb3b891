import { describe, expect, it } from 'vitest'
import { codeModules, drawCode } from '../../src/companion/code-picture.ts'

const address = (length: number): string => 'http://localhost:8787/link#'.padEnd(length, 'aB3-_x')

describe('the code picture', () => {
  it('draws every address from 30 to 170 characters in at most 4 KB', () => {
    for (let length = 30; length <= 170; length++) {
      expect(drawCode(address(length)).length, `${length} characters`).toBeLessThanOrEqual(4096)
    }
  })

  it('draws exactly the dark modules, inside a quiet zone of four', () => {
    const modules = codeModules(address(91))
    const svg = drawCode(address(91))
    const size = modules.length + 8
    expect(svg).toContain(`viewBox="0 0 ${size} ${size}"`)
    const drawn = paint(svg, size)
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        expect(drawn[y]?.[x] ?? false, `module ${x},${y}`).toBe(modules[y - 4]?.[x - 4] ?? false)
      }
    }
  })

  it('refuses what no code can hold', () => {
    expect(() => drawCode(address(4000))).toThrow(RangeError)
  })
})

/** Follows the pen: `M x y.5`, then `h n` strokes and relative moves. */
function paint(svg: string, size: number): boolean[][] {
  const path = /stroke="#000" d="([^"]*)"/.exec(svg)?.[1] ?? ''
  const picture = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  let [x, y] = [0, 0]
  for (const [, command, first, second] of path.matchAll(/([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    if (command === 'M') [x, y] = [Number(first), Math.floor(Number(second))]
    if (command === 'm') [x, y] = [x + Number(first), y + Number(second)]
    if (command !== 'h') continue
    for (let step = 0; step < Number(first); step++) picture[y]![x++] = true
  }
  return picture
}
