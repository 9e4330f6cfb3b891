/** How stored bytes may be answered: as what they say they are only where no browser would run them (S22). Pure. */

const SHOWN_INLINE: ReadonlySet<string> = new Set([
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

/** The type and disposition of an answer; what is not on the list, SVG and HTML above all, is a file to be saved. */
export function servedAs(contentType: string | undefined): {
  contentType: string
  disposition: 'inline' | 'attachment'
} {
  const essence = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return SHOWN_INLINE.has(essence)
    ? { contentType: essence, disposition: 'inline' }
    : { contentType: 'application/octet-stream', disposition: 'attachment' }
}
