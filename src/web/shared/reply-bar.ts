/** Above the composer: the message that the next one answers, until it is sent or called off. */
import { html, type TemplateResult } from 'lit'
import type { StreamState } from '../../client/store.ts'
import type { Conversation } from '../../protocol/model.ts'
import { icon } from './icon.ts'
import { authorOf, quoted } from './message-quote.ts'
import { text } from './text.ts'

/** @param id of the message that is answered */
export function replyBar(
  { id: conversation }: Conversation,
  id: string,
  state: StreamState,
  onCancel: () => void,
): TemplateResult {
  const message = state.threads.get(conversation)?.messages.find((known) => known.id === id)
  const name = message === undefined ? '' : authorOf(message, state)
  return html`<div class="reply-bar" role="group" aria-label=${text('msg.reply.to', { name })}>
    ${icon('reply')}
    <div class="quote">${quoted(conversation, id, state)}</div>
    <button
      class="icon-button"
      type="button"
      aria-label=${text('msg.reply.cancel')}
      title=${text('msg.reply.cancel')}
      @click=${onCancel}
    >
      ${icon('x')}
    </button>
  </div>`
}
