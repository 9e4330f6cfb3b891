/** A question in a modal dialog. Escape and what closes the page it belongs to are no answer. */
import { html, render, type TemplateResult } from 'lit'
import { icon } from './icon.ts'
import { text } from './text.ts'

export interface Question {
  title: string | TemplateResult
  body: string | TemplateResult
  yes: string
  /** "Cancel" unless given. Where it is, it does something, too: then there is a way out beside the two. */
  no?: string
  danger?: boolean
}

/** @returns `yes`, `no`, or `dismissed` (Escape, the way out, or `signal`) */
export async function ask(question: Question, signal: AbortSignal): Promise<'yes' | 'no' | 'dismissed'> {
  const { title, body, yes, no, danger } = question
  const answer = await showDialog(
    (close) => html`
      ${
        no === undefined
          ? html`<h2 class="sheet-title" id="ask-title">${title}</h2>`
          : html`<div class="dialog-head">
              <h2 class="sheet-title" id="ask-title" tabindex="-1" autofocus>${title}</h2>
              <button class="icon-button" type="button" aria-label=${text('app.close')} @click=${close('')}>
                ${icon('x')}
              </button>
            </div>`
      }
      <p class="secondary">${body}</p>
      <div class="actions">
        <button class="button quiet" type="button" @click=${close('no')}>${no ?? text('app.cancel')}</button>
        <button class="button ${danger ? 'danger' : ''}" type="button" @click=${close('yes')}>${yes}</button>
      </div>
    `,
    signal,
  )
  return answer === 'yes' || answer === 'no' ? answer : 'dismissed'
}

/**
 * Shows a modal dialog until it is closed.
 * @param content its inside, whose title has the id `ask-title`; `close` closes it with a value
 * @returns that value; empty for none (Escape, or `signal`)
 */
export function showDialog(
  content: (close: (value: string) => () => void) => TemplateResult,
  signal: AbortSignal,
): Promise<string> {
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-labelledby', 'ask-title')
  const close = (value: string) => (): void => dialog.close(value)
  render(html`<div class="stack">${content(close)}</div>`, dialog)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    signal.addEventListener('abort', close(''), { once: true })
    dialog.addEventListener(
      'close',
      () => {
        dialog.remove()
        resolve(dialog.returnValue)
      },
      { once: true },
    )
  })
}
