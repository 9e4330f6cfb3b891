/** Above the messages: whose conversation it is, the way back, and at its end what the page adds. */
import { html, type nothing, type TemplateResult } from 'lit'
import type { Conversation } from '../../protocol/model.ts'
import { avatar } from './avatar.ts'
import { isSameNumber } from './format.ts'
import { icon } from './icon.ts'
import { text } from './text.ts'

export interface HeaderActions {
  onBack: () => void
  /** At the end of the line; what a page has to add. */
  more: TemplateResult | typeof nothing
}

export function threadHeader(conversation: Conversation, typing: boolean, actions: HeaderActions): TemplateResult {
  const { title } = conversation
  return html`<header class="thread-header">
    <button class="icon-button back" type="button" aria-label=${text('app.back')} @click=${actions.onBack}>
      ${icon('chevron-left')}
    </button>
    ${avatar(title, conversation.avatar, 'small')}
    <div class="thread-title">
      <h2 class="title"><bdi>${title}</bdi></h2>
      <p class="caption">${subtitle(conversation, typing)}</p>
    </div>
    ${actions.more}
  </header>`
}

function subtitle({ peer, title }: Conversation, typing: boolean): TemplateResult | string {
  if (typing) return html`<span class="typing">${text('chat.typing')}</span>`
  return peer.number !== undefined && !isSameNumber(title, peer.number) ? html`<bdi>${peer.number}</bdi>` : ''
}
