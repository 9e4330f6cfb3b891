/** The phone's eye where there is no camera: it reads the pixels of the code that the computer shows. */
import { readLinkToken } from '../../client/phone-link.ts'
import { loadDecoder } from '../phone/decode.ts'

/** Pixels a side: eight to a module of a code of our length. */
const LOOK_PIXELS = 400

/** @returns the token in the picture; null where none of this service's can be read */
export async function readCode(picture: HTMLImageElement): Promise<string | null> {
  const decoder = await loadDecoder().catch(() => null)
  const canvas = new OffscreenCanvas(LOOK_PIXELS, LOOK_PIXELS)
  const context = canvas.getContext('2d')
  if (decoder === null || context === null) return null
  context.imageSmoothingEnabled = false
  context.drawImage(picture, 0, 0, LOOK_PIXELS, LOOK_PIXELS)
  const bitmap = canvas.transferToImageBitmap()
  const texts = await decoder
    .picture(bitmap)
    .catch(() => [])
    .finally(() => bitmap.close())
  return texts.map((text) => readLinkToken(text, location.origin)).find((token) => token !== null) ?? null
}
