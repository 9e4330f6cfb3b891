/** Media in words. */
import { mediaKind } from '../../protocol/media-types.ts'
import type { Media } from '../../protocol/model.ts'
import { text } from './text.ts'

const WORDS = { image: 'chat.photo', video: 'chat.video', audio: 'chat.audio', file: 'chat.file' } as const

/** A word or two for a message that has no text. A sound without a name was recorded here or in a client like this. */
export function describeMedia({ contentType, name }: Pick<Media, 'contentType' | 'name'>): string {
  const kind = mediaKind(contentType)
  return text(kind === 'audio' && name === undefined ? 'chat.voice' : WORDS[kind])
}
