/** A chosen file made ready to be sent: its type and measures, and for what can be seen a thumbnail, made right here. */
import type { Attachment } from '../../client/uploads.ts'
import { FILE_NAME_CHARACTERS, THUMB_BYTES, THUMB_PIXELS } from '../../protocol/limits.ts'
import { mediaKind, parseMediaType } from '../../protocol/media-types.ts'
import { withoutMetadata } from './picture-metadata.ts'
import { releasePreview } from './sent-previews.ts'

/** A film that tells nothing of itself by then is sent without a thumbnail. */
const LOOK_MS = 4_000
/** Tried one after the other until the thumbnail is small enough; a picture of noise may be too large at the first. */
const QUALITIES = [0.8, 0.5, 0.3]
const UNTYPED = 'application/octet-stream'

type Look = Pick<Attachment, 'width' | 'height' | 'duration' | 'thumb'>

/** Never fails: what cannot be looked at is sent as the file that it is. */
export async function prepareAttachment(file: File): Promise<Attachment> {
  const contentType = parseMediaType(file.type) ?? UNTYPED
  const look = await lookAt(file, mediaKind(contentType)).catch((): Look => ({}))
  const preview = look.thumb === undefined ? null : URL.createObjectURL(look.thumb.body)
  return {
    body: mediaKind(contentType) === 'image' ? await bare(file).catch(() => file) : file,
    contentType,
    ...(file.name === '' ? {} : { name: file.name.slice(-FILE_NAME_CHARACTERS).toWellFormed() }),
    ...look,
    ...(preview === null ? {} : { preview, release: () => releasePreview(preview) }),
  }
}

/** The picture as it is, without what it tells of where and when it was taken. */
async function bare(file: File): Promise<Blob> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const cleaned = withoutMetadata(bytes)
  return cleaned === bytes ? file : new Blob([cleaned], { type: file.type })
}

/** The size with the longer side at `longest`; never larger than it was. */
export function scaledDown(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

async function lookAt(file: File, kind: ReturnType<typeof mediaKind>): Promise<Look> {
  if (kind === 'image') {
    const picture = await createImageBitmap(file)
    try {
      return await seen(picture, picture.width, picture.height)
    } finally {
      picture.close()
    }
  }
  if (kind === 'video' || kind === 'audio') return playedOnce(file, kind)
  return {}
}

async function playedOnce(file: File, kind: 'video' | 'audio'): Promise<Look> {
  const player = document.createElement(kind)
  const late = AbortSignal.timeout(LOOK_MS)
  const url = URL.createObjectURL(file)
  try {
    player.muted = true
    player.preload = 'auto'
    player.src = url
    await happens(player, kind === 'video' ? 'loadeddata' : 'loadedmetadata', late)
    // Of a recording that was never finished the length is not known.
    const length = Number.isFinite(player.duration) ? { duration: Math.round(player.duration * 10) / 10 } : {}
    if (!(player instanceof HTMLVideoElement) || player.videoWidth === 0) return length
    return { ...length, ...(await seen(player, player.videoWidth, player.videoHeight)) }
  } finally {
    player.removeAttribute('src')
    player.load()
    URL.revokeObjectURL(url)
  }
}

/** The thumbnail of what is drawn; none where the browser makes none that is small enough. */
async function seen(source: CanvasImageSource, width: number, height: number): Promise<Look> {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, scaledDown(width, height, THUMB_PIXELS))
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height)
  for (const quality of QUALITIES) {
    // A browser that writes no WebP answers PNG; JPEG is smaller then, and has no transparency to lose in a film.
    for (const type of ['image/webp', 'image/jpeg']) {
      const body = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality))
      if (body?.type === type && body.size <= THUMB_BYTES) {
        return { width, height, thumb: { body, contentType: type } }
      }
    }
  }
  return { width, height }
}

function happens(target: EventTarget, name: string, late: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = { once: true }
    target.addEventListener(name, () => resolve(), done)
    target.addEventListener('error', () => reject(new Error('it cannot be played')), done)
    late.addEventListener('abort', () => reject(new Error('it took too long')), done)
  })
}
