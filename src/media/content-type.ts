/** How stored bytes may be answered: as what they say they are only where no browser would run them (S22). Pure. */
import { essenceOf, mediaKind } from '../protocol/media-types.ts'

/** What stands for a type that is not to be shown. */
const UNSHOWN = 'application/octet-stream'

/** The type and disposition of an answer; what is not on the list, SVG and HTML above all, is a file to be saved. */
export function servedAs(contentType: string | undefined): {
  contentType: string
  disposition: 'inline' | 'attachment'
} {
  return contentType === undefined || mediaKind(contentType) === 'file'
    ? { contentType: UNSHOWN, disposition: 'attachment' }
    : { contentType: essenceOf(contentType), disposition: 'inline' }
}
