/** How far a message of one's own has come. */
import { html, type TemplateResult } from 'lit'
import { text } from './text.ts'

export type Tick = 'sending' | 'sent' | 'delivered' | 'read'

/**
 * The icons of the sprite (`clock`, `check`, `check-check`), drawn here: a list scrolls past one with every other message,
 * and a `<use>` costs the browser a copy of what it names each time.
 */
const CLOCK = html`<svg class="icon small" viewBox="0 0 24 24" aria-hidden="true">
  <path d="M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 6v6l4 2"></path>
</svg>`
const CHECK = html`<svg class="icon small" viewBox="0 0 24 24" aria-hidden="true">
  <path d="M20 6 9 17l-5-5"></path>
</svg>`
const CHECKS = html`<svg class="icon small" viewBox="0 0 24 24" aria-hidden="true">
  <path d="M18 6 7 17l-5-5M22 10l-7.5 7.5L13 16"></path>
</svg>`
const DRAWINGS: Readonly<Record<Tick, TemplateResult>> = {
  sending: CLOCK,
  sent: CHECK,
  delivered: CHECKS,
  read: CHECKS,
}

export function tickIcon(tick: Tick): TemplateResult {
  return html`<span class="tick ${tick}"
    >${DRAWINGS[tick]}<span class="visually-hidden">${text(`msg.${tick}`)}</span></span
  >`
}
