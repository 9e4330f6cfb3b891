/** One row of the list of chats: who, what was last, when, and how much of it is unread. */
import { html, nothing, type TemplateResult } from 'lit'
import { lastSentAt, tickOf, type Outgoing } from '../../client/store.ts'
import type { Conversation, Media } from '../../protocol/model.ts'
import { avatar } from './avatar.ts'
import { formatListTime, formatUnread } from './format.ts'
import { icon } from './icon.ts'
import { briefOf, iconOf } from './media-words.ts'
import { tickIcon } from './message-tick.ts'
import { text } from './text.ts'

/** More than a row of the widest list shows. */
const PREVIEW_CHARACTERS = 200

export interface RowState {
  conversation: Conversation
  /** How much the row says is unread. */
  unread: number
  typing: boolean
  draft: string
  /** Of one's own messages on their way out the one that was refused, or else the newest. */
  outgoing: Outgoing | undefined
  /** It is open. */
  current: boolean
  /** The one row that Tab leads to. */
  reachable: boolean
  now: number
}

/** What a message says, or one on its way out. */
interface Said {
  text?: string | undefined
  media?: Pick<Media, 'contentType' | 'name'> | undefined
  deleted?: boolean
}

export function chatRow(row: RowState, open: (id: string) => void): TemplateResult {
  const { conversation, unread, outgoing, current, reachable, now } = row
  const { id, title } = conversation
  const at = lastSentAt(conversation, outgoing)
  return html`<button
    class="chat-row"
    type="button"
    data-id=${id}
    tabindex=${reachable ? '0' : '-1'}
    aria-current=${current ? 'true' : 'false'}
    @click=${() => open(id)}
  >
    ${avatar(title, conversation.avatar)}
    <bdi class="chat-name">${title}</bdi>
    ${at === null ? nothing : rowTime(at, now, unread > 0)}
    <span class="chat-preview">
      ${preview(row)}
      ${
        unread > 0
          ? html`<span class="badge">
              <span aria-hidden="true" dir="ltr">${formatUnread(unread)}</span>
              <span class="visually-hidden">${text('chat.unread', { n: unread })}</span>
            </span>`
          : nothing
      }
    </span>
  </button>`
}

/** @param fresh something in the chat is unread */
export function rowTime(at: number, now: number, fresh = false): TemplateResult {
  return html`<time class="chat-time ${fresh ? 'fresh' : ''}" dir="auto" datetime=${new Date(at).toISOString()}>
    ${formatListTime(at, now)}
  </time>`
}

function preview({ conversation, typing, draft, outgoing, current }: RowState): TemplateResult {
  const { last } = conversation
  if (typing) return html`<em class="words typing">${text('chat.typing')}</em>`
  if (outgoing?.state === 'failed') {
    return html`<span class="not-sent">${icon('triangle-alert', 'small')} ${text('msg.failed')}</span>`
  }
  // Of the chat that is open the draft is in the composer.
  if (draft !== '' && !current) {
    return html`<span class="draft">${text('app.draft')}</span> ${previewWords(draft)}`
  }
  if (outgoing !== undefined) {
    return html`${tickIcon('sending')} ${lastWords({ text: outgoing.text || undefined, media: outgoing.file })}`
  }
  if (last === null) return html`<span class="words">${text('chat.none')}</span>`
  const tick = last.from === 'me' && !last.deleted ? tickIcon(tickOf(conversation, last)) : nothing
  return html`${tick} ${lastWords(last)}`
}

/** Cut at their own end, whichever way they run. */
function previewWords(words: string): TemplateResult {
  return html`<bdi class="words">${words.slice(0, PREVIEW_CHARACTERS)}</bdi>`
}

function lastWords({ deleted, text: words, media }: Said): TemplateResult {
  if (deleted) return html`<em class="words">${text('msg.deleted')}</em>`
  if (media === undefined) return previewWords(words ?? '')
  return html`${icon(iconOf(media), 'small')} ${previewWords(words ?? briefOf(media))}`
}
