/**
 * Where a message is written. Says `message-draft` and `message-send` (detail: text), `files-chosen` (detail: files,
 * attached or pasted) and `voice-recorded` (detail: {@link VoiceNote}). With a keyboard Enter sends and Shift+Enter
 * begins a line; on a touch screen Enter begins a line.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { utf8Length } from '../../protocol/bytes.ts'
import { TEXT_BYTES } from '../../protocol/limits.ts'
import { icon } from './icon.ts'
import { PageElement } from './page-element.ts'
import { text } from './text.ts'
import './voice-bar.ts'
import type { VoiceFault, VoiceNote } from './voice-recorder.ts'

/** What the service would refuse in a text (contract, section 2): C0 controls but newline and tab. */
// oxlint-disable-next-line no-control-regex -- the controls are what is taken out
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f]/g
/** From this much of the longest text on it is said how much is left. */
const NEARLY = 0.9
/** In pixels, and some. */
const TWO_LINES = 50
/** A keyboard on the screen has no Shift+Enter that one would find. */
const TOUCH = '(hover: none) and (pointer: coarse)'

export class ChatComposer extends PageElement {
  static override properties: PropertyDeclarations = {
    value: { attribute: false },
    notice: { attribute: false },
    beside: { state: true },
  }

  /** The draft. */
  declare value: string
  /** What is the matter with what was to be sent; empty when nothing is. */
  declare notice: string
  /** What is open beside the words. */
  declare private beside: 'nothing' | 'emoji' | 'voice'

  constructor() {
    super()
    this.value = ''
    this.notice = ''
    this.beside = 'nothing'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('resize', () => this.#fit(), { signal: this.ends })
  }

  /** Puts the caret into the field, behind what is there. */
  override focus(): void {
    const field = this.#field
    if (field === null) return
    field.focus()
    field.setSelectionRange(field.value.length, field.value.length)
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('value') || changed.has('beside')) this.#fit()
  }

  protected override render(): TemplateResult {
    return html`<form class="composer" @submit=${this.#onSubmit}>
      ${this.#said()}
      <input type="file" multiple hidden @change=${this.#onChosen} />
      ${this.beside === 'voice' ? this.#voice() : this.#writing()}
    </form>`
  }

  #said(): TemplateResult | typeof nothing {
    const bytes = utf8Length(this.value)
    if (bytes > TEXT_BYTES)
      return html`<p class="error-text caption" role="alert">
        ${icon('triangle-alert', 'small')}<span>${text('chat.toolong')}</span>
      </p>`
    if (bytes > TEXT_BYTES * NEARLY) {
      const n = Math.floor(((TEXT_BYTES - bytes) * this.value.length) / bytes)
      return html`<p class="caption" role="status">${text('chat.left', { n })}</p>`
    }
    return this.notice === ''
      ? nothing
      : html`<p class="error-text caption" role="alert">
          ${icon('triangle-alert', 'small')}<span>${this.notice}</span>
        </p>`
  }

  #writing(): TemplateResult {
    const picking = this.beside === 'emoji'
    return html`
      ${
        picking
          ? html`<emoji-picker
              @emoji-chosen=${this.#onEmoji}
              @emoji-close=${() => this.#closeEmoji()}
              @keydown=${this.#onEmojiKeydown}
            ></emoji-picker>`
          : nothing
      }
      <div class="composer-field">
        <button
          class="icon-button emoji"
          type="button"
          aria-label=${text('chat.emoji')}
          title=${text('chat.emoji')}
          aria-expanded=${picking ? 'true' : 'false'}
          @pointerenter=${this.#prepareEmoji}
          @focus=${this.#prepareEmoji}
          @click=${this.#toggleEmoji}
        >
          ${icon('smile')}
        </button>
        <textarea
          rows="1"
          dir="auto"
          enterkeyhint=${matchMedia(TOUCH).matches ? 'enter' : 'send'}
          aria-label=${text('chat.write')}
          placeholder=${text('chat.write')}
          .value=${this.value}
          @input=${this.#onInput}
          @keydown=${this.#onKeydown}
          @paste=${this.#onPaste}
        ></textarea>
        <button
          class="icon-button attach"
          type="button"
          aria-label=${text('media.attach')}
          title=${text('media.attach')}
          @click=${this.#choose}
        >
          ${icon('paperclip')}
        </button>
      </div>
      ${this.#action()}
    `
  }

  /** Records while there is nothing to send, sends once there is. */
  #action(): TemplateResult {
    if (this.value === '' && 'MediaRecorder' in window) {
      return html`<button
        class="icon-button record"
        type="button"
        aria-label=${text('chat.record')}
        title=${text('chat.record')}
        @click=${this.#record}
      >
        ${icon('mic')}
      </button>`
    }
    return html`<button
      class="icon-button send"
      type="submit"
      aria-label=${text('chat.send')}
      title=${text('chat.send')}
      ?disabled=${cleaned(this.value) === ''}
    >
      ${icon('send-horizontal')}
    </button>`
  }

  #voice(): TemplateResult {
    return html`<voice-bar
      @voice-recorded=${this.#onRecorded}
      @voice-cancel=${() => this.#closeVoice('')}
      @voice-failed=${({ detail }: CustomEvent<VoiceFault>) => this.#closeVoice(text(`voice.${detail}`))}
    ></voice-bar>`
  }

  get #field(): HTMLTextAreaElement | null {
    return this.querySelector('textarea')
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
    if (files.length > 0) this.#say('files-chosen', files)
  }

  /** So that they are there when they are asked for. What goes wrong is said then. */
  #prepareEmoji = (): void => {
    import('./emoji-picker.ts').then(({ loadEmoji }) => loadEmoji()).catch(() => undefined)
  }

  #toggleEmoji = async (): Promise<void> => {
    if (this.beside === 'emoji') return this.#closeEmoji()
    await import('./emoji-picker.ts').catch(() => {
      this.notice = text('emoji.failed')
    })
    if (customElements.get('emoji-picker') !== undefined) this.beside = 'emoji'
  }

  #closeEmoji(): void {
    this.beside = 'nothing'
    this.#field?.focus()
  }

  #onEmojiKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.#closeEmoji()
  }

  #onEmoji = ({ detail }: CustomEvent<{ emoji: string; byPointer: boolean }>): void => {
    const field = this.#field
    if (field === null) return
    field.setRangeText(detail.emoji, field.selectionStart, field.selectionEnd, 'end')
    this.#take(field.value)
    // On a touch screen the keyboard would come up over the emoji.
    if (detail.byPointer && matchMedia('(hover: hover)').matches) field.focus()
  }

  #record = (): void => {
    this.notice = ''
    this.beside = 'voice'
  }

  #onRecorded = ({ detail }: CustomEvent<VoiceNote>): void => {
    this.#closeVoice('')
    this.#say('voice-recorded', detail)
  }

  #closeVoice(notice: string): void {
    this.beside = 'nothing'
    this.notice = notice
    void this.updateComplete.then(() => this.focus())
  }

  #onInput = (event: Event): void => this.#take((event.target as HTMLTextAreaElement).value)

  #take(value: string): void {
    this.value = value
    this.notice = ''
    this.#say('message-draft', value)
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.beside === 'emoji') {
      event.stopPropagation()
      this.#closeEmoji()
      return
    }
    // An Enter that ends a composition (Chinese, Japanese, Korean) belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || matchMedia(TOUCH).matches) return
    event.preventDefault()
    this.#send()
  }

  #onSubmit = (event: Event): void => {
    event.preventDefault()
    this.#send()
  }

  #send(): void {
    const words = cleaned(this.value)
    if (words === '' || utf8Length(words) > TEXT_BYTES) return
    this.beside = 'nothing'
    this.#say('message-send', words)
    this.#field?.focus()
  }

  #say(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }))
  }

  /** Beside its signs the words have two lines; more of them have the whole width, where that is small. */
  #fit(): void {
    const field = this.#field
    const classes = field?.parentElement?.classList
    if (field === null || classes === undefined) return
    classes.remove('tall')
    grow(field)
    classes.toggle('tall', field.clientHeight > TWO_LINES)
    grow(field)
  }
}

/** As tall as its words, where the browser does not do it by itself. */
function grow(field: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return
  field.style.blockSize = 'auto'
  field.style.blockSize = `${field.scrollHeight}px`
}

/** What of a draft is sent. */
export function cleaned(draft: string): string {
  return draft.replaceAll('\r\n', '\n').replace(FORBIDDEN, '').toWellFormed().trim()
}
