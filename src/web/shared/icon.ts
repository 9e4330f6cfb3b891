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

/** Two interlocked rings: each passes over the other once. The same drawing as `mark.svg`. */
export function mark(): TemplateResult {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <path class="first" d="M8.95 19.85A8.6 8.6 0 1 1 14.45 19.85"></path>
    <path class="second" d="M23.05 12.15A8.6 8.6 0 1 1 17.55 12.15"></path>
  </svg>`
}
