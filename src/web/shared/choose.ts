/** One of several things to do, in a modal dialog. Escape and "Cancel" choose none. */
import { html, type TemplateResult } from 'lit'
import { showDialog } from './ask.ts'
import { text } from './text.ts'

export interface Choice<T extends string> {
  value: T
  label: string
  danger?: boolean
}

/** @param about what it is done to @returns what was chosen; null for nothing (or `signal`) */
export async function choose<T extends string>(
  title: string,
  about: TemplateResult,
  choices: readonly Choice<T>[],
  signal: AbortSignal,
): Promise<T | null> {
  const chosen = await showDialog(
    (close) => html`
      <h2 class="sheet-title" id="ask-title">${title}</h2>
      ${about}
      ${choices.map(
        ({ value, label, danger }) =>
          html`<button class="button ${danger ? 'danger' : 'outline'}" type="button" @click=${close(value)}>
            ${label}
          </button>`,
      )}
      <button class="button quiet" type="button" @click=${close('')}>${text('app.cancel')}</button>
    `,
    signal,
  )
  return choices.find(({ value }) => value === chosen)?.value ?? null
}
