/** Bytes put by XMLHttpRequest: `fetch` does not say how much of a body is sent. */
import type { PutOrder } from '../../client/uploads.ts'

/** Nothing moved for this long: the connection is taken to be lost. */
const STALLED_MS = 30_000

/** @returns the status of the answer; 0 when none came */
export function putByXhr({ url, body, contentType, onProgress, signal }: PutOrder): Promise<number> {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    let stalled = setTimeout(stop, STALLED_MS)
    function stop(): void {
      xhr.abort()
    }
    xhr.open('PUT', url)
    xhr.setRequestHeader('content-type', contentType)
    xhr.upload.addEventListener('progress', ({ loaded }) => {
      clearTimeout(stalled)
      stalled = setTimeout(stop, STALLED_MS)
      onProgress(loaded)
    })
    // Said once, whatever the end is; after an abort the status is 0.
    xhr.addEventListener('loadend', () => {
      clearTimeout(stalled)
      signal.removeEventListener('abort', stop)
      resolve(xhr.status)
    })
    signal.addEventListener('abort', stop, { once: true })
    xhr.send(body)
    if (signal.aborted) stop()
  })
}
