/** Asks for the link behind a code, pasted, or the characters that the other screen shows. */
import { html, nothing, type TemplateResult } from 'lit'
import { readEntered } from '../../client/phone-link.ts'
import { text } from '../shared/text.ts'
import { PhoneElement, takeField } from './element.ts'
import { fieldError } from './field-error.ts'

export class PhoneEnterCode extends PhoneElement {
  static override properties = { wrong: { state: true } }

  /** What was entered is no code. */
  declare wrong: boolean

  constructor() {
    super()
    this.wrong = false
  }

  protected override render(): TemplateResult {
    return html`
      <dialog
        class="enter"
        aria-labelledby="enter-title"
        @close=${() => this.dispatchEvent(new CustomEvent('enter-close'))}
      >
        <form novalidate @submit=${this.#submit}>
          <h2 class="sheet-title" id="enter-title">${text('phone.scan.enter')}</h2>
          <label class="labelled">
            <span>${text('phone.enter.label')}</span>
            <input
              class="field"
              name="code"
              autocomplete="off"
              autocapitalize="characters"
              autocorrect="off"
              spellcheck="false"
              enterkeyhint="go"
              dir="ltr"
              aria-invalid=${this.wrong}
              aria-describedby="enter-hint enter-error"
              @input=${() => (this.wrong = false)}
            />
          </label>
          <div>
            ${this.wrong ? nothing : html`<p class="caption" id="enter-hint">${text('phone.enter.hint')}</p>`}
            ${fieldError('enter-error', this.wrong ? text('phone.scan.foreign') : '')}
          </div>
          <div class="actions">
            <button class="button quiet" type="button" @click=${this.#close}>${text('app.cancel')}</button>
            <button class="button">${text('phone.continue')}</button>
          </div>
        </form>
      </dialog>
    `
  }

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal()
  }

  #close = (): void => this.querySelector('dialog')?.close()

  #submit = (event: SubmitEvent): void => {
    const code = readEntered(takeField(event, 'code'), location.origin)
    this.wrong = code === null
    if (code === null) this.querySelector('input')?.focus()
    else this.emit('phone-code', code)
  }
}

customElements.define('phone-enter-code', PhoneEnterCode)
