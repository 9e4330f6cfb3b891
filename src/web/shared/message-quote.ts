/** What a message answers, in short: whose it is and its first words, or what kind of media. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import { mediaKind } from '../../protocol/media-types.ts'
import type { Message } from '../../protocol/model.ts'
import { icon } from './icon.ts'
import { briefOf, iconOf } from './media-words.ts'
import { define, PageElement } from './page-element.ts'
import { text } from './text.ts'

/**
 * In a bubble. It follows the message that is answered by itself: that may be taken back, or come to be known, while its
 * own message stays as it is. Pressed, it says `message-goto` (detail: id), which bubbles.
 */
class MessageQuote extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    conversation: { attribute: false },
    answered: { attribute: false },
    message: { state: true },
  }

  declare stream: Stream
  declare conversation: string
  /** The id of the message that is answered. */
  declare answered: string
  declare private message: Message | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.ends.addEventListener(
      'abort',
      this.stream.subscribe(() => this.#look()),
    )
  }

  protected override willUpdate(): void {
    this.#look()
  }

  protected override render(): TemplateResult {
    return html`<button class="quote" type="button" @click=${this.#goTo}>
      <span class="visually-hidden">${text('msg.quote')}</span>${quoted(
        this.conversation,
        this.answered,
        this.stream.state,
      )}
    </button>`
  }

  #look(): void {
    this.message = messageIn(this.conversation, this.answered, this.stream.state)
  }

  #goTo = (): void => {
    this.dispatchEvent(new CustomEvent('message-goto', { detail: this.answered, bubbles: true }))
  }
}

/** The inside of a quote. */
export function quoted(conversation: string, id: string, state: StreamState): TemplateResult {
  const message = messageIn(conversation, id, state)
  if (message === undefined) {
    const missing = state.threads.get(conversation)?.more === false ? 'msg.quote.missing' : 'msg.quote.earlier'
    return html`<span class="quote-words"><span class="quote-line">${text(missing)}</span></span>`
  }
  const media = message.deleted ? undefined : message.media
  const thumb = media && mediaKind(media.contentType) === 'image' ? media.thumb : undefined
  return html`<span class="quote-words">
      <bdi class="quote-author">${authorOf(message, state)}</bdi>
      <span class="quote-line" dir="auto"
        ><span>${media && icon(iconOf(media), 'small')}${wordsOf(message)}</span></span
      >
    </span>
    ${thumb === undefined ? nothing : html`<img class="quote-thumb" src=${thumb} alt="" width="40" height="40" />`}`
}

/** "You", or the name that the conversation has. */
export function authorOf(message: Message, state: StreamState): string {
  return message.from === 'me' ? text('msg.you') : (state.conversations.get(message.conversation)?.title ?? '')
}

function wordsOf({ deleted, text: words, media }: Message): string {
  if (deleted) return text('msg.deleted')
  return words ?? (media === undefined ? '' : briefOf(media))
}

function messageIn(conversation: string, id: string, state: StreamState): Message | undefined {
  return state.threads.get(conversation)?.messages.find((known) => known.id === id)
}

define('message-quote', MessageQuote)
