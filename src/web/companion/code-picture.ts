/** The code's picture. The element that was loaded is the one that is shown: it is `no-store`, fetched once. */

const RETRY_MS = 2_000

export interface Pictures {
  /** Of the newest code that can be painted whole. The one before it stays until then. */
  readonly current: HTMLImageElement | null
  /** Loads another code's picture; null: there is no code. */
  follow: (url: string | null) => void
}

/** @param onChange another picture is there, or none */
export function createPictures(onChange: () => void): Pictures {
  let current: HTMLImageElement | null = null
  let followed: string | null = null
  let loading: AbortController | null = null

  return {
    get current() {
      return current
    },
    follow(url) {
      if (url === followed) return
      followed = url
      loading?.abort()
      loading = null
      if (url === null) current = null
      else void show(url, (loading = new AbortController()).signal)
    },
  }

  async function show(url: string, signal: AbortSignal): Promise<void> {
    const picture = await loadPicture(url, signal)
    if (signal.aborted) return
    current = picture
    onChange()
  }
}

/** Makes the picture as large as `room` (CSS pixels) allows with a whole number of device pixels to each module. */
export function fitPicture(picture: HTMLImageElement, room: number): void {
  const modules = picture.naturalWidth
  if (modules === 0 || room <= 0) return
  const perModule = Math.max(1, Math.floor((room * devicePixelRatio) / modules))
  picture.style.inlineSize = picture.style.blockSize = `${(modules * perModule) / devicePixelRatio}px`
}

/** @returns the picture, ready to paint. A failed load is repeated until `signal` says that the code has changed. */
async function loadPicture(url: string, signal: AbortSignal): Promise<HTMLImageElement> {
  for (;;) {
    const picture = new Image()
    picture.src = url
    const ready = await picture.decode().then(
      () => true,
      () => false,
    )
    if (ready || signal.aborted) return picture
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}
