/** The button that opens the settings in a dialog. Says `sign-out` where the page can. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { common } from '../strings/en/common.ts'
import { icon } from './icon.ts'
import { define, PageElement } from './page-element.ts'
import { onSettings } from './settings-store.ts'
import { text, useEnglish } from './text.ts'

useEnglish(common)

export class SettingsButton extends PageElement {
  static override properties: PropertyDeclarations = {
    small: { type: Boolean },
    mayLeave: { attribute: 'may-leave', type: Boolean },
    opened: { state: true },
  }

  /** Theme and language only. */
  declare small: boolean
  /** There is an account to sign out of. */
  declare mayLeave: boolean
  declare private opened: boolean

  constructor() {
    super()
    this.small = false
    this.mayLeave = false
    this.opened = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // The theme follows what is chosen in another window, also while the dialog is closed.
    onSettings(() => this.requestUpdate(), this.ends)
  }

  protected override render(): TemplateResult {
    return html`
      <button
        class="icon-button"
        type="button"
        aria-label=${text('settings.title')}
        title=${text('settings.title')}
        aria-haspopup="dialog"
        @click=${this.#open}
      >
        ${icon('settings')}
      </button>
      <dialog class="settings-dialog" aria-labelledby="settings-title" @close=${this.#onClose} @click=${this.#onClick}>
        <div class="stack">
          <div class="dialog-head">
            <h2 class="sheet-title" id="settings-title">${text('settings.title')}</h2>
            <button class="icon-button" type="button" aria-label=${text('settings.close')} @click=${this.#close}>
              ${icon('x')}
            </button>
          </div>
          ${this.opened ? html`<settings-list ?small=${this.small}></settings-list>` : nothing}
          ${
            this.mayLeave
              ? html`<button class="button outline" type="button" @click=${this.#leave}>
                  ${icon('log-out', 'small')} ${text('settings.signout')}
                </button>`
              : nothing
          }
        </div>
      </dialog>
    `
  }

  #open = async (): Promise<void> => {
    // Without it, offline, one can still sign out.
    await import('./settings-list.ts').catch(() => undefined)
    this.opened = true
    await this.updateComplete
    this.querySelector('dialog')?.showModal()
  }

  #close = (): void => this.querySelector('dialog')?.close()

  #onClose = (): void => {
    this.opened = false
  }

  /** A click beside it closes it. */
  #onClick = (event: MouseEvent): void => {
    if (event.target === event.currentTarget) this.#close()
  }

  #leave = (): void => {
    this.#close()
    this.dispatchEvent(new CustomEvent('sign-out', { bubbles: true }))
  }
}

define('settings-button', SettingsButton)
