/** The panel of two columns: what to do, and in the code's place what stands there now. */
import { html, nothing, type TemplateResult } from 'lit'
import type { CompanionClient } from '../../client/companion-client.ts'
import type { CodeNote } from '../../client/companion-state.ts'
import { icon, mark } from '../shared/icon.ts'
import { text } from '../shared/text.ts'
import { button } from './link-notices.ts'

/** How far a phone has come: it looks for the code, or it holds it and the person decides, also with a number to type. */
export type Progress = 'scan' | 'approve' | 'match'

export function stepsPanel(
  right: TemplateResult,
  client: CompanionClient | null,
  { note = null, progress = 'scan' }: { note?: CodeNote | null; progress?: Progress } = {},
): TemplateResult {
  const last = progress === 'match' ? 'link.match.step3' : 'link.ready.step3'
  return html`
    <div class="steps">
      <h1 class="screen-title">${text('link.ready.title')}</h1>
      ${note === null ? nothing : noteBox(note)}
      <ol>
        ${(['link.ready.step1', 'link.ready.step2', last] as const).map((key, index) => {
          const done = progress !== 'scan' && key !== last
          const current = progress !== 'scan' && !done
          return html`<li class=${done ? 'done' : nothing} aria-current=${current ? 'step' : nothing}>
            <span class="number" aria-hidden="true">${done ? icon('check', 'small') : index + 1}</span>
            <span>${text(key)}</span>
          </li>`
        })}
      </ol>
      <div class="choices">
        ${keepChoice(client)}
        ${
          progress === 'scan'
            ? html`<button class="button quiet typed-open" type="button" @click=${() => client?.spell()}>
                ${icon('keyboard')} ${text('link.typed.open')}
              </button>`
            : nothing
        }
      </div>
      ${caution()}
    </div>
    <div class="code-column">${right}</div>
  `
}

/** "Keep me signed in". */
export function keepChoice(client: CompanionClient | null): TemplateResult {
  return html`<label class="check">
    <input
      type="checkbox"
      .checked=${client?.state.keep ?? true}
      ?disabled=${client === null}
      @change=${(event: Event) => client?.setKeep((event.target as HTMLInputElement).checked)}
    />
    <span>${text('link.keep.label')}<small>${text('link.keep.hint')}</small></span>
  </label>`
}

export function caution(): TemplateResult {
  return html`<p class="caution">${icon('shield-alert')} <span>${text('link.warning')}</span></p>`
}

/** In the code's place, before there is one. */
export function waitingBox(slow: boolean): TemplateResult {
  return html`<div class="code-box waiting">
    ${mark()}
    <p class="caption">${slow ? text('link.connecting') : nothing}</p>
  </div>`
}

export function idleBox(client: CompanionClient | null): TemplateResult {
  return html`<div class="code-box state">
    <span class="emblem">${icon('clock', 'large')}</span>
    <h2 class="title" tabindex="-1">${text('link.idle.title')}</h2>
    <p class="secondary">${text('link.idle.body')}</p>
    ${button('link.idle.action', () => client?.wake())}
  </div>`
}

export function scannedBox(client: CompanionClient | null): TemplateResult {
  return html`<div class="code-box state">
    <span class="emblem good">${icon('smartphone', 'large')}</span>
    <h2 class="title" tabindex="-1">${text('link.scanned.title')}</h2>
    <p class="secondary">${text('link.scanned.body')}</p>
    ${button('link.scanned.action', () => client?.wake(), 'outline')}
  </div>`
}

export function matchBox(digits: string, client: CompanionClient | null): TemplateResult {
  return html`<div class="code-box state match">
    <h2 class="caption" tabindex="-1">${text('link.match.title')}</h2>
    <p class="digits"><bdi>${digits}</bdi></p>
    ${button('link.match.action', () => client?.wake(), 'outline')}
  </div>`
}

function noteBox(note: CodeNote): TemplateResult {
  return html`<div class="box warn note">
    ${icon('triangle-alert')}
    <div>
      <p><strong>${text(`link.${note}.title`)}</strong></p>
      <p>${text(`link.${note}.body`)}</p>
    </div>
  </div>`
}
