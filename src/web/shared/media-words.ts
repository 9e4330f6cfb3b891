/** Media in words. */
import { mediaKind } from '../../protocol/media-types.ts'
import type { Media } from '../../protocol/model.ts'
import { text } from './text.ts'

const WORDS = { image: 'chat.photo', video: 'chat.video', audio: 'chat.audio', file: 'chat.file' } as const

/** One word for a message that has no text. */
export function describeMedia({ contentType }: Pick<Media, 'contentType'>): string {
  return text(WORDS[mediaKind(contentType)])
}
