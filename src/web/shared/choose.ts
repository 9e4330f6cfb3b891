/** One of several things to do, in a modal dialog. Escape and "Cancel" choose none. */
import { html, render } from 'lit'
import { text } from './text.ts'

export interface Choice<T extends string> {
  value: T
  label: string
  danger?: boolean
}

/** @returns what was chosen; null for nothing (or `signal`) */
export function choose<T extends string>(
  title: string,
  choices: readonly Choice<T>[],
  signal: AbortSignal,
): Promise<T | null> {
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-labelledby', 'choose-title')
  render(
    html`<div class="stack">
      <h2 class="sheet-title" id="choose-title">${title}</h2>
      ${choices.map(
        ({ value, label, danger }) =>
          html`<button
            class="button ${danger ? 'danger' : 'outline'}"
            type="button"
            @click=${() => dialog.close(value)}
          >
            ${label}
          </button>`,
      )}
      <button class="button quiet" type="button" @click=${() => dialog.close('')}>${text('app.cancel')}</button>
    </div>`,
    dialog,
  )
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => dialog.close(''), { once: true })
    dialog.addEventListener(
      'close',
      () => {
        dialog.remove()
        resolve(choices.find(({ value }) => value === dialog.returnValue)?.value ?? null)
      },
      { once: true },
    )
  })
}
