// Makes the demo account's pictures: public/demo/*.webp and public/demo/index.json.
//
//   CHROMIUM=/usr/bin/chromium node scripts/make-demo-media.mjs            everything (some minutes on two cores)
//   CHROMIUM=/usr/bin/chromium node scripts/make-demo-media.mjs lake mug   these alone; index.json follows
//
// Nothing here is a photograph. Each picture is a small world in scripts/demo-scenes/*.glsl (terrain, water, clouds,
// light) that headless Chromium renders by WebGL in software, many samples to a pixel; the drawn avatars are SVG. All
// randomness comes from fixed seeds, so a run on the same Chromium gives the same pixels.
//
// With PREVIEW=<folder> the pictures are small and quick, written there as PNG, and nothing in public/ changes.

import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { AVATAR_DRAWINGS } from './demo-scenes/avatars.mjs'
import { openStudio, renderDrawing, renderScene } from './demo-scenes/studio.mjs'

const WIDTH = 960
const HEIGHT = 720
const AVATAR = 256
const THUMB = 320
const MAX_BYTES = { photo: 140_000, thumb: 20_000, avatar: 12_000 }

const PHOTOS = [
  {
    file: 'lake',
    samples: 2,
    exposure: 0.85,
    contrast: 1.6,
    calm: 0,
    grain: 0.024,
    vignette: 0.3,
    bloom: 0.15,
  },
  {
    file: 'coast',
    samples: 2,
    exposure: 0.8,
    contrast: 1.45,
    calm: 0,
    grain: 0.024,
    vignette: 0.3,
    bloom: 0.3,
  },
  {
    file: 'dunes',
    samples: 2,
    exposure: 0.74,
    contrast: 1.5,
    calm: 0,
    grain: 0.024,
    vignette: 0.3,
    bloom: 0.15,
  },
  {
    file: 'night',
    samples: 2,
    exposure: 1.35,
    contrast: 1.08,
    calm: 0,
    grain: 0.035,
    vignette: 0.35,
    bloom: 0.35,
  },
  {
    file: 'city',
    samples: 2,
    exposure: 0.95,
    contrast: 1.4,
    calm: 0,
    grain: 0.024,
    vignette: 0.3,
    bloom: 0.5,
  },
  {
    file: 'fruit',
    samples: 12,
    exposure: 1.35,
    contrast: 1.1,
    calm: 0.16,
    grain: 0.02,
    vignette: 0.3,
    bloom: 0.2,
  },
]

// Details of the scenes, seen through a longer lens: the middle of the square and half its height, in film measure.
const AVATAR_SCENES = [
  { file: 'avatar-peak', scene: 'lake', middle: [0.2, 0.45], half: 0.42 },
  { file: 'avatar-dune', scene: 'dunes', middle: [0, 0], half: 0.5 },
  { file: 'avatar-orange', scene: 'fruit', middle: [0, 0.1], half: 0.4, samples: 16 },
]

const preview = process.env.PREVIEW
const wanted = process.argv.slice(2)
const isWanted = (file) => wanted.length === 0 || wanted.includes(file)
const folder = preview ?? new URL('../public/demo/', import.meta.url).pathname
await mkdir(folder, { recursive: true })

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--disable-gpu-watchdog',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
const page = await browser.newPage()
page.setDefaultTimeout(0)
await openStudio(page)

for (const photo of PHOTOS.filter(({ file }) => isWanted(file))) await makePhoto(photo)
for (const avatar of AVATAR_SCENES.filter(({ file }) => isWanted(file))) await makeSceneAvatar(avatar)
for (const avatar of AVATAR_DRAWINGS.filter(({ file }) => isWanted(file))) {
  await renderDrawing(page, { svg: avatar.svg, size: AVATAR })
  await save(avatar.file, { width: AVATAR, height: AVATAR, limit: MAX_BYTES.avatar })
}
await browser.close()
if (preview === undefined) await writeIndex()

async function makePhoto({ file, samples, ...look }) {
  const scale = preview === undefined ? 1 : 0.5
  await renderScene(page, {
    scene: file,
    width: WIDTH * scale,
    height: HEIGHT * scale,
    samples: preview === undefined ? samples : Math.ceil(samples / 4),
    middle: [0, 0],
    half: 1,
    ...look,
  })
  await save(file, { width: WIDTH * scale, height: HEIGHT * scale, limit: MAX_BYTES.photo })
  if (preview !== undefined) return
  const height = Math.round((THUMB * HEIGHT) / WIDTH)
  await save(`${file}-thumb`, { width: THUMB, height, limit: MAX_BYTES.thumb })
}

async function makeSceneAvatar({ file, scene, middle, half, samples }) {
  const photo = PHOTOS.find((candidate) => candidate.file === scene)
  const look = { ...photo, samples: samples ?? photo.samples * 2, vignette: 0.15 }
  await renderScene(page, { ...look, scene, width: AVATAR, height: AVATAR, middle, half })
  await save(file, { width: AVATAR, height: AVATAR, limit: MAX_BYTES.avatar })
}

/** Writes what the studio's canvas shows, at the best quality that keeps within the limit. */
async function save(file, { width, height, limit }) {
  if (preview !== undefined) {
    const png = await page.evaluate((box) => globalThis.studio.encode(box), {
      width,
      height,
      type: 'image/png',
      quality: 1,
    })
    await writeFile(join(folder, `${file}.png`), Buffer.from(png, 'base64'))
    return
  }
  for (let quality = 0.9; quality > 0.3; quality -= 0.03) {
    const webp = await page.evaluate((box) => globalThis.studio.encode(box), {
      width,
      height,
      type: 'image/webp',
      quality,
    })
    const bytes = Buffer.from(webp, 'base64')
    if (bytes.length > limit) continue
    await writeFile(join(folder, `${file}.webp`), bytes)
    console.log(`${file}.webp ${bytes.length} bytes at quality ${quality.toFixed(2)}`)
    return
  }
  throw new Error(`${file}: more than ${limit} bytes at any acceptable quality`)
}

/** Every picture of public/demo by its name: photos with their thumbnails, then the avatars. */
async function writeIndex() {
  const sizeOf = async (file) => (await stat(join(folder, file))).size
  const photos = PHOTOS.map(async ({ file }) => ({
    name: file,
    file: `${file}.webp`,
    thumb: `${file}-thumb.webp`,
    width: WIDTH,
    height: HEIGHT,
    bytes: await sizeOf(`${file}.webp`),
  }))
  const avatars = [...AVATAR_SCENES, ...AVATAR_DRAWINGS].map(async ({ file }) => ({
    name: file,
    file: `${file}.webp`,
    width: AVATAR,
    height: AVATAR,
    bytes: await sizeOf(`${file}.webp`),
  }))
  const index = await Promise.all([...photos, ...avatars])
  await writeFile(join(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`)
}
