/** Sound and film in a message, with the browser's own controls. Nothing is loaded before it is wanted. */
import { html, type TemplateResult } from 'lit'
import { ifDefined } from 'lit/directives/if-defined.js'
import type { Media } from '../../protocol/model.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import { describeMedia } from './media-words.ts'
import { MediaElement } from './media-element.ts'
import { shownSize } from './media-picture.ts'
import { define } from './page-element.ts'
import { text } from './text.ts'

export class MediaPlayer extends MediaElement {
  protected override show(media: Media): TemplateResult {
    const label = text('media.play', { name: media.name ?? describeMedia(media) })
    if (mediaKind(media.contentType) === 'audio') {
      return html`<audio controls preload="none" src=${media.url} aria-label=${label} @error=${this.onError}></audio>`
    }
    const { width, height } = shownSize(media)
    return html`<video
      controls
      playsinline
      preload=${media.thumb === undefined ? 'metadata' : 'none'}
      src=${media.url}
      poster=${ifDefined(media.thumb)}
      width=${width}
      height=${height}
      aria-label=${label}
      @error=${this.onError}
    ></video>`
  }
}

define('media-player', MediaPlayer)
