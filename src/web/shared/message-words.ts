/** The words of a message: text and nothing else, its addresses as links (S28). A few emoji alone stand large. */
import { html, type TemplateResult } from 'lit'
import { countEmoji, splitLinks, type TextPart } from './links.ts'

const LARGE_EMOJI = 3

export function messageWords(words: string): TemplateResult {
  const classes = countEmoji(words, LARGE_EMOJI) > 0 ? 'words large' : 'words'
  const parts = splitLinks(words).map(part)
  // Space is shown as it was written: none may stand between the tags.
  return html`<p class=${classes} dir="auto">${parts}</p>`
}

function part({ text, href }: TextPart): TemplateResult | string {
  if (href === undefined) return text
  return html`<a href=${href} target="_blank" rel="noopener noreferrer">${text}</a>`
}
