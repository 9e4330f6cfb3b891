/** Files that wait to be sent: how they go out, and how they come back from where they were kept. */
import type { SavedFile } from '../../client/saved-state.ts'
import { createUpload, type Attachment } from '../../client/uploads.ts'
import { putByXhr } from './upload-put.ts'

export const upload = createUpload({ origin: location.origin, put: putByXhr })

/** What is shown of a file meanwhile is an address of the page's own, made anew. */
export function attachmentsOf(files: ReadonlyMap<string, SavedFile>): Map<string, Attachment> {
  return new Map([...files].map(([id, file]) => [id, withPreview(file)]))
}

function withPreview(file: SavedFile): Attachment {
  if (file.thumb === undefined) return file
  const preview = URL.createObjectURL(file.thumb.body)
  return { ...file, preview, release: () => URL.revokeObjectURL(preview) }
}
