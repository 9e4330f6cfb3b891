/**
 * Reads codes from frames and pictures: the browser's own BarcodeDetector where it knows QR codes, else zxing compiled
 * to WebAssembly, loaded when a scan screen opens and from this origin only.
 */
import type { ReaderOptions } from 'zxing-wasm/reader'

/** The build copies it. The library would take it from a public CDN. */
const WASM_URL = '/build/zxing_reader.wasm'
/** The longest side of a frame that is looked at as a whole, but small: a near code is found in a few milliseconds. */
const SMALL_PIXELS = 640
/** Camera pictures have up to 50 megapixels: looked at small first, then as large as memory may be asked for. */
const PICTURE_PIXELS = [2_000, 4_000]
/** Of a frame there is soon another one, so each is looked at once. A code is dark on light here (contract, section 3). */
const QUICK: ReaderOptions = {
  formats: ['QRCode'],
  tryHarder: true,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: false,
  tryDenoise: false,
  maxNumberOfSymbols: 4,
}
const THOROUGH: ReaderOptions = { ...QUICK, tryInvert: true, tryDownscale: true, tryDenoise: true }

/**
 * The part of a frame that is looked at: its middle square as sharp as the camera is, for a code that is far away; all of
 * it, small, for one that is near or blurred; all of it, for one that is far away at the edge.
 */
export type View = 'middle' | 'small' | 'whole'

/** Each method gives the texts of all QR codes that it finds. */
export interface Decoder {
  frame: (video: HTMLVideoElement, view: View) => Promise<string[]>
  picture: (bitmap: ImageBitmap) => Promise<string[]>
}

interface Detector {
  detect: (image: HTMLVideoElement | ImageBitmap | HTMLCanvasElement | ImageData) => Promise<{ rawValue: string }[]>
}

/** `BarcodeDetector` of the Shape Detection specification, which TypeScript's DOM does not know. */
interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats: () => Promise<readonly string[]>
}

/** A rectangle of the source, and the factor by which it is drawn. */
interface Crop {
  x: number
  y: number
  width: number
  height: number
  scale: number
}

let loading: Promise<Decoder> | null = null

/** Loads the decoder, once for the page. A load that failed is tried again at the next call. */
export function loadDecoder(): Promise<Decoder> {
  loading ??= load().catch((error: unknown) => {
    loading = null
    throw error
  })
  return loading
}

/**
 * Reads a picture that the person chose.
 * @returns the texts in it; null when it is no picture that the browser can open
 */
export async function decodePicture(file: Blob): Promise<string[] | null> {
  const decoder = await loadDecoder()
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    return null
  }
  try {
    return await decoder.picture(bitmap)
  } finally {
    bitmap.close()
  }
}

/** What of a frame of this size is looked at, and how large. Pure. */
export function cropOf(view: View, width: number, height: number): Crop {
  if (view === 'middle') {
    const side = Math.min(width, height)
    return { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side, scale: 1 }
  }
  const scale = view === 'small' ? Math.min(1, SMALL_PIXELS / Math.max(width, height)) : 1
  return { x: 0, y: 0, width, height, scale }
}

async function load(): Promise<Decoder> {
  return (await nativeDecoder()) ?? wasmDecoder()
}

async function nativeDecoder(): Promise<Decoder | null> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass }
  if (BarcodeDetector === undefined) return null
  try {
    const formats = await BarcodeDetector.getSupportedFormats()
    if (!formats.includes('qr_code')) return null
    const detector = new BarcodeDetector({ formats: ['qr_code'] })
    // Where the system's part is missing (Android without Google's services) only a detection says so.
    await detector.detect(new ImageData(16, 16))
    const read = async (...image: Parameters<Detector['detect']>): Promise<string[]> =>
      (await detector.detect(...image)).map(({ rawValue }) => rawValue)
    return {
      frame: (video) => read(video),
      picture: (bitmap) => inSizes(bitmap, (canvas) => read(canvas)),
    }
  } catch {
    return null
  }
}

async function wasmDecoder(): Promise<Decoder> {
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader')
  await prepareZXingModule({ overrides: { locateFile: () => WASM_URL }, fireImmediately: true })
  const frames = document.createElement('canvas')
  const read = async (canvas: HTMLCanvasElement, options: ReaderOptions): Promise<string[]> => {
    const pixels = contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height)
    return (await readBarcodes(pixels, options)).map((result) => result.text)
  }
  return {
    frame(video, view) {
      draw(frames, video, cropOf(view, video.videoWidth, video.videoHeight))
      return read(frames, QUICK)
    },
    picture: (bitmap) => inSizes(bitmap, (canvas) => read(canvas, THOROUGH)),
  }
}

/** Reads a picture small, and larger only where that finds nothing and there is more to see. */
async function inSizes(bitmap: ImageBitmap, read: (canvas: HTMLCanvasElement) => Promise<string[]>): Promise<string[]> {
  const { width, height } = bitmap
  const longest = Math.max(width, height)
  const canvas = document.createElement('canvas')
  for (const [index, pixels] of PICTURE_PIXELS.entries()) {
    if (index > 0 && longest <= (PICTURE_PIXELS[index - 1] ?? 0)) break
    draw(canvas, bitmap, { x: 0, y: 0, width, height, scale: Math.min(1, pixels / longest) })
    const texts = await read(canvas)
    if (texts.length > 0) return texts
  }
  return []
}

function draw(canvas: HTMLCanvasElement, source: CanvasImageSource, { x, y, width, height, scale }: Crop): void {
  const drawn = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
  // Setting a size clears the canvas and takes new memory, even where it is the same.
  if (canvas.width !== drawn.width || canvas.height !== drawn.height) Object.assign(canvas, drawn)
  const context = contextOf(canvas)
  context.imageSmoothingQuality = scale < 0.5 ? 'high' : 'medium'
  context.drawImage(source, x, y, width, height, 0, 0, drawn.width, drawn.height)
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('no canvas')
  return context
}
