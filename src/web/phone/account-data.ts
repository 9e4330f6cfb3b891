/** The person's data: taking it away as a file, and deleting the account, which asks for a typed word first. */
import { html, nothing, type TemplateResult } from 'lit'
import type { PhoneApi } from '../../client/phone-api.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { PhoneElement } from './element.ts'
import { richText } from './rich-text.ts'
import { isTyped, sayErrorLine } from './words.ts'

/** How long a file's address is kept for the browser to begin its download. */
const ADDRESS_KEPT_MS = 60_000

export class PhoneAccountData extends PhoneElement {
  static override properties = {
    api: { attribute: false },
    exporting: { state: true },
    asking: { state: true },
    deleting: { state: true },
    typed: { state: true },
    said: { state: true },
    failed: { state: true },
  }

  declare api: PhoneApi
  declare exporting: boolean
  declare asking: boolean
  declare deleting: boolean
  declare typed: string
  declare said: string
  declare failed: boolean

  constructor() {
    super()
    this.exporting = false
    this.asking = false
    this.deleting = false
    this.typed = ''
    this.said = ''
    this.failed = false
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog')
    if (dialog !== null && !dialog.open) dialog.showModal()
  }

  protected override render(): TemplateResult {
    return html`
      <div class="card stack">
        <h2 class="title">${text('phone.data.title')}</h2>
        <button class="button outline tall" type="button" ?disabled=${this.exporting} @click=${this.#export}>
          ${this.exporting ? html`<span class="turning" aria-hidden="true"></span>` : icon('download')}${text(this.exporting ? 'phone.data.exporting' : 'phone.data.export')}
        </button>
        <p class="caption">${text('phone.data.hint')}</p>
        <button class="button outline tall danger-text" type="button" @click=${() => this.#ask(true)}>
          ${icon('trash-2')}${text('phone.delete.action')}
        </button>
        <p class=${this.failed ? 'error-text' : 'secondary'} role="status">${this.said}</p>
      </div>
      ${this.asking ? this.#dialog() : nothing}
    `
  }

  #dialog(): TemplateResult {
    const word = text('phone.delete.word')
    return html`<dialog aria-labelledby="delete-title" @close=${() => this.#ask(false)}>
      <form class="stack" method="dialog" @submit=${this.#delete}>
        <h2 class="sheet-title" id="delete-title">${text('phone.delete.title')}</h2>
        <p class="secondary">${text('phone.delete.body')}</p>
        <label class="labelled">
          <span>${richText('phone.delete.label', { word: html`<b>${word}</b>` })}</span>
          <input
            class="field"
            autocomplete="off"
            autocapitalize="characters"
            .value=${this.typed}
            @input=${(event: InputEvent) => {
              this.typed = (event.target as HTMLInputElement).value
            }}
          />
        </label>
        <div class="actions">
          <button class="button quiet" type="button" @click=${() => this.#ask(false)}>${text('app.cancel')}</button>
          <button class="button danger" ?disabled=${this.deleting || !isTyped(this.typed, word)}>
            ${text(this.deleting ? 'phone.delete.deleting' : 'phone.delete.action')}
          </button>
        </div>
      </form>
    </dialog>`
  }

  #ask(on: boolean): void {
    this.asking = on
    this.typed = ''
  }

  #export = async (): Promise<void> => {
    this.exporting = true
    this.#say('')
    const answer = await this.api.exportAccount()
    this.exporting = false
    if (!answer.ok) return this.#say(sayErrorLine(answer.code, answer.retryAfter), true)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(answer.value)
    link.download = 'tandem-export.zip'
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), ADDRESS_KEPT_MS)
    this.#say(text('phone.data.ready'))
  }

  #delete = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (this.deleting || !isTyped(this.typed, text('phone.delete.word'))) return
    this.deleting = true
    const answer = await this.api.deleteAccount()
    this.deleting = false
    this.#ask(false)
    // Refused as unauthorized, it was deleted by a call whose answer was lost.
    if (answer.ok || answer.code === 'unauthorized') this.emit('phone-sign-out', null)
    else this.#say(sayErrorLine(answer.code, answer.retryAfter), true)
  }

  #say(words: string, failed = false): void {
    this.said = words
    this.failed = failed
  }
}

customElements.define('phone-account-data', PhoneAccountData)
