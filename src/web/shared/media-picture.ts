/** A picture in a message: its place is kept from the start. */
import { html, type TemplateResult } from 'lit'
import type { Media } from '../../protocol/model.ts'
import { MediaElement } from './media-element.ts'
import { define } from './page-element.ts'
import { text } from './text.ts'

const WIDTH = 320
const HEIGHT_MAX = 400
const FALLBACK_RATIO = 4 / 3

export class MediaPicture extends MediaElement {
  protected override show(media: Media): TemplateResult {
    const { width, height } = shownSize(media)
    return html`<a class="media-link" href=${media.url} target="_blank" rel="noopener" aria-label=${text('media.open')}>
      <img
        src=${media.thumb ?? media.url}
        width=${width}
        height=${height}
        alt=${media.name ?? ''}
        loading="lazy"
        decoding="async"
        @error=${this.onError}
      />
    </a>`
  }
}

/** The size on the screen, known before a byte of the picture is there. */
export function shownSize({ width, height }: Pick<Media, 'width' | 'height'>): { width: number; height: number } {
  const ratio = width && height ? width / height : FALLBACK_RATIO
  const shown = Math.min(WIDTH, width || WIDTH, Math.round(HEIGHT_MAX * ratio))
  return { width: shown, height: Math.round(shown / ratio) }
}

define('media-picture', MediaPicture)
