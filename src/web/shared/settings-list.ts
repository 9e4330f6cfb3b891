/**
 * The settings of the pages in this browser, for a dialog or a section of a screen. With `small` those that make sense
 * before there is an account: how the page looks and which language it speaks.
 */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { chooseLanguage, language, LANGUAGES, type Language } from '../strings/language.ts'
import { icon } from './icon.ts'
import { askToNotify, canNotify, mayNotify } from './notifications.ts'
import { define, PageElement } from './page-element.ts'
import { changeSetting, onSettings, setting, THEMES, type Theme } from './settings-store.ts'
import { text } from './text.ts'

const THEME_ICONS: Readonly<Record<Theme, string>> = { system: 'monitor', light: 'sun', dark: 'moon' }

export class SettingsList extends PageElement {
  static override properties: PropertyDeclarations = {
    small: { type: Boolean },
    phone: { type: Boolean },
    refused: { state: true },
  }

  declare small: boolean
  /** On the phone's page: the words say so. */
  declare phone: boolean
  /** The browser does not let this site notify. */
  declare private refused: boolean

  constructor() {
    super()
    this.small = false
    this.phone = false
    this.refused = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    onSettings(() => this.requestUpdate(), this.ends)
  }

  protected override render(): TemplateResult {
    return html`<div class="settings">
      <fieldset>
        <legend>${text('settings.theme')}</legend>
        <div class="segments">${THEMES.map((theme) => this.#theme(theme))}</div>
      </fieldset>
      <label class="setting">
        <span>${text('settings.language')}</span>
        <select class="field" @change=${this.#onLanguage}>
          ${Object.entries(LANGUAGES).map(
            ([tag, name]) => html`<option value=${tag} lang=${tag} ?selected=${tag === language}>${name}</option>`,
          )}
        </select>
      </label>
      ${this.small ? nothing : this.#messages()}
    </div>`
  }

  #theme(theme: Theme): TemplateResult {
    return html`<label>
      <input
        type="radio"
        name="theme"
        value=${theme}
        .checked=${live(setting('theme') === theme)}
        @change=${() => changeSetting('theme', theme)}
      />
      <span>${icon(THEME_ICONS[theme], 'small')} ${text(`settings.theme.${theme}`)}</span>
    </label>`
  }

  #messages(): TemplateResult {
    const notify = mayNotify()
    return html`
      ${this.#switch(text('settings.sound'), '', setting('sound') === 'on', (on) => changeSetting('sound', on ? 'on' : 'off'))}
      ${
        canNotify()
          ? html`${this.#switch(text(this.phone ? 'settings.notify.phone' : 'settings.notify'), this.refused ? text('settings.notify.refused') : '', notify, this.#onNotify)}
            ${
              notify
                ? this.#switch(text('settings.hide'), '', setting('words') === 'off', (hide) =>
                    changeSetting('words', hide ? 'off' : 'on'),
                  )
                : nothing
            }`
          : nothing
      }
    `
  }

  #switch(label: string, hint: string, on: boolean, change: (on: boolean) => unknown): TemplateResult {
    return html`<label class="setting">
      <span
        >${label}${hint === '' ? nothing : html`<small role="alert">${icon('triangle-alert', 'small')}${hint}</small>`}</span
      >
      <input
        class="switch"
        type="checkbox"
        role="switch"
        .checked=${live(on)}
        @change=${(event: Event) => void change((event.target as HTMLInputElement).checked)}
      />
    </label>`
  }

  /** The browser asks, and only now: the person has just said that they want it. */
  #onNotify = async (on: boolean): Promise<void> => {
    this.refused = on && !(await askToNotify())
    changeSetting('notify', on && !this.refused ? 'on' : 'off')
    // The switch shows what is, not what was wished for.
    this.requestUpdate()
    await this.updateComplete
  }

  #onLanguage = (event: Event): void => chooseLanguage((event.target as HTMLSelectElement).value as Language)
}

define('settings-list', SettingsList)
