/** A picture in a message: its place is kept from the start, and pressed it opens the viewer. */
import { html, nothing, type TemplateResult } from 'lit'
import { cleanFileName } from '../../protocol/file-names.ts'
import type { Media } from '../../protocol/model.ts'
import { MediaElement } from './media-element.ts'
import { define } from './page-element.ts'
import { forgetPreview, previewOf } from './sent-previews.ts'
import { text } from './text.ts'

const WIDEST = 320
const TALLEST = 400
const FALLBACK_RATIO = 4 / 3
/** Narrower, and words below it would be a column; lower, and one would hardly hit it. */
const NARROWEST = 200
const LOWEST = 64

/** Pictures that were on the screen before: they do not fade in again when their row comes back. */
const seen = new Set<string>()

class MediaPicture extends MediaElement {
  protected override get frame(): string {
    return frameStyle(this.media)
  }

  protected override show(media: Media): TemplateResult {
    const preview = previewOf(this.message.id)
    return html`<button
      class=${frameClasses(media)}
      .style=${frameStyle(media)}
      type="button"
      aria-label=${text('media.open')}
      @click=${this.#open}
    >
      ${preview === undefined ? nothing : html`<img class="loaded" src=${preview} alt="" />`}
      <img
        class=${seen.has(media.id) || preview !== undefined ? 'loaded' : ''}
        src=${media.thumb ?? media.url}
        alt=${cleanFileName(media.name) ?? ''}
        decoding="async"
        @load=${this.#onLoad}
        @error=${this.onError}
      />
    </button>`
  }

  #onLoad = (event: Event): void => {
    seen.add(this.media.id)
    ;(event.target as HTMLElement).classList.add('loaded')
    if (forgetPreview(this.message.id)) this.requestUpdate()
  }

  #open = async (): Promise<void> => {
    const { openPictureViewer } = await import('./picture-viewer.ts')
    if (!this.isConnected) return
    const { conversation, id } = this.message
    await openPictureViewer({ stream: this.stream, conversation, id, from: this.querySelector('button') })
  }
}

type Measures = Pick<Media, 'width' | 'height'>

/** The size of its place on the screen, known before a byte of the picture is there. */
export function shownSize({ width, height }: Measures): { width: number; height: number } {
  const ratio = width && height ? width / height : FALLBACK_RATIO
  const shown = Math.min(WIDEST, width || WIDEST, Math.round(TALLEST * ratio))
  return { width: Math.max(NARROWEST, shown), height: Math.max(LOWEST, Math.round(shown / ratio)) }
}

/** Of the place of a picture or a film, for its property `style`: as large as was told, whatever comes. */
export function frameStyle(media: Measures): string {
  const { width, height } = shownSize(media)
  return `inline-size: ${width}px; aspect-ratio: ${width} / ${height}`
}

/** What is smaller than its place is not made larger; what is longer fills it. */
export function frameClasses(media: Measures): string {
  const { width, height } = shownSize(media)
  return (media.width ?? width) < width || (media.height ?? height) < height ? 'media-link whole' : 'media-link'
}

define('media-picture', MediaPicture)
