/** "New device linked": told on every screen, until the person says that it was them or unlinks it (S10). */
import { html, nothing, type TemplateResult } from 'lit'
import { formatClock } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import { richText } from './rich-text.ts'

export interface LinkedNotice {
  /** The device's. */
  id: string
  /** What it is and where, as far as that is known yet. */
  words: string
  /** They are the device's name only, in whatever language; else the page's own. */
  isName: boolean
  linkedAt: number
  /** Why it could not be unlinked. */
  failure: string
}

export class PhoneLinkedNotice extends PhoneElement {
  static override properties = { notice: { attribute: false } }

  declare notice: LinkedNotice

  protected override render(): TemplateResult {
    const { words, isName, linkedAt, failure } = this.notice
    return html`
      <div class="linked-notice" role="alert">
        <span class="device-icon">${icon('laptop')}</span>
        <div class="device-words">
          <b>${text('phone.notice.title')}</b>
          <span>
            ${richText('phone.notice.when', { device: isName ? html`<bdi>${words}</bdi>` : words, time: formatClock(linkedAt) })}
          </span>
          ${failure === '' ? nothing : html`<span class="error-text">${failure}</span>`}
        </div>
        <div class="pair">
          <button class="button outline" type="button" @click=${() => this.dispatchEvent(new CustomEvent('notice-ok'))}>
            ${text('phone.notice.ok')}
          </button>
          <button
            class="button outline danger-text"
            type="button"
            @click=${() => this.dispatchEvent(new CustomEvent('notice-unlink'))}
          >
            ${text('phone.notice.unlink')}
          </button>
        </div>
      </div>
    `
  }
}

customElements.define('phone-linked-notice', PhoneLinkedNotice)
