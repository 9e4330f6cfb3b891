/** Words with elements in them: a number that keeps its direction, a code in bold. */
import { html, type TemplateResult } from 'lit'
import { text, type StringKey } from '../shared/text.ts'

/** The words for `key`; each `{name}` in them is replaced by the part of that name, wherever a language puts it. */
export function richText(key: StringKey, parts: Readonly<Record<string, TemplateResult | string>>): TemplateResult {
  // Words and names take turns: the pattern's group is the name.
  return html`${text(key)
    .split(/\{(\w+)\}/)
    .map((piece, index) => (index % 2 === 0 ? piece : (parts[piece] ?? '')))}`
}
