/** What can be done with a message, chosen in a menu. */
import { html, type TemplateResult } from 'lit'
import type { StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Message } from '../../protocol/model.ts'
import { choose } from './choose.ts'
import { quoted } from './message-quote.ts'
import { openMenu, type MenuItem } from './popover-menu.ts'
import { text } from './text.ts'

export type MessageAction = 'reply' | 'copy' | 'delete'

/** @param mayAnswer whether anything can be written here */
export function openMessageMenu(
  message: Message,
  state: StreamState,
  mayAnswer: boolean,
  anchor: Element | { x: number; y: number },
  signal: AbortSignal,
): Promise<MessageAction | null> {
  const items: MenuItem<MessageAction>[] = [
    ...(mayAnswer ? [{ value: 'reply' as const, label: text('msg.menu.reply'), icon: 'reply' }] : []),
    ...(message.text === undefined ? [] : [{ value: 'copy' as const, label: text('msg.menu.copy'), icon: 'copy' }]),
    { value: 'delete', label: text('msg.menu.delete'), icon: 'trash-2', danger: true },
  ]
  return openMenu(text('msg.menu.title'), items, anchor, signal, quoteOf(message, state))
}

/** Asks for whom, and deletes it. @returns false when it could not be deleted */
export async function deleteMessage(stream: Stream, message: Message, signal: AbortSignal): Promise<boolean> {
  const own = message.from === 'me'
  const chosen = await choose(
    text('msg.delete.title'),
    quoteOf(message, stream.state),
    [
      ...(own ? [{ value: 'all' as const, label: text('msg.delete.all'), danger: true }] : []),
      { value: 'me', label: text('msg.delete.me'), danger: !own },
    ],
    signal,
  )
  if (chosen === null) return true
  try {
    await stream.deleteMessage(message.conversation, message.id, chosen === 'all')
    return true
  } catch {
    return false
  }
}

function quoteOf({ conversation, id }: Message, state: StreamState): TemplateResult {
  return html`<div class="quote">${quoted(conversation, id, state)}</div>`
}

/** The message of a conversation that a row (`.message`) shows; none for one on its way out. */
export function messageAt(row: Element, conversation: string, state: StreamState): Message | undefined {
  const thread = state.threads.get(conversation)
  const id = row.getAttribute('data-id')
  const mine = row.classList.contains('mine')
  return thread?.messages.find((message) => message.id === id && (message.from === 'me') === mine)
}
