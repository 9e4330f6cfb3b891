/** One question in a modal dialog, two answers. */
import { html, render, type TemplateResult } from 'lit'
import { text } from './text.ts'

export interface Question {
  title: string | TemplateResult
  body: string | TemplateResult
  yes: string
  /** "Cancel" unless given. */
  no?: string
  danger?: boolean
}

/** @returns `yes`, `no`, or `dismissed` (Escape, or `signal`) */
export function ask(question: Question, signal: AbortSignal): Promise<'yes' | 'no' | 'dismissed'> {
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-labelledby', 'ask-title')
  const answer = (value: string) => () => dialog.close(value)
  render(
    html`<div class="stack">
      <h2 class="sheet-title" id="ask-title">${question.title}</h2>
      <p class="secondary">${question.body}</p>
      <div class="actions">
        <button class="button quiet" type="button" @click=${answer('no')}>${question.no ?? text('app.cancel')}</button>
        <button class="button ${question.danger ? 'danger' : ''}" type="button" @click=${answer('yes')}>
          ${question.yes}
        </button>
      </div>
    </div>`,
    dialog,
  )
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => dialog.close(), { once: true })
    dialog.addEventListener(
      'close',
      () => {
        dialog.remove()
        resolve(dialog.returnValue === 'yes' || dialog.returnValue === 'no' ? dialog.returnValue : 'dismissed')
      },
      { once: true },
    )
  })
}
