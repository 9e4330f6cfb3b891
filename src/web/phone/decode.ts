/**
 * Reads codes from frames and pictures: the browser's own BarcodeDetector where it knows QR codes, else zxing compiled
 * to WebAssembly, loaded when a scan screen opens and from this origin only.
 */

/** Of zxing-wasm; the build copies it. The library would take it from a public CDN. */
const WASM_URL = '/build/zxing_reader.wasm'
/** Camera pictures have up to 50 megapixels; a code that fills a tenth of the width is still read at this size. */
const PICTURE_PIXELS = 2_000

/** @returns the texts of all QR codes in the picture */
export type Decode = (image: HTMLVideoElement | ImageBitmap) => Promise<string[]>

interface Detector {
  detect: (image: HTMLVideoElement | ImageBitmap) => Promise<{ rawValue: string }[]>
}

/** `BarcodeDetector` of the Shape Detection specification, which TypeScript's DOM does not know. */
interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats: () => Promise<readonly string[]>
}

let loading: Promise<Decode> | null = null

/** Loads the decoder, once for the page. A load that failed is tried again at the next call. */
export function loadDecoder(): Promise<Decode> {
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
  const decode = await loadDecoder()
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    return null
  }
  try {
    const whole = await decode(bitmap)
    if (whole.length > 0) return whole
    const longest = Math.max(bitmap.width, bitmap.height)
    if (longest <= PICTURE_PIXELS) return []
    const scale = PICTURE_PIXELS / longest
    const small = await createImageBitmap(bitmap, {
      resizeWidth: Math.round(bitmap.width * scale),
      resizeHeight: Math.round(bitmap.height * scale),
      resizeQuality: 'high',
    })
    return await decode(small).finally(() => small.close())
  } finally {
    bitmap.close()
  }
}

async function load(): Promise<Decode> {
  const detector = (await nativeDetector()) ?? (await zxingDetector())
  return async (image) => (await detector.detect(image)).map(({ rawValue }) => rawValue)
}

async function nativeDetector(): Promise<Detector | null> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass }
  if (BarcodeDetector === undefined) return null
  try {
    const formats = await BarcodeDetector.getSupportedFormats()
    return formats.includes('qr_code') ? new BarcodeDetector({ formats: ['qr_code'] }) : null
  } catch {
    return null
  }
}

async function zxingDetector(): Promise<Detector> {
  const { BarcodeDetector, prepareZXingModule } = await import('barcode-detector/ponyfill')
  await prepareZXingModule({ overrides: { locateFile: () => WASM_URL }, fireImmediately: true })
  return new BarcodeDetector({ formats: ['qr_code'] })
}
