/** Above the messages: whose conversation it is, the way back, and on the phone the way to block. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Stream } from '../../client/stream.ts'
import type { Conversation } from '../../protocol/model.ts'
import { ask } from './ask.ts'
import { avatar } from './avatar.ts'
import { isSameNumber } from './format.ts'
import { icon } from './icon.ts'
import { text } from './text.ts'

export interface HeaderActions {
  onBack: () => void
  /** Null where nobody can be blocked. */
  onBlock: (() => void) | null
}

export function threadHeader(conversation: Conversation, typing: boolean, actions: HeaderActions): TemplateResult {
  const { title, peer } = conversation
  return html`<header class="thread-header">
    <button class="icon-button back" type="button" aria-label=${text('app.back')} @click=${actions.onBack}>
      ${icon('chevron-left')}
    </button>
    ${avatar(title, conversation.avatar, 'small')}
    <div class="thread-title">
      <h2 class="title"><bdi>${title}</bdi></h2>
      <p class="caption">${subtitle(conversation, typing)}</p>
    </div>
    ${
      actions.onBlock !== null && peer.gone !== true
        ? html`<button class="button quiet small" type="button" @click=${actions.onBlock}>
            ${text(peer.blocked ? 'chat.unblock' : 'chat.block')}
          </button>`
        : nothing
    }
  </header>`
}

/** Blocks, once asked, or lets in again. @returns false when it did not come about */
export async function toggleBlock(
  stream: Stream,
  { title, peer }: Conversation,
  signal: AbortSignal,
): Promise<boolean> {
  const on = peer.blocked !== true
  if (on) {
    const question = {
      title: text('chat.block.title', { name: title }),
      body: text('chat.block.body'),
      yes: text('chat.block'),
      danger: true,
    }
    if ((await ask(question, signal)) !== 'yes') return true
  }
  try {
    await stream.block(peer.account, on)
    return true
  } catch {
    return false
  }
}

function subtitle({ peer, title }: Conversation, typing: boolean): TemplateResult | string {
  if (typing) return html`<span class="typing">${text('chat.typing')}</span>`
  return peer.number !== undefined && !isSameNumber(title, peer.number) ? html`<bdi>${peer.number}</bdi>` : ''
}
