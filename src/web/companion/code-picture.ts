/** Loads the code's picture. The element that was loaded is the one that is shown: it is `no-store`, fetched once. */

const RETRY_MS = 2_000

/** @returns the picture, ready to paint. A failed load is repeated until `signal` says that the code has changed. */
export async function loadPicture(url: string, alt: string, signal: AbortSignal): Promise<HTMLImageElement> {
  for (;;) {
    const picture = new Image()
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

/** Makes the picture as large as `room` (CSS pixels) allows with a whole number of device pixels to each module. */
export function fitPicture(picture: HTMLImageElement, room: number): void {
  const modules = picture.naturalWidth
  if (modules === 0 || room <= 0) return
  const perModule = Math.max(1, Math.floor((room * devicePixelRatio) / modules))
  picture.style.inlineSize = picture.style.blockSize = `${(modules * perModule) / devicePixelRatio}px`
}
