/** One message in a thread: the server's, or one of our own on its way out. Text is only ever text (S28). */
import { html, nothing, type TemplateResult } from 'lit'
import type { Outgoing } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import { MEDIA_BYTES } from '../../protocol/limits.ts'
import type { Message } from '../../protocol/model.ts'
import { formatClock } from './format.ts'
import { icon } from './icon.ts'
import { mediaOf, outgoingFile } from './message-media.ts'
import './message-quote.ts'
import { messageWords } from './message-words.ts'
import { text } from './text.ts'

export type Tick = 'sending' | 'sent' | 'delivered' | 'read'

/**
 * @param tick of my own message; null for theirs
 * @param onMenu what can be done with it is asked for
 */
export function messageBubble(
  message: Message,
  tick: Tick | null,
  stream: Stream,
  onMenu: (message: Message) => void,
): TemplateResult {
  const side = tick === null ? 'theirs' : 'mine'
  return html`<div class="message ${side}" data-id=${message.id}>
    <div class="bubble-line">
      <div class="bubble">
        ${
          message.deleted
            ? html`<p class="deleted">${text('msg.deleted')}</p>`
            : html`${quoteOf(message, stream)} ${mediaOf(message, stream)}
              ${message.text === undefined ? nothing : messageWords(message.text)}`
        }
        <p class="meta">
          <time dir="auto" datetime=${new Date(message.sentAt).toISOString()}>${formatClock(message.sentAt)}</time>
          ${tick === null || message.deleted ? nothing : tickIcon(tick)}
        </p>
      </div>
      ${
        message.deleted
          ? nothing
          : html`<button
              class="icon-button message-menu"
              type="button"
              aria-haspopup="menu"
              aria-label=${text('msg.menu')}
              @click=${() => onMenu(message)}
            >
              ${icon('ellipsis-vertical', 'small')}
            </button>`
      }
    </div>
  </div>`
}

export function outgoingBubble(message: Outgoing, stream: Stream): TemplateResult {
  return html`<div class="message mine" data-id=${message.id}>
    <div class="bubble-line">
      <div class="bubble">
        ${quoteOf(message, stream)}
        ${message.file === undefined ? nothing : outgoingFile(message, message.file, stream)}
        ${message.text === '' ? nothing : messageWords(message.text)}
        <p class="meta">
          <time dir="auto" datetime=${new Date(message.sentAt).toISOString()}>${formatClock(message.sentAt)}</time>
          ${message.state === 'sending' ? tickIcon('sending') : nothing}
        </p>
      </div>
    </div>
    ${
      message.state === 'failed'
        ? html`<p class="failed">
            ${icon('triangle-alert', 'small')} ${failedWords(message)}
            <button class="link-button" type="button" @click=${() => stream.sendAgain(message.id)}>
              ${text('msg.failed.again')}
            </button>
            <button class="link-button" type="button" @click=${() => stream.discard(message.id)}>
              ${text('msg.failed.delete')}
            </button>
          </p>`
        : nothing
    }
  </div>`
}

function quoteOf({ conversation, replyTo }: Message | Outgoing, stream: Stream): TemplateResult | typeof nothing {
  if (replyTo === undefined) return nothing
  return html`<message-quote .stream=${stream} .conversation=${conversation} .answered=${replyTo}></message-quote>`
}

function failedWords({ file }: Outgoing): string {
  if (file?.failure === 'too_large') return text('media.toobig', { n: MEDIA_BYTES / 1024 ** 2 })
  return text(file?.failure === 'not_allowed' ? 'media.off' : 'msg.failed')
}

/** What stands for a message in the list. */
export function tickIcon(tick: Tick): TemplateResult {
  const name = tick === 'sending' ? 'clock' : tick === 'sent' ? 'check' : 'check-check'
  return html`<span class="tick ${tick}">
    ${icon(name, 'small')}<span class="visually-hidden">${text(`msg.${tick}`)}</span>
  </span>`
}
