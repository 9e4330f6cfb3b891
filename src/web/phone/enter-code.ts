/** Asks for the link behind a code, pasted, or the characters that the other screen shows. */
import { html, type TemplateResult } from 'lit'
import type { LinkCode } from '../../client/phone-linking.ts'
import { readLinkToken } from '../../client/phone-link.ts'
import { parseTypedCode } from '../../protocol/typed-code.ts'
import { text } from '../shared/text.ts'
import { PhoneElement, takeField } from './element.ts'

/** What keyboards make of a hyphen and a space: any dash or white space of Unicode. */
const BETWEEN = /[\s\p{Pd}]/gu

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
          <p class="caption" id="enter-hint">${text('phone.enter.hint')}</p>
          <p class="error-text" id="enter-error" role="alert">${this.wrong ? text('phone.scan.foreign') : ''}</p>
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
    if (code !== null) this.emit('phone-code', code)
  }
}

/** What somebody entered: the link of this service, or a code to type. @returns null for anything else */
export function readEntered(entered: string, origin: string): LinkCode | null {
  const token = readLinkToken(entered, origin)
  if (token !== null) return { token }
  const code = parseTypedCode(entered.replaceAll(BETWEEN, ''))
  return code === null ? null : { code }
}

customElements.define('phone-enter-code', PhoneEnterCode)
