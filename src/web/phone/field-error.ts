/** What is wrong with a field, in one look on every screen: said aloud when it comes, tied to the field by its id. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../shared/icon.ts'

/**
 * The line below a field; without words it takes no room.
 * @param id for the field's `aria-describedby`
 */
export function fieldError(id: string, words: TemplateResult | string): TemplateResult {
  return html`<p class="field-error" id=${id} role="alert">
    ${words === '' ? nothing : html`${icon('triangle-alert', 'small')}<span>${words}</span>`}
  </p>`
}
