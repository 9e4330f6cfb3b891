/** The square that is cut out of a picture: which part, and the files that are made of it. */
import { THUMB_BYTES } from '../../protocol/limits.ts'

/** What of a picture is shown: 1 is the largest square, `x` and `y` are its middle, from 0 to 1. */
export interface View {
  zoom: number
  x: number
  y: number
}

export interface Square {
  left: number
  top: number
  side: number
}

export const ZOOM_MOST = 4
export const WHOLE: View = { zoom: 1, x: 0.5, y: 0.5 }

/** A picture is shown at 112 pixels at most, and opened by nobody: this is sharp on the densest screen. */
const PICTURE_PIXELS = 640
/** In lists it is 48 pixels wide. */
const THUMB_SIDE_PIXELS = 160
const QUALITY = 0.85

/** The part of a picture that `view` shows, in its pixels; never beyond its edges. */
export function squareOf(width: number, height: number, { zoom, x, y }: View): Square {
  const side = Math.min(width, height) / Math.min(ZOOM_MOST, Math.max(1, zoom))
  const left = Math.min(width - side, Math.max(0, x * width - side / 2))
  const top = Math.min(height - side, Math.max(0, y * height - side / 2))
  return { left, top, side }
}

/** The view whose middle is moved by so many of the picture's pixels; it stays within the edges. */
export function movedBy(width: number, height: number, view: View, right: number, down: number): View {
  const { left, top, side } = squareOf(width, height, view)
  const moved = { ...view, x: (left + side / 2 + right) / width, y: (top + side / 2 + down) / height }
  const square = squareOf(width, height, moved)
  return { ...moved, x: (square.left + side / 2) / width, y: (square.top + side / 2) / height }
}

/** Draws the square over the whole canvas. Light lies under what is transparent, as on most pages that show it. */
export function drawSquare(canvas: HTMLCanvasElement, picture: ImageBitmap, view: View): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const { left, top, side } = squareOf(picture.width, picture.height, view)
  context.imageSmoothingQuality = 'high'
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height)
}

/** The picture and its thumbnail. Drawn anew, they hold pixels only: no place, no camera, no name. */
export async function cutOut(picture: ImageBitmap, view: View): Promise<{ body: Blob; thumb: Blob | null } | null> {
  const side = Math.round(squareOf(picture.width, picture.height, view).side)
  const body = await encode(picture, view, Math.max(1, Math.min(PICTURE_PIXELS, side)))
  const thumb = await encode(picture, view, Math.max(1, Math.min(THUMB_SIDE_PIXELS, side)))
  return body === null ? null : { body, thumb: thumb !== null && thumb.size <= THUMB_BYTES ? thumb : null }
}

async function encode(picture: ImageBitmap, view: View, pixels: number): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = pixels
  drawSquare(canvas, picture, view)
  // A browser that writes no WebP answers PNG: JPEG is smaller then.
  for (const type of ['image/webp', 'image/jpeg']) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, QUALITY))
    if (blob?.type === type) return blob
  }
  return null
}
