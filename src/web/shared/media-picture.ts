/** A picture in a message: its place is kept from the start, and pressed it opens the viewer. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Media } from '../../protocol/model.ts'
import { MediaElement } from './media-element.ts'
import { define } from './page-element.ts'
import { forgetPreview, previewOf } from './sent-previews.ts'
import { text } from './text.ts'

const WIDTH = 320
const HEIGHT_MAX = 400
const FALLBACK_RATIO = 4 / 3
/** Narrower than this and one would hardly hit it. */
const SHORTEST = 64

/** Pictures that were on the screen before: they do not fade in again when their row comes back. */
const seen = new Set<string>()

class MediaPicture extends MediaElement {
  protected override show(media: Media): TemplateResult {
    const { width, height } = shownSize(media)
    const preview = previewOf(this.message.id)
    return html`<button class="media-link" type="button" aria-label=${text('media.open')} @click=${this.#open}>
      ${preview === undefined ? nothing : html`<img class="loaded media-preview" src=${preview} alt="" />`}
      <img
        class=${seen.has(media.id) || preview !== undefined ? 'loaded' : ''}
        src=${media.thumb ?? media.url}
        width=${width}
        height=${height}
        alt=${media.name ?? ''}
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

/** The size on the screen, known before a byte of the picture is there. */
export function shownSize({ width, height }: Pick<Media, 'width' | 'height'>): { width: number; height: number } {
  const ratio = width && height ? width / height : FALLBACK_RATIO
  const shown = Math.min(WIDTH, width || WIDTH, Math.round(HEIGHT_MAX * ratio))
  const whole = { width: shown, height: Math.round(shown / ratio) }
  // A picture of a few pixels, or a strip, has a place that can be pressed all the same.
  return { width: Math.max(SHORTEST, whole.width), height: Math.max(SHORTEST, whole.height) }
}

define('media-picture', MediaPicture)
