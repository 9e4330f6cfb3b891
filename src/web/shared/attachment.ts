/**
 * A chosen file made ready to be sent: its type and measures, for what can be seen a thumbnail, made right here, and
 * nothing of where and when it was made.
 */
import type { Attachment } from '../../client/uploads.ts'
import { cleanFileName } from '../../protocol/file-names.ts'
import { FILE_NAME_CHARACTERS, THUMB_BYTES, THUMB_PIXELS } from '../../protocol/limits.ts'
import { mediaKind, parseMediaType } from '../../protocol/media-types.ts'
import { ask } from './ask.ts'
import { withoutMetadata } from './metadata.ts'
import { releasePreview } from './sent-previews.ts'
import { text } from './text.ts'

/** A film that tells nothing of itself by then is sent without a thumbnail. */
const LOOK_MS = 4_000
/** Tried one after the other until the thumbnail is small enough; a picture of noise may be too large at the first. */
const QUALITIES = [0.8, 0.5, 0.3]
const UNTYPED = 'application/octet-stream'
/** Pictures and films, by their type, or by their name where the browser knows no type for them. */
const SEEN_TYPE = /^(image|video)\//
const SEEN_NAME = /\.(avif|hei[cf]|m4v|mov|mp4|webm)$/i

type Look = Pick<Attachment, 'width' | 'height' | 'duration' | 'thumb'>

/**
 * Never fails: what cannot be looked at is sent as the file that it is.
 * @returns null when what it tells could not be taken out, and the person would rather not send it
 */
export async function prepareAttachment(file: File, signal: AbortSignal): Promise<Attachment | null> {
  const contentType = parseMediaType(file.type) ?? UNTYPED
  const name = cleanFileName(file.name)
  const bare = SEEN_TYPE.test(contentType) || SEEN_NAME.test(file.name) ? await withoutPlace(file) : file
  if (bare === null) {
    const title = text('media.asis.title', { name: name ?? text('chat.file') })
    const question = { title, body: text('media.asis.body'), yes: text('media.asis.action') }
    if ((await ask(question, signal)) !== 'yes') return null
  }
  const look = await lookAt(file, mediaKind(contentType)).catch((): Look => ({}))
  const preview = look.thumb === undefined ? null : URL.createObjectURL(look.thumb.body)
  return {
    body: bare ?? file,
    contentType,
    ...(name === undefined ? {} : { name: name.slice(-FILE_NAME_CHARACTERS).toWellFormed() }),
    ...look,
    ...(preview === null ? {} : { preview, release: () => releasePreview(preview) }),
  }
}

/** The file as it is, without what it tells of where and when it was made; null where that cannot be told. */
async function withoutPlace(file: File): Promise<Blob | null> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const cleaned = withoutMetadata(bytes)
  return cleaned && (cleaned === bytes ? file : new Blob([cleaned], { type: file.type }))
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
