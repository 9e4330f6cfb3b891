/**
 * Where a message is written. Says `message-send` (detail: text) and `files-chosen` (detail: files, attached or pasted);
 * Enter sends, Shift+Enter begins a line.
 */
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
    notice: { attribute: false },
    tooLong: { state: true },
  }

  /** The draft. */
  declare value: string
  /** What is the matter with the files that were chosen; empty when nothing is. */
  declare notice: string
  declare private tooLong: boolean

  constructor() {
    super()
    this.value = ''
    this.notice = ''
    this.tooLong = false
  }

  /** Puts the caret into the field. */
  override focus(): void {
    this.querySelector('textarea')?.focus()
  }

  protected override render(): TemplateResult {
    return html`<form class="composer" @submit=${this.#onSubmit}>
      ${this.#said() === '' ? nothing : html`<p class="error-text caption" role="alert">${this.#said()}</p>`}
      <input type="file" multiple hidden @change=${this.#onChosen} />
      <button
        class="icon-button attach"
        type="button"
        aria-label=${text('media.attach')}
        title=${text('media.attach')}
        @click=${this.#choose}
      >
        ${icon('paperclip')}
      </button>
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
        @paste=${this.#onPaste}
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

  #said(): string {
    return this.tooLong ? text('chat.toolong') : this.notice
  }

  #choose = (): void => this.querySelector<HTMLInputElement>('input[type=file]')?.click()

  #onChosen = (event: Event): void => {
    const input = event.target as HTMLInputElement
    this.#offer([...(input.files ?? [])])
    // The same file may be chosen again.
    input.value = ''
  }

  /** A copied picture is a file; words copied from a document bring a picture of themselves along, and stay words. */
  #onPaste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length === 0 || event.clipboardData?.types.includes('text/plain')) return
    event.preventDefault()
    this.#offer(files)
  }

  #offer(files: File[]): void {
    if (files.length > 0) this.dispatchEvent(new CustomEvent('files-chosen', { detail: files, bubbles: true }))
  }

  #onInput = (event: Event): void => {
    this.value = (event.target as HTMLTextAreaElement).value
    this.notice = ''
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
