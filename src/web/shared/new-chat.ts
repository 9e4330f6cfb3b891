/** The dialog that starts a chat by number. Says `chat-open` (detail: id) and closes when there is one. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { isRequestError } from '../../client/requests.ts'
import type { Stream } from '../../client/stream.ts'
import { parseTypedNumber } from './format.ts'
import { icon } from './icon.ts'
import { PageElement } from './page-element.ts'
import { text, type StringKey } from './text.ts'

export class NewChat extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    busy: { state: true },
    problem: { state: true },
  }

  declare stream: Stream
  declare private busy: boolean
  declare private problem: StringKey | null

  constructor() {
    super()
    this.busy = false
    this.problem = null
  }

  open(): void {
    this.problem = null
    this.querySelector('form')?.reset()
    this.querySelector('dialog')?.showModal()
  }

  protected override render(): TemplateResult {
    return html`<dialog aria-labelledby="new-chat-title">
      <form @submit=${this.#onSubmit}>
        <h2 class="sheet-title" id="new-chat-title">${text('app.newchat.title')}</h2>
        <label>
          <span>${text('app.newchat.label')}</span>
          <input
            class="field"
            name="number"
            type="tel"
            inputmode="tel"
            autocomplete="off"
            dir="ltr"
            required
            aria-describedby="new-chat-hint"
            aria-invalid=${this.problem === null ? 'false' : 'true'}
          />
          <small class="caption" id="new-chat-hint" role=${this.problem === null ? nothing : 'alert'}>
            ${
              this.problem === null
                ? text('app.newchat.hint')
                : html`<span class="error-text"
                    >${icon('triangle-alert', 'small')}<span>${text(this.problem)}</span></span
                  >`
            }
          </small>
        </label>
        <div class="actions">
          <button class="button quiet" type="button" @click=${this.#close}>${text('app.cancel')}</button>
          <button class="button" type="submit" ?disabled=${this.busy}>${text('app.newchat.action')}</button>
        </div>
      </form>
    </dialog>`
  }

  #close = (): void => this.querySelector('dialog')?.close()

  #fail(problem: StringKey): void {
    this.problem = problem
    this.querySelector('input')?.focus()
  }

  #onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget as HTMLFormElement).get('number')
    const number = parseTypedNumber(typeof typed === 'string' ? typed : '')
    if (number === null) {
      this.#fail('app.newchat.invalid')
      return
    }
    this.busy = true
    this.problem = null
    try {
      const { id } = await this.stream.start(number)
      this.#close()
      this.dispatchEvent(new CustomEvent('chat-open', { detail: id, bubbles: true }))
    } catch (error) {
      this.#fail(problemOf(error))
    } finally {
      this.busy = false
    }
  }
}

function problemOf(error: unknown): StringKey {
  const code = isRequestError(error) ? error.code : null
  if (code === 'not_found') return 'app.newchat.not_found'
  if (code === 'bad_request') return 'app.newchat.invalid'
  return code === 'rate_limited' ? 'app.newchat.rate_limited' : 'app.newchat.failed'
}
