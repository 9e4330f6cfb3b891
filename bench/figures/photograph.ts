/** What happens to a code between a screen and a decoder: worn pictures, the same ones for every payload. Pure. */

/** Grey, 0 black to 255 white, row by row. */
export interface Image {
  width: number
  height: number
  pixels: Uint8ClampedArray
}

/** How a picture is worn. Angles in degrees, blur and noise as standard deviations in pixels and in grey levels. */
export interface Condition {
  name: string
  blur: number
  noise: number
  /** In the plane of the screen. */
  turn: number
  /** Out of it, about the vertical axis. */
  lean: number
}

const EASY = { blur: 0, noise: 0, turn: 0, lean: 0 }

export const CONDITIONS: readonly Condition[] = [
  { ...EASY, name: 'as it is' },
  ...[0.4, 0.6, 0.7, 0.8, 0.9].map((blur) => ({ ...EASY, blur, name: `blur ${blur} px` })),
  ...[20, 40, 50, 60].map((noise) => ({ ...EASY, noise, name: `noise ${noise}` })),
  { ...EASY, turn: 30, name: 'turned 30°' },
  { ...EASY, turn: 30, blur: 0.5, name: 'turned 30°, blur 0.5 px' },
  { ...EASY, turn: 30, noise: 30, name: 'turned 30°, noise 30' },
  { ...EASY, lean: 15, name: 'leant 15°' },
  { ...EASY, lean: 15, blur: 0.5, name: 'leant 15°, blur 0.5 px' },
  { ...EASY, lean: 15, noise: 30, name: 'leant 15°, noise 30' },
  { blur: 0.5, noise: 20, turn: 30, lean: 15, name: 'all of it' },
]

/** Modules of quiet zone, and what is around the picture on the screen. */
const QUIET_ZONE = 4
const AROUND_PIXELS = 12
const AROUND_GREY = 200
/** Samples along each side of a pixel: a camera gathers what falls on its whole pixel. */
const SAMPLES = 3
/** How far the eye is from the screen, in widths of the code. */
const DISTANCE = 2.5

/** The picture at a whole number of pixels a module, dark on white. */
export function raster(modules: readonly boolean[][], modulePixels: number): Image {
  const size = (modules.length + 2 * QUIET_ZONE) * modulePixels
  const pixels = new Uint8ClampedArray(size * size).fill(255)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const dark = modules[Math.floor(y / modulePixels) - QUIET_ZONE]?.[Math.floor(x / modulePixels) - QUIET_ZONE]
      if (dark === true) pixels[y * size + x] = 0
    }
  }
  return { width: size, height: size, pixels }
}

/** A photograph of it: seen at the angles, between pixels, blurred, noisy. */
export function photograph(picture: Image, { blur, noise, turn, lean }: Condition, seed: number): Image {
  const random = createRandom(seed)
  const isFlat = turn === 0 && lean === 0
  const seen = isFlat ? framed(picture) : projected(picture, turn, lean, [random(), random()])
  const soft = blur === 0 ? seen : blurred(seen, blur)
  if (noise === 0) return soft
  const pixels = soft.pixels.map((grey) => grey + noise * gaussian(random))
  return { ...soft, pixels }
}

function framed(picture: Image): Image {
  const size = picture.width + 2 * AROUND_PIXELS
  const pixels = new Uint8ClampedArray(size * size).fill(AROUND_GREY)
  for (let y = 0; y < picture.height; y++) {
    const row = picture.pixels.subarray(y * picture.width, (y + 1) * picture.width)
    pixels.set(row, (y + AROUND_PIXELS) * size + AROUND_PIXELS)
  }
  return { width: size, height: size, pixels }
}

/** For each pixel of the photograph, where on the screen its light comes from. */
function projected(picture: Image, turn: number, lean: number, shift: readonly [number, number]): Image {
  const size = Math.ceil(picture.width * 1.5) + 2 * AROUND_PIXELS
  const pixels = new Uint8ClampedArray(size * size)
  const [turned, leant] = [(turn * Math.PI) / 180, (lean * Math.PI) / 180]
  const [cos, sin] = [Math.cos(turned), Math.sin(turned)]
  const far = DISTANCE * picture.width
  const lookAt = (px: number, py: number): number => {
    const [x, y] = [px - size / 2 + shift[0], py - size / 2 + shift[1]]
    // The ray through (x, y) at distance `far` meets the plane that leans about the vertical axis.
    const depth = far / (far * Math.cos(leant) - x * Math.sin(leant))
    const [u, v] = [x * depth, y * depth * Math.cos(leant)]
    return greyAt(picture, u * cos + v * sin + picture.width / 2, v * cos - u * sin + picture.height / 2)
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0
      for (let sy = 0; sy < SAMPLES; sy++) {
        for (let sx = 0; sx < SAMPLES; sx++) sum += lookAt(x + (sx + 0.5) / SAMPLES, y + (sy + 0.5) / SAMPLES)
      }
      pixels[y * size + x] = sum / SAMPLES ** 2
    }
  }
  return { width: size, height: size, pixels }
}

function greyAt({ width, height, pixels }: Image, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)]
  if (column < 0 || row < 0 || column >= width || row >= height) return AROUND_GREY
  return pixels[row * width + column] ?? AROUND_GREY
}

/** A Gaussian, along the rows and then along the columns. */
function blurred(image: Image, deviation: number): Image {
  const reach = Math.ceil(3 * deviation)
  const weights = Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * deviation ** 2)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const along = ({ width, height, pixels }: Image, stepX: number, stepY: number): Image => {
    const result = new Uint8ClampedArray(pixels.length)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (let index = -reach; index <= reach; index++) {
          const [nx, ny] = [clamp(x + index * stepX, width), clamp(y + index * stepY, height)]
          sum += (weights[index + reach] ?? 0) * (pixels[ny * width + nx] ?? 0)
        }
        result[y * width + x] = sum / total
      }
    }
    return { width, height, pixels: result }
  }
  return along(along(image, 1, 0), 0, 1)
}

function clamp(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, value))
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
