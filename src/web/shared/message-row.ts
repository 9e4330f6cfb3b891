/** One row of a list of messages: what stands before it, and the message, or what stands for those that are not there. */
import { html, nothing, type TemplateResult } from 'lit'
import { ifDefined } from 'lit/directives/if-defined.js'
import type { Stream } from '../../client/stream.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { avatar } from './avatar.ts'
import { formatDay } from './format.ts'
import { messageBubble, outgoingBubble } from './message-bubble.ts'
import { dayOf, isMessage, isOutgoing, keyOf, type Item, type Standing } from './message-items.ts'
import type { Tick } from './message-tick.ts'
import { text } from './text.ts'

/** All that a row is made of: with the same values it is the same. */
export interface Row extends Standing {
  item: Item
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
  /** The number in the line above the first unread message. */
  unreadCount: number
  /** Of a message of one's own. */
  tick: Tick | null
  /** What stands where there is no message: `waiting` for the first, or with whom nothing was said yet. */
  instead: 'loading' | 'waiting' | 'failed' | Conversation | null
}

export interface RowActions {
  /** What can be done with a message is asked for. */
  menu: (message: Message) => void
  /** To load what could not be loaded. */
  again: () => void
}

export function messageRow(row: Row, now: number, stream: Stream, actions: RowActions): TemplateResult {
  const { item } = row
  const written = isMessage(item) || isOutgoing(item)
  return html`<li
    class=${classesOf(row)}
    data-key=${keyOf(item)}
    tabindex=${ifDefined(written ? -1 : undefined)}
    aria-posinset=${ifDefined(written ? row.position : undefined)}
    aria-setsize=${ifDefined(written ? row.of : undefined)}
  >
    ${row.day && written ? html`<p class="day"><span>${formatDay(dayOf(item), now)}</span></p>` : nothing}
    ${row.unread ? html`<p class="unread-line"><span>${text('chat.unread.line', { n: row.unreadCount })}</span></p>` : nothing}
    ${contentOf(row, stream, actions)}
  </li>`
}

/** A conversation in which nothing was said yet. */
function greeting({ title, avatar: picture }: Conversation): TemplateResult {
  return html`<div class="greeting">
    ${avatar(title, picture)}
    <p class="sheet-title"><bdi>${title}</bdi></p>
    <p class="secondary">${text('chat.greeting')}</p>
  </div>`
}

/** In the place of messages that are on their way. */
function ghosts(): TemplateResult {
  return html`<div class="talk-ghosts" aria-hidden="true">
      <span></span><span></span><span></span><span></span><span></span><span></span>
    </div>
    <p class="visually-hidden">${text('chat.loading')}</p>`
}

function contentOf({ item, tick, instead }: Row, stream: Stream, actions: RowActions): TemplateResult {
  if (isMessage(item)) return messageBubble(item, tick, stream, actions.menu)
  if (isOutgoing(item)) return outgoingBubble(item, stream)
  if (instead !== null && typeof instead === 'object') return greeting(instead)
  if (instead === 'waiting') return ghosts()
  if (instead !== 'failed') return html`<p class="caption loading">${text('chat.loading')}</p>`
  return html`<p class="caption loading">
    ${text('chat.failed')}
    <button class="link-button" type="button" @click=${actions.again}>${text('chat.failed.action')}</button>
  </p>`
}

function classesOf({ first, last, fresh, found, kept }: Row): string {
  let classes = 'row'
  if (first) classes += ' group-start'
  if (last) classes += ' group-end'
  if (fresh) classes += ' arrives'
  if (found) classes += ' found'
  return kept ? `${classes} kept` : classes
}
