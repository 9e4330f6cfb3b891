/** Media in words. */
import { cleanFileName, shortFileName } from '../../protocol/file-names.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import type { Media } from '../../protocol/model.ts'
import { formatLength } from './format-length.ts'
import { text } from './text.ts'

const WORDS = { image: 'chat.photo', video: 'chat.video', audio: 'chat.audio', file: 'chat.file' } as const
const ICONS = { image: 'image', video: 'play', audio: 'mic', file: 'file' } as const
/** Two lines of a message, and of a sheet that is as wide as the window allows. */
const NAME_SHOWN = 36
const NAME_SHOWN_WIDE = 48

/** A word or two for a message that has no text. A sound without a name was recorded here or in a client like this. */
export function describeMedia({ contentType, name }: Pick<Media, 'contentType' | 'name'>): string {
  const kind = mediaKind(contentType)
  return text(kind === 'audio' && name === undefined ? 'chat.voice' : WORDS[kind])
}

/** The same with what tells it from others: a file's name, the length of sound and film. */
export function briefOf(media: Pick<Media, 'contentType' | 'name' | 'duration'>): string {
  if (mediaKind(media.contentType) === 'file') return shownName(media)
  const words = describeMedia(media)
  return media.duration === undefined ? words : `${words} · ${formatLength(media.duration)}`
}

/** Stands before {@link briefOf}, and before the words that came with it. */
export function iconOf({ contentType }: Pick<Media, 'contentType'>): string {
  return ICONS[mediaKind(contentType)]
}

/** The name under which it was sent, or what kind of thing it is: whole, to be spoken and saved. */
export function nameOf(media: Pick<Media, 'contentType' | 'name'>): string {
  return cleanFileName(media.name) ?? describeMedia(media)
}

/** {@link nameOf} as it is shown. @param wide where it has more room than in a message */
export function shownName(media: Pick<Media, 'contentType' | 'name'>, wide = false): string {
  return shortFileName(nameOf(media), wide ? NAME_SHOWN_WIDE : NAME_SHOWN)
}
