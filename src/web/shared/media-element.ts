/** What all media of a message have in common: an address that has expired, or fails, is asked for anew, once. */
import { html, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Stream } from '../../client/stream.ts'
import type { Media, Message } from '../../protocol/model.ts'
import { icon } from './icon.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'

export abstract class MediaElement extends PageElement {
  static override properties: PropertyDeclarations = {
    message: { attribute: false },
    media: { attribute: false },
    stream: { attribute: false },
    fresh: { state: true },
    failed: { state: true },
  }

  /** Whose media it is. */
  declare message: Message
  declare media: Media
  declare stream: Stream
  declare protected fresh: Media | null
  declare protected failed: boolean
  #renewed = false

  constructor() {
    super()
    this.fresh = null
    this.failed = false
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get('media') as Media | undefined
    // Told anew with another message of the same conversation, it is still the same.
    if (!changed.has('media') || (before?.id === this.media.id && before.url === this.media.url)) return
    this.fresh = null
    this.failed = false
    this.#renewed = false
  }

  protected override render(): TemplateResult {
    if (!this.failed) return this.show(this.fresh ?? this.media)
    return html`<div class="media-failed" .style=${this.frame ?? ''}>
      ${icon(this.frame === null ? 'triangle-alert' : 'image-off')}
      <span>${text('media.expired')}</span>
      <button class="button quiet" type="button" @click=${() => void this.renew()}>
        ${text('media.expired.action')}
      </button>
    </div>`
  }

  /** The place of what can be seen, kept also when it fails: nothing around it moves. */
  protected get frame(): string | null {
    return null
  }

  protected abstract show(media: Media): TemplateResult

  /** For `@error` of whatever loads the media. */
  protected onError = async (): Promise<void> => {
    const { url } = this.fresh ?? this.media
    // The same address once more would not be loaded again, and nothing be said.
    if (this.#renewed || (await this.renew())?.url === url) this.failed = true
  }

  /**
   * For `@click` of the link that saves it. A page that stayed open may hold an address that has expired: what it saves
   * then would be the refusal.
   */
  protected onSave = async (event: Event): Promise<void> => {
    // The click below is not a person's: with a clock that is wrong it would be asked about for ever.
    if (!event.isTrusted || Date.now() < (this.fresh ?? this.media).expiresAt) return
    event.preventDefault()
    if ((await this.renew()) === null) return
    await this.updateComplete
    this.querySelector<HTMLElement>('a[download]')?.click()
  }

  /** Asks for a fresh address. @returns it, or null */
  protected async renew(): Promise<Media | null> {
    this.#renewed = true
    const answer = await this.stream.request({ type: 'media', id: this.media.id }).catch(() => null)
    this.failed = typeof answer?.media !== 'object'
    this.fresh = typeof answer?.media === 'object' ? answer.media : null
    return this.fresh
  }
}
