/** Where a message is written. Says `message-send` (detail: text); Enter sends, Shift+Enter begins a line. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { utf8Length } from '../../protocol/bytes.ts'
import { TEXT_BYTES } from '../../protocol/limits.ts'
import { icon } from './icon.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'

/** What the service would refuse in a text (contract, section 2): C0 controls but newline and tab. */
// oxlint-disable-next-line no-control-regex -- the controls are what is taken out
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f]/g

export class ChatComposer extends PageElement {
  static override properties: PropertyDeclarations = {
    value: { attribute: false },
    tooLong: { state: true },
  }

  /** The draft. */
  declare value: string
  declare private tooLong: boolean

  constructor() {
    super()
    this.value = ''
    this.tooLong = false
  }

  /** Puts the caret into the field. */
  override focus(): void {
    this.querySelector('textarea')?.focus()
  }

  protected override render(): TemplateResult {
    return html`<form class="composer" @submit=${this.#onSubmit}>
      ${this.tooLong ? html`<p class="error-text caption" role="alert">${text('chat.toolong')}</p>` : nothing}
      <textarea
        class="field"
        rows="1"
        dir="auto"
        enterkeyhint="send"
        aria-label=${text('chat.write')}
        placeholder=${text('chat.write')}
        .value=${this.value}
        @input=${this.#onInput}
        @keydown=${this.#onKeydown}
      ></textarea>
      <button
        class="icon-button send"
        type="submit"
        aria-label=${text('chat.send')}
        title=${text('chat.send')}
        ?disabled=${cleaned(this.value) === ''}
      >
        ${icon('send-horizontal')}
      </button>
    </form>`
  }

  #onInput = (event: Event): void => {
    this.value = (event.target as HTMLTextAreaElement).value
    this.tooLong = utf8Length(this.value) > TEXT_BYTES
    this.dispatchEvent(new CustomEvent('message-draft', { detail: this.value, bubbles: true }))
  }

  #onKeydown = (event: KeyboardEvent): void => {
    // An Enter that ends a composition (Chinese, Japanese, Korean) belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    this.#send()
  }

  #onSubmit = (event: Event): void => {
    event.preventDefault()
    this.#send()
  }

  #send(): void {
    const words = cleaned(this.value)
    if (words === '') return
    if (utf8Length(words) > TEXT_BYTES) {
      this.tooLong = true
      return
    }
    this.dispatchEvent(new CustomEvent('message-send', { detail: words, bubbles: true }))
  }
}

function cleaned(draft: string): string {
  return draft.replaceAll('\r\n', '\n').replace(FORBIDDEN, '').toWellFormed().trim()
}
