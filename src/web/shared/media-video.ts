/** Film in a message: its first picture until it is to be played, then the browser's own player in the same place. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Media } from '../../protocol/model.ts'
import { formatLength } from './format-length.ts'
import { icon } from './icon.ts'
import { MediaElement } from './media-element.ts'
import { frameStyle } from './media-picture.ts'
import { nameOf } from './media-words.ts'
import { define } from './page-element.ts'
import { text } from './text.ts'

class MediaVideo extends MediaElement {
  static override properties: PropertyDeclarations = { ...MediaElement.properties, started: { state: true } }

  declare private started: boolean

  constructor() {
    super()
    this.started = false
  }

  protected override get frame(): string {
    return frameStyle(this.media)
  }

  protected override show(media: Media): TemplateResult {
    const label = text('media.play', { name: nameOf(media) })
    if (this.started) {
      return html`<video
        class="media-link"
        .style=${frameStyle(media)}
        controls
        autoplay
        playsinline
        src=${media.url}
        aria-label=${label}
        @error=${this.onError}
      ></video>`
    }
    return html`<button
      class="media-link"
      .style=${frameStyle(media)}
      type="button"
      aria-label=${label}
      @click=${this.#start}
    >
      ${
        media.thumb === undefined
          ? html`<video preload="metadata" muted playsinline src=${media.url} @error=${this.onError}></video>`
          : html`<img class="loaded" src=${media.thumb} alt="" decoding="async" @error=${this.onError} />`
      }
      <span class="media-play">${icon('play')}</span>
      ${media.duration === undefined ? nothing : html`<span class="media-length">${icon('play', 'small')}${formatLength(media.duration)}</span>`}
    </button>`
  }

  #start = async (): Promise<void> => {
    if ((this.fresh ?? this.media).expiresAt < Date.now()) await this.renew()
    this.started = true
    await this.updateComplete
    this.querySelector('video')?.focus()
  }
}

define('media-video', MediaVideo)
