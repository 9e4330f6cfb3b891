/** Loads the code's picture. The element that was loaded is the one that is shown: it is `no-store`, fetched once. */

const RETRY_MS = 2_000
/** Of the code on the screen, in CSS pixels; the styles make it smaller where there is less room. */
const SIZE = 318

/** @returns the picture, ready to paint. A failed load is repeated until `signal` says that the code has changed. */
export async function loadPicture(url: string, alt: string, signal: AbortSignal): Promise<HTMLImageElement> {
  for (;;) {
    const picture = new Image(SIZE, SIZE)
    picture.alt = alt
    picture.src = url
    const ready = await picture.decode().then(
      () => true,
      () => false,
    )
    if (ready || signal.aborted) return picture
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}
