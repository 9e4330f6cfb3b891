/**
 * What a phone's camera sees of a code on another screen: turned, tilted, near, far, out of focus, in bad light, with
 * the noise of a small sensor. Made from the code's own picture, as clips that Chromium's camera plays.
 */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Camera } from '../support/outside/chromium.ts'

/** One way to hold a phone. Angles are degrees; without any of these the code is straight ahead and sharp. */
export interface Shot {
  /** The code's side, as a share of the picture's height. */
  size: number
  /** Turned in its plane. */
  roll?: number
  /** Seen from the side, and from above or below: this is what makes perspective. */
  yaw?: number
  pitch?: number
  /** Of its middle, as a share of the picture's height. */
  x?: number
  y?: number
  /** The standard deviation of the blur, in pixels. */
  blur?: number
  /** How much of the light arrives, 0–1. */
  light?: number
  /** How much lamps behind the person lift the black, 0–255. */
  haze?: number
  /** The standard deviation of the noise, 0–255. */
  noise?: number
}

const WIDTH = 1280
const HEIGHT = 720
/** Of a clip with noise; one without it is still. */
const FRAMES = 2
/** In the code's sides: how far away the eye is, by which near edges are larger than far ones. */
const DISTANCE = 2.5
/** The white that pages have around the code, in its sides, and how bright the room behind is. */
const PAGE = 0.9
const ROOM = 70
const PAGE_LIGHT = 240
/** Of the code's picture, once, before it is seen. */
const PIXELS = 800

/** Films the code. @param picture the code's own picture. @returns a Y4M clip, the noise of each frame its own */
export async function film(picture: Buffer, shot: Shot): Promise<Buffer> {
  const { data } = await sharp(picture, { density: 300 })
    .flatten({ background: '#fff' })
    .resize(PIXELS, PIXELS, { kernel: 'nearest' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  let seen = project(data, shot)
  if (shot.blur !== undefined) {
    const raw = { width: WIDTH, height: HEIGHT, channels: 1 } as const
    seen = await sharp(seen, { raw }).blur(shot.blur).toColourspace('b-w').raw().toBuffer()
  }
  const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  const random = createRandom(1)
  const frames = Array.from({ length: shot.noise === undefined ? 1 : FRAMES }, () => [
    Buffer.from('FRAME\n'),
    expose(seen, shot, random),
    colourless,
  ])
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420mpeg2\n`), ...frames.flat()])
}

/** A camera that plays a clip, another one each time that it is opened. */
export async function createClipCamera(first: Buffer): Promise<Camera & { play: (clip: Buffer) => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-clips-'))
  const [clip, next] = [join(directory, 'clip.y4m'), join(directory, 'next.y4m')]
  const play = async (bytes: Buffer): Promise<void> => {
    await writeFile(next, bytes)
    await rename(next, clip)
  }
  await play(first)
  return {
    clip,
    play,
    show: async (picture) => play(await film(picture, { size: 0.6 })),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Follows rays through each pixel to the code's plane; two to a pixel, so that edges are soft. */
function project(code: Uint8Array, shot: Shot): Buffer {
  const back = invert(planeToPicture(shot))
  const seen = Buffer.alloc(WIDTH * HEIGHT)
  for (let v = 0; v < HEIGHT; v++) {
    for (let u = 0; u < WIDTH; u++) {
      const light = lightAt(code, back, u + 0.25, v + 0.25) + lightAt(code, back, u + 0.75, v + 0.75)
      seen[v * WIDTH + u] = light / 2
    }
  }
  return seen
}

function lightAt(code: Uint8Array, back: Matrix, u: number, v: number): number {
  const [a, b, c, d, e, f, g, h, i] = back
  const depth = g * u + h * v + i
  const x = (a * u + b * v + c) / depth
  const y = (d * u + e * v + f) / depth
  if (Math.abs(x) > PAGE || Math.abs(y) > PAGE) return ROOM
  if (Math.abs(x) >= 0.5 || Math.abs(y) >= 0.5) return PAGE_LIGHT
  return code[Math.floor((y + 0.5) * PIXELS) * PIXELS + Math.floor((x + 0.5) * PIXELS)] ?? 0
}

/** What the sensor makes of it: luma in video's range, 16–235 (ITU-R BT.601), as Chromium reads these files. */
function expose(seen: Uint8Array, { light = 1, haze = 0, noise = 0 }: Shot, random: () => number): Buffer {
  const exposed = Buffer.alloc(seen.length)
  for (let index = 0; index < seen.length; index++) {
    const lit = haze + (seen[index] ?? 0) * light * (1 - haze / 255)
    const value = lit + (noise === 0 ? 0 : noise * normal(random))
    exposed[index] = 16 + (Math.max(0, Math.min(255, value)) * 219) / 255
  }
  return exposed
}

type Matrix = readonly [number, number, number, number, number, number, number, number, number]

/** The homography from the code's plane (its side is 1, its middle 0) to the picture: K · [r1 r2 t]. */
function planeToPicture({ size, roll = 0, yaw = 0, pitch = 0, x = 0, y = 0 }: Shot): Matrix {
  const focal = size * HEIGHT * DISTANCE
  const [sinZ, cosZ, sinY, cosY, sinX, cosX] = [roll, yaw, pitch].flatMap((degrees) => {
    const angle = (degrees * Math.PI) / 180
    return [Math.sin(angle), Math.cos(angle)]
  }) as [number, number, number, number, number, number]
  // The first two columns of Ry · Rx · Rz.
  const first = [cosY * cosZ + sinY * sinX * sinZ, cosX * sinZ, -sinY * cosZ + cosY * sinX * sinZ] as const
  const second = [-cosY * sinZ + sinY * sinX * cosZ, cosX * cosZ, sinY * sinZ + cosY * sinX * cosZ] as const
  const centre = [WIDTH / 2 + x * HEIGHT, HEIGHT / 2 + y * HEIGHT] as const
  const row = (axis: 0 | 1): [number, number, number] => [
    focal * first[axis] + centre[axis] * first[2],
    focal * second[axis] + centre[axis] * second[2],
    centre[axis] * DISTANCE,
  ]
  return [...row(0), ...row(1), first[2], second[2], DISTANCE]
}

/** By cofactors; the factor of the whole does not matter to a homography. */
function invert([a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ]
}

/** The same numbers in each run (a linear congruential generator, Numerical Recipes' constants). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Near enough to a normal distribution of variance 1: twelve would be exact in variance, four are scaled to it. */
function normal(random: () => number): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3)
}
