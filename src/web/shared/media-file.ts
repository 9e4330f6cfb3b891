/** A file in a message: its name and size, to be saved. */
import { html, type TemplateResult } from 'lit'
import type { Media } from '../../protocol/model.ts'
import { formatBytes } from './format.ts'
import { icon } from './icon.ts'
import { MediaElement } from './media-element.ts'
import { nameOf, shownName } from './media-words.ts'
import { define } from './page-element.ts'
import { text } from './text.ts'

export class MediaFile extends MediaElement {
  protected override show(media: Media): TemplateResult {
    const name = nameOf(media)
    const size = formatBytes(media.bytes)
    return html`<a
      class="file-link"
      href=${media.url}
      download=${name}
      title=${name}
      aria-label=${text('media.download', { name, size })}
      @click=${this.onSave}
    >
      <span class="file-sign">${icon('file')}</span>
      <span><bdi>${shownName(media)}</bdi><span class="media-facts">${size}</span></span> ${icon('download')}
    </a>`
  }
}

define('media-file', MediaFile)
