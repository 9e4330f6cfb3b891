/** The words of a message: text and nothing else, its addresses as links (S28). A few emoji alone stand large. */
import { html, type TemplateResult } from 'lit'
import { countEmoji, splitLinks } from './links.ts'

const LARGE_EMOJI = 3

export function messageWords(words: string): TemplateResult {
  const large = countEmoji(words, LARGE_EMOJI) > 0 ? 'large' : ''
  // Space is kept as it was written: none may stand between the tags.
  return html`<p class="words ${large}" dir="auto">
    ${splitLinks(words).map(({ text: part, href }) =>
      href === undefined ? part : html`<a href=${href} target="_blank" rel="noopener noreferrer">${part}</a>`,
    )}
  </p>`
}
