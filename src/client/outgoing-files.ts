/** The files of messages on their way out: what is uploaded of them, and letting go of them when they are sent. */
import type { Requests } from './requests.ts'
import type { OutgoingFile, UploadFailure } from './store.ts'
import { isUploadError, type Attachment, type Upload } from './uploads.ts'

export interface OutgoingFiles {
  add: (id: string, attachment: Attachment, upload: Upload) => void
  attachmentOf: (id: string) => Attachment | null
  /** The media id, once it is uploaded. */
  mediaOf: (id: string) => string | null
  isUploading: (id: string) => boolean
  /** It must be uploaded anew. */
  forgetMedia: (id: string) => void
  /**
   * Uploads a file; never throws. Those of one `line` go one after the other, so that they arrive as they were chosen.
   * @returns why it failed, or null
   */
  upload: (id: string, line: string, onProgress: (done: number) => void) => Promise<UploadFailure | null>
  /** Ends the uploads of messages that are not on their way any more, and lets go of their bytes. */
  keepOnly: (outgoing: ReadonlyMap<string, unknown>) => void
}

interface Held {
  attachment: Attachment
  upload: Upload
  media: string | null
  /** While it is being uploaded, or waits for its turn. */
  stop: AbortController | null
}

export function createOutgoingFiles(request: Requests['request']): OutgoingFiles {
  const held = new Map<string, Held>()
  /** The ends of the lines. */
  const lines = new Map<string, Promise<void>>()
  return {
    add(id, attachment, upload) {
      held.set(id, { attachment, upload, media: null, stop: null })
    },
    attachmentOf: (id) => held.get(id)?.attachment ?? null,
    mediaOf: (id) => held.get(id)?.media ?? null,
    isUploading: (id) => held.get(id)?.stop != null,
    forgetMedia(id) {
      const file = held.get(id)
      if (file) file.media = null
    },
    async upload(id, line, onProgress) {
      const file = held.get(id)
      if (file === undefined) return 'failed'
      const stop = new AbortController()
      file.stop = stop
      const tell = (done: number): void => {
        if (file.stop === stop) onProgress(done)
      }
      const step = nextIn(line)
      await step.turn
      try {
        if (stop.signal.aborted) return 'cancelled'
        file.media = await file.upload(file.attachment, { request, onProgress: tell, signal: stop.signal })
        return null
      } catch (error) {
        return isUploadError(error) ? error.code : 'failed'
      } finally {
        file.stop = null
        step.done()
      }
    },
    keepOnly(outgoing) {
      for (const [id, file] of held) {
        if (outgoing.has(id)) continue
        held.delete(id)
        file.stop?.abort()
        file.attachment.release?.()
      }
    },
  }

  function nextIn(line: string): { turn: Promise<void>; done: () => void } {
    const turn = lines.get(line) ?? Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    lines.set(line, promise)
    return {
      turn,
      done() {
        if (lines.get(line) === promise) lines.delete(line)
        resolve()
      },
    }
  }
}

/** What a message shows of its file before it is uploaded. */
export function fileOf({ body, contentType, name, width, height, duration, preview }: Attachment): OutgoingFile {
  return {
    contentType,
    bytes: body.size,
    ...(name === undefined ? {} : { name }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(duration === undefined ? {} : { duration }),
    ...(preview === undefined ? {} : { preview }),
    progress: 0,
  }
}
