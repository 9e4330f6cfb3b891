/** The drawing of a state with nothing else to show: an icon of the sprite in a disc, another one at its edge. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../shared/icon.ts'

export type Tone = '' | 'ok' | 'warn' | 'danger'

/** @param badge a smaller icon at the disc's edge */
export function emblem(name: string, tone: Tone = '', badge = ''): TemplateResult {
  return html`<span class="emblem ${tone}">
    ${icon(name, 'large')}${badge === '' ? nothing : html`<span class="emblem-badge">${icon(badge, 'small')}</span>`}
  </span>`
}

/** Of a state that something went wrong: its icon says so, and its colour with it. */
export function toneOf(name: string): Tone {
  return name.endsWith('alert') || name === 'clock' ? 'warn' : ''
}

/** A tick that is drawn as by a hand. */
export function drawnTick(): TemplateResult {
  return html`<span class="emblem ok">
    <svg class="icon large tick-drawn" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M20 6 9 17l-5-5" pathLength="1"></path>
    </svg>
  </span>`
}
