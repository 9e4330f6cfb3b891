/** Types of media (RFC 9110 section 8.3.1): how one is compared, and what may be shown of it. Pure. */

export type MediaKind = 'image' | 'audio' | 'video' | 'file'

/** What a browser shows or plays and never runs (S22). Everything else, SVG and HTML above all, is a file. */
const SHOWN: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/ogg',
  'audio/webm',
  'audio/wav',
  'audio/flac',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
])

const THUMBS: ReadonlySet<string> = new Set(['image/webp', 'image/jpeg', 'image/png'])

const TYPE = /^([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*((?:;[\x20-\x7e\t]*)?)$/i

/**
 * One spelling of a type: type and subtype in lower case, parameters as they were given but for space around them.
 * @returns null for what is no type
 */
export function parseMediaType(text: string): string | null {
  const [, essence, parameters] = TYPE.exec(text.trim()) ?? []
  if (essence === undefined || parameters === undefined) return null
  const given = parameters.split(';').map((part) => part.trim())
  return [essence.toLowerCase(), ...given.filter((part) => part !== '')].join(';')
}

/** What is shown of media of a type: its picture, a player, or its name. */
export function mediaKind(contentType: string): MediaKind {
  const essence = essenceOf(contentType)
  return SHOWN.has(essence) ? (essence.split('/', 1)[0] as MediaKind) : 'file'
}

/** Whether an upload of this type can be another one's thumbnail. */
export function isThumbType(contentType: string): boolean {
  return THUMBS.has(essenceOf(contentType))
}

/** The type without its parameters, in lower case. */
export function essenceOf(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
