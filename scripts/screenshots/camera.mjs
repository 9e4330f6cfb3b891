// What the phone's camera sees on the scan screen: a laptop on a table that shows a code, not yet in focus, because a
// code that can be read ends the screen.
import sharp from 'sharp'
import { randomToken } from './stage.mjs'

const SCENE = `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720">
  <defs>
    <linearGradient id="wall" x2="0" y2="1"><stop stop-color="#8d9a97"/><stop offset="1" stop-color="#5f6d69"/></linearGradient>
    <linearGradient id="table" x2="0" y2="1"><stop stop-color="#9a7a58"/><stop offset="1" stop-color="#5f4a35"/></linearGradient>
  </defs>
  <rect width="1280" height="720" fill="url(#wall)"/>
  <rect y="540" width="1280" height="180" fill="url(#table)"/>
  <rect x="300" y="70" width="680" height="450" rx="18" fill="#1d2322"/>
  <rect x="318" y="88" width="644" height="408" fill="#f4f5f2"/>
  <path d="M240 520h800l60 44H180z" fill="#b9bfbd"/>
</svg>`
const CODE_PIXELS = 300
const OUT_OF_FOCUS = 7

/** @returns a PNG of 1280 × 720 pixels */
export async function whatTheCameraSees(origin) {
  const answer = await fetch(`${origin}/v1/code/${randomToken()}`)
  const code = await sharp(Buffer.from(await answer.arrayBuffer()))
    .resize(CODE_PIXELS, CODE_PIXELS, { kernel: 'nearest' })
    .png()
    .toBuffer()
  const scene = await sharp(Buffer.from(SCENE))
    .composite([{ input: code, left: 490, top: 142 }])
    .png()
    .toBuffer()
  return sharp(scene).blur(OUT_OF_FOCUS).png().toBuffer()
}
