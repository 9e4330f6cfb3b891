/** A code to type, for who cannot scan: large, read letter by letter, with the time that it is good for. */
import { html, nothing, type TemplateResult } from 'lit'
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CompanionView } from '../../client/companion-state.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { button } from './link-notices.ts'
import { caution, keepChoice } from './link-panel.ts'

const MINUTE_MS = 60_000

export function typedPanel(
  view: CompanionView & { name: 'typed' },
  client: CompanionClient | null,
  now: number,
): TemplateResult {
  const [before, after] = text('link.typed.body', { host: '\0' }).split('\0/phone')
  return html`
    <div class="steps">
      <h1 class="screen-title" tabindex="-1">${text('link.typed.title')}</h1>
      <p class="lead">
        ${before}<b><bdi dir="ltr">${location.host}/phone</bdi></b
        >${after}
      </p>
      <div class="choices">${keepChoice(client)}</div>
      ${caution()}
    </div>
    <div class="code-column">
      <div class="code-box state typed">
        <p class="typed-code">
          <bdi aria-hidden="true">${view.code}</bdi>
          <span class="visually-hidden">${spellOut(view.code)}</span>
        </p>
        <p class="caption">
          ${icon('clock', 'small')} ${text('link.typed.time', { n: minutesLeft(view.expiresAt, now) })}
        </p>
        <div class="typed-actions">
          ${view.more ? button('link.typed.more', () => client?.spell(), 'outline') : nothing}
          <button class="button quiet" type="button" @click=${() => client?.wake()}>
            ${icon('qr-code')} ${text('link.typed.back')}
          </button>
        </div>
      </div>
    </div>
  `
}

/** Letter by letter, a pause between the two halves. */
export function spellOut(code: string): string {
  return code
    .split('-')
    .map((half) => half.split('').join(' '))
    .join(', ')
}

/** Whole minutes: a clock that counts seconds only hurries. */
export function minutesLeft(expiresAt: number, now: number): number {
  return Math.max(1, Math.ceil((expiresAt - now) / MINUTE_MS))
}
