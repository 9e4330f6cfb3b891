/** A file in a message: its name and size, to be saved. */
import { html, type TemplateResult } from 'lit'
import type { Media } from '../../protocol/model.ts'
import { formatBytes } from './format.ts'
import { icon } from './icon.ts'
import { MediaElement } from './media-element.ts'
import { define } from './page-element.ts'
import { text } from './text.ts'

export class MediaFile extends MediaElement {
  protected override show(media: Media): TemplateResult {
    const name = media.name ?? text('chat.file')
    const size = formatBytes(media.bytes)
    return html`<a
      class="file-link"
      href=${media.url}
      download=${name}
      aria-label=${text('media.download', { name, size })}
      @click=${this.#onClick}
    >
      ${icon('file')} <span><bdi>${name}</bdi><br /><span class="caption">${size}</span></span> ${icon('download')}
    </a>`
  }

  /** A page that stayed open may hold an address that has expired: what it saves then would be the refusal. */
  #onClick = async (event: Event): Promise<void> => {
    // The click below is not a person's: with a clock that is wrong it would be asked about for ever.
    if (!event.isTrusted || Date.now() < (this.fresh ?? this.media).expiresAt) return
    event.preventDefault()
    if ((await this.renew()) === null) return
    await this.updateComplete
    this.querySelector('a')?.click()
  }
}

define('media-file', MediaFile)
