// Draws the mark, two interlocked rings, and everything made of it: public/mark.svg (the pages), public/favicon.svg
// (heavier, for 16 px), and the PNG icons of home screens, photographed in headless Chromium.
//
//   CHROMIUM=/usr/bin/chromium node scripts/make-mark.mjs
//
// The rings' centres are √2 radii apart, so that the rings cross at right angles: the four points (the two centres and
// the two crossings) make a square. At each crossing the lower ring leaves a gap on both sides of the upper one.

import { writeFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const LIGHT = { accent: '#0B6A73', text: '#161A18' }
const DARK = { accent: '#5CC7CF', text: '#E8EDEA' }
const TILE = '#0E1312'

const publicFolder = new URL('../public/', import.meta.url)
await writeFile(new URL('mark.svg', publicFolder), adaptiveSvg(rings({ radius: 8.6, stroke: 3, gap: 1.3 })))
await writeFile(new URL('favicon.svg', publicFolder), adaptiveSvg(rings({ radius: 8.4, stroke: 4, gap: 1.5 })))

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
})
const page = await browser.newPage()
// iOS rounds the corners by itself and paints transparency black, so its tile is whole. A maskable icon may be cut to
// a circle of 80 % of its width: the mark stays inside it.
await photograph('apple-touch-icon.png', { size: 180, corner: 0, scale: 0.74 })
await photograph('icon-192.png', { size: 192, corner: 0.22, scale: 0.74 })
await photograph('icon-512.png', { size: 512, corner: 0.22, scale: 0.74 })
await photograph('maskable-512.png', { size: 512, corner: 0, scale: 0.6 })
await browser.close()

/** The two rings in a box of 32, each an arc with a gap where it passes below the other. */
function rings({ radius, stroke, gap }) {
  const offset = radius / 2
  const half = (stroke / 2 + gap) / radius
  const first = { x: 16 - offset, y: 16 - offset }
  const second = { x: 16 + offset, y: 16 + offset }
  // The first ring goes below at its lowest point, the second at its highest.
  return {
    stroke,
    accent: arc(first, radius, Math.PI / 2 + half, Math.PI / 2 - half + 2 * Math.PI),
    text: arc(second, radius, -Math.PI / 2 + half, -Math.PI / 2 - half + 2 * Math.PI),
  }
}

function arc(centre, radius, from, to) {
  const point = (angle) => `${round(centre.x + radius * Math.cos(angle))} ${round(centre.y + radius * Math.sin(angle))}`
  return `M${point(from)}A${radius} ${radius} 0 1 1 ${point(to)}`
}

function round(value) {
  return Math.round(value * 100) / 100
}

/**
 * The mark as a file that follows the system's light or dark. Drawn through <use> in a page, it takes the page's own
 * --accent and --text instead.
 */
function adaptiveSvg({ stroke, accent, text }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<style>
.accent { stroke: var(--accent, ${LIGHT.accent}) }
.text { stroke: var(--text, ${LIGHT.text}) }
@media (prefers-color-scheme: dark) {
.accent { stroke: var(--accent, ${DARK.accent}) }
.text { stroke: var(--text, ${DARK.text}) }
}
</style>
<g id="mark" fill="none" stroke-width="${stroke}"><path class="accent" stroke="${LIGHT.accent}" d="${accent}"/><path class="text" stroke="${LIGHT.text}" d="${text}"/></g>
</svg>
`
}

/** One PNG: the mark in its dark colours on a tile of its own, with corners transparent where they are rounded. */
async function photograph(name, { size, corner, scale }) {
  const { stroke, accent, text } = rings({ radius: 8.6, stroke: 3.2, gap: 1.3 })
  const inset = 16 * (1 - scale)
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>html,body{margin:0;background:none}svg{display:block}</style>
<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 32 32" fill="none">
<rect width="32" height="32" rx="${32 * corner}" fill="${TILE}"/>
<g transform="translate(${inset} ${inset}) scale(${scale})" stroke-width="${stroke}">
<path stroke="${DARK.accent}" d="${accent}"/><path stroke="${DARK.text}" d="${text}"/></g></svg>`)
  await writeFile(new URL(name, publicFolder), await page.screenshot({ omitBackground: true }))
}
