/**
 * What an incoming message does beside standing in its chat: it is said to who listens, makes a sound, and where the
 * page is hidden becomes a notification. Nothing of it for the chat that is open before the person's eyes but the words.
 */
import type { Stream } from '../../client/stream.ts'
import type { StreamEvent } from '../../protocol/model.ts'
import { describeMedia } from './media-words.ts'
import { createMessageNotifications } from './notifications.ts'
import { setting } from './settings-store.ts'
import { createMessageSound } from './sound.ts'
import { text } from './text.ts'

export interface IncomingOptions {
  stream: Stream
  /** The chat that is open. */
  selected: () => string | null
  /** Says words to who listens. */
  say: (words: string) => void
  /** A notification was clicked. */
  open: (conversation: string) => void
}

/** Follows the stream until `ends`. */
export function followIncoming({ stream, selected, say, open }: IncomingOptions, ends: AbortSignal): void {
  const sound = createMessageSound(ends)
  const notifications = createMessageNotifications(ends)
  const end = stream.observe((frame) => {
    if (frame.type === 'event') take(frame.event)
  })
  ends.addEventListener('abort', end)

  function take(event: StreamEvent): void {
    if (event.kind === 'read' && event.unread === 0) notifications.close(event.conversation)
    if (event.kind !== 'message' || event.message.from === 'me') return
    const { conversation, ...message } = event.message
    const name = stream.state.conversations.get(conversation)?.title ?? ''
    const words = message.text ?? (message.media ? describeMedia(message.media) : '')
    say(text('chat.incoming', { name, text: words }))
    if (conversation === selected() && document.visibilityState === 'visible') return
    if (setting('sound') === 'on') sound.play()
    notifications.show({ conversation, name, words }, () => open(conversation))
  }
}
