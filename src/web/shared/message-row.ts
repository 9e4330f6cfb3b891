/** One row of a list of messages: what stands before it, and the message, or what stands for those that are not there. */
import { html, nothing, type TemplateResult } from 'lit'
import { classMap } from 'lit/directives/class-map.js'
import { ifDefined } from 'lit/directives/if-defined.js'
import { formatDay } from './format.ts'
import { dayOf, isMessage, isOutgoing, keyOf, type Item, type Standing } from './message-items.ts'
import { text } from './text.ts'

export interface Row {
  item: Item
  standing: Standing
  /** Arrived just now. */
  fresh: boolean
  /** Was sought and is shown. */
  found: boolean
  /** Outside of the window of rows, kept for the focus or a sound in it. */
  kept: boolean
  /** Its number among all, from 1; undefined while it is not known how many there are before. */
  position: number | undefined
  /** How many there are; -1 while it is not known. */
  of: number
  /** The line above the first unread message. */
  unread: number
}

/** @param content the message's bubble, or what stands for those that are missing */
export function messageRow(row: Row, content: unknown, now: number): TemplateResult {
  const { item, standing } = row
  const written = isMessage(item) || isOutgoing(item)
  const classes = {
    row: true,
    'group-start': standing.first,
    'group-end': standing.last,
    arrives: row.fresh,
    found: row.found,
    kept: row.kept,
  }
  return html`<li
    class=${classMap(classes)}
    data-key=${keyOf(item)}
    tabindex=${ifDefined(written ? -1 : undefined)}
    aria-posinset=${ifDefined(written ? row.position : undefined)}
    aria-setsize=${ifDefined(written ? row.of : undefined)}
  >
    ${standing.day && written ? html`<p class="day"><span>${formatDay(dayOf(item), now)}</span></p>` : nothing}
    ${standing.unread ? html`<p class="unread-line"><span>${text('chat.unread.line', { n: row.unread })}</span></p>` : nothing}
    ${content}
  </li>`
}

/** Messages are on their way, or could not be loaded. */
export function waitingRow(failed: boolean, onAgain: () => void): TemplateResult {
  if (!failed) return html`<p class="caption loading">${text('chat.loading')}</p>`
  return html`<p class="caption loading">
    ${text('chat.failed')}
    <button class="link-button" type="button" @click=${onAgain}>${text('chat.failed.action')}</button>
  </p>`
}
