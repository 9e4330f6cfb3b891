/** A picture in a message: its place is kept from the start, and an address that has expired is asked for anew. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Stream } from '../../client/stream.ts'
import type { Media } from '../../protocol/model.ts'
import { icon } from './icon.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'

const WIDTH = 320
const HEIGHT_MAX = 400
const FALLBACK_RATIO = 4 / 3

export class MediaPicture extends PageElement {
  static override properties: PropertyDeclarations = {
    media: { attribute: false },
    stream: { attribute: false },
    fresh: { state: true },
    failed: { state: true },
  }

  declare media: Media
  declare stream: Stream
  declare private fresh: Media | null
  declare private failed: boolean
  #renewed = false

  constructor() {
    super()
    this.fresh = null
    this.failed = false
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('media')) return
    this.fresh = null
    this.failed = false
    this.#renewed = false
  }

  protected override render(): TemplateResult {
    const media = this.fresh ?? this.media
    const { width, height } = sizeOf(media)
    if (this.failed) {
      return html`<div class="media-failed">
        <span>${text('media.expired')}</span>
        <button class="button quiet" type="button" @click=${this.#renew}>${text('media.expired.action')}</button>
      </div>`
    }
    return html`<a class="media-link" href=${media.url} target="_blank" rel="noopener" aria-label=${text('media.open')}>
      <img
        src=${media.thumb ?? media.url}
        width=${width}
        height=${height}
        alt=${media.name ?? ''}
        loading="lazy"
        decoding="async"
        @error=${this.#onError}
      />
    </a>`
  }

  #onError = (): void => {
    if (this.#renewed) this.failed = true
    else void this.#renew()
  }

  #renew = async (): Promise<void> => {
    this.#renewed = true
    const answer = await this.stream.request({ type: 'media', id: this.media.id }).catch(() => null)
    if (typeof answer?.media === 'object') {
      this.fresh = answer.media
      this.failed = false
    } else this.failed = true
  }
}

/** What a message shows of a file that is no picture: its name, as a link. */
export function fileLink(media: Media): TemplateResult {
  return html`<a class="file-link" href=${media.url} target="_blank" rel="noopener">
    ${icon('file')} <bdi>${media.name ?? text('chat.file')}</bdi>
  </a>`
}

export function isPicture(media: Media): boolean {
  return media.contentType.startsWith('image/')
}

/** One word for a message that has no text. */
export function describeMedia(media: Media): string {
  const [kind] = media.contentType.split('/')
  if (kind === 'image') return text('chat.photo')
  if (kind === 'video') return text('chat.video')
  return kind === 'audio' ? text('chat.audio') : text('chat.file')
}

/** The size on the screen, known before a byte of the picture is there. */
function sizeOf({ width, height }: Media): { width: number; height: number } {
  const ratio = width && height ? width / height : FALLBACK_RATIO
  const shown = Math.min(WIDTH, width || WIDTH, Math.round(HEIGHT_MAX * ratio))
  return { width: shown, height: Math.round(shown / ratio) }
}

/** Nothing where there is no media; its picture or its link where there is. */
export function mediaOf(media: Media | undefined, stream: Stream): TemplateResult | typeof nothing {
  if (media === undefined) return nothing
  return isPicture(media) ? html`<media-picture .media=${media} .stream=${stream}></media-picture>` : fileLink(media)
}

customElements.define('media-picture', MediaPicture)
