/** What a message answers, in short: whose it is and its first words, or what kind of media. */
import { html, nothing, type TemplateResult } from 'lit'
import type { StreamState } from '../../client/store.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import type { Message } from '../../protocol/model.ts'
import { describeMedia } from './media-words.ts'
import { text } from './text.ts'

/** In a bubble: pressed, it says `message-goto` (detail: id), which bubbles. */
export function quoteButton(conversation: string, id: string, state: StreamState): TemplateResult {
  return html`<button class="quote" type="button" @click=${(event: Event) => goTo(event, id)}>
    <span class="visually-hidden">${text('msg.quote')}</span>${quoted(conversation, id, state)}
  </button>`
}

/** The inside of a quote. */
export function quoted(conversation: string, id: string, state: StreamState): TemplateResult {
  const thread = state.threads.get(conversation)
  const message = thread?.messages.find((known) => known.id === id)
  if (message === undefined) {
    const missing = thread?.more === false ? 'msg.quote.missing' : 'msg.quote.earlier'
    return html`<span class="quote-words"><span class="quote-line">${text(missing)}</span></span>`
  }
  const thumb = message.media && mediaKind(message.media.contentType) === 'image' ? message.media.thumb : undefined
  return html`<span class="quote-words">
      <bdi class="quote-author">${authorOf(message, state)}</bdi>
      <span class="quote-line" dir="auto">${wordsOf(message)}</span>
    </span>
    ${thumb === undefined ? nothing : html`<img class="quote-thumb" src=${thumb} alt="" width="40" height="40" />`}`
}

/** "You", or the name that the conversation has. */
export function authorOf(message: Message, state: StreamState): string {
  return message.from === 'me' ? text('msg.you') : (state.conversations.get(message.conversation)?.title ?? '')
}

function wordsOf({ deleted, text: words, media }: Message): string {
  if (deleted) return text('msg.deleted')
  return words ?? (media === undefined ? '' : describeMedia(media))
}

function goTo(event: Event, id: string): void {
  event.currentTarget?.dispatchEvent(new CustomEvent('message-goto', { detail: id, bubbles: true }))
}
