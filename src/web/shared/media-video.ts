/** Film in a message, in its place from the start and with the browser's own controls. Nothing is loaded before it is wanted. */
import { html, type TemplateResult } from 'lit'
import { ifDefined } from 'lit/directives/if-defined.js'
import type { Media } from '../../protocol/model.ts'
import { MediaElement } from './media-element.ts'
import { shownSize } from './media-picture.ts'
import { describeMedia } from './media-words.ts'
import { define } from './page-element.ts'
import { text } from './text.ts'

class MediaVideo extends MediaElement {
  protected override show(media: Media): TemplateResult {
    const { width, height } = shownSize(media)
    return html`<video
      controls
      playsinline
      preload=${media.thumb === undefined ? 'metadata' : 'none'}
      src=${media.url}
      poster=${ifDefined(media.thumb)}
      width=${width}
      height=${height}
      aria-label=${text('media.play', { name: media.name ?? describeMedia(media) })}
      @error=${this.onError}
    ></video>`
  }
}

define('media-video', MediaVideo)
