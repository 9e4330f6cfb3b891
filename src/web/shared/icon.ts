/** Icons of the sprite, and the mark. Decoration: what they say is said in words beside them. */
import { html, svg, type TemplateResult } from 'lit'

/** Point a way of their own, so they turn around where text runs from right to left. */
const MIRRORED = new Set(['send-horizontal', 'chevron-left', 'chevron-right', 'reply', 'log-out'])

/** @param size `small` 16, `large` 32, else 24 pixels */
export function icon(name: string, size: '' | 'small' | 'large' = ''): TemplateResult {
  const classes = `icon ${size} ${MIRRORED.has(name) ? 'mirrored' : ''}`
  return html`<svg class=${classes} viewBox="0 0 24 24" aria-hidden="true">
    ${svg`<use href=${`/icons.svg#${name}`}></use>`}
  </svg>`
}

/** Two interlocked rings. The second passes over the first below, and under it above. */
export function mark(): TemplateResult {
  return html`<svg class="mark" viewBox="0 0 32 24" aria-hidden="true">
    <circle class="second" cx="20.5" cy="12" r="8"></circle>
    <circle class="first" cx="11.5" cy="12" r="8"></circle>
    <path class="second" d="M13.4 15.7A8 8 0 0 0 18.6 19.8"></path>
  </svg>`
}
