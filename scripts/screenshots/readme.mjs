// The few pictures that README.md shows, made small: the others are not in git.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const PICTURES = [
  'link-ready-light-1280',
  'chats-photos-dark-1280',
  'phone-home-light-360',
  'phone-scan-light-360',
  'confirm-far-dark-360',
  'phone-devices-dark-360',
]
const COLOURS = 128

/** Writes those of the states `reached` into `{directory}/readme`. */
export async function writeReadmePictures(directory, reached) {
  const made = new Set(reached.map(({ screen, state }) => `${screen}-${state}`))
  const out = join(directory, 'readme')
  await mkdir(out, { recursive: true })
  for (const name of PICTURES) {
    if (!made.has(name.replace(/-(?:light|dark)-\d+$/, ''))) continue
    const options = { palette: true, colours: COLOURS, dither: 0.6, compressionLevel: 9, effort: 10 }
    await sharp(join(directory, `${name}.png`))
      .png(options)
      .toFile(join(out, `${name}.png`))
  }
}
