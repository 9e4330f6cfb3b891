/** One open conversation: its messages, older ones as one scrolls up, and the composer. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { createUpload } from '../../client/uploads.ts'
import { tickOf, type Outgoing, type StreamState, type Thread } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { MEDIA_BYTES } from '../../protocol/limits.ts'
import { ask } from './ask.ts'
import { prepareAttachment } from './attachment.ts'
import { avatar } from './avatar.ts'
import { choose } from './choose.ts'
import { ChatComposer } from './composer.ts'
import { formatDay, isSameDay, isSameNumber } from './format.ts'
import { icon } from './icon.ts'
import { messageBubble, outgoingBubble } from './message-bubble.ts'
import { define, PageElement } from './page-element.ts'
import { text } from './text.ts'
import { putByXhr } from './upload-put.ts'

/** Older messages are loaded when their end is this near, and the way down is offered from here on; in pixels. */
const NEAR_TOP = 800
const FAR_FROM_BOTTOM = 300

define('chat-composer', ChatComposer)

const upload = createUpload({ origin: location.origin, put: putByXhr })

export class ChatThread extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    conversation: { attribute: false },
    mayBlock: { attribute: false },
    sought: { attribute: false },
    failed: { state: true },
    said: { state: true },
    away: { state: true },
    dropping: { state: true },
  }

  declare stream: Stream
  declare state: StreamState
  declare conversation: Conversation
  /** Asked before a message goes out; false keeps it in the composer. */
  maySend: () => Promise<boolean> = async () => true
  /** On the phone only. */
  declare mayBlock: boolean
  /** A message of this conversation to go to, once it is there. */
  declare sought: Message | null
  declare private failed: boolean
  declare private said: string
  /** Scrolled up from the newest message. */
  declare private away: boolean
  /** Files are held over the thread. */
  declare private dropping: boolean
  /** What was being written, by conversation, for as long as the page lives. */
  #drafts = new Map<string, string>()
  #shown = ''

  constructor() {
    super()
    this.failed = false
    this.away = false
    this.dropping = false
    this.mayBlock = false
    this.said = ''
    this.sought = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#read, { signal: this.ends })
    for (const name of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
      this.addEventListener(name, this.#onDrag, { signal: this.ends })
    }
  }

  protected override willUpdate(): void {
    if (this.conversation.id === this.#shown) return
    this.#shown = this.conversation.id
    this.failed = false
    this.said = ''
    this.away = false
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const previous = changed.get('conversation') as Conversation | undefined
    if (changed.has('conversation') && previous?.id !== this.conversation.id) {
      const scroller = this.querySelector('.messages')
      if (scroller) scroller.scrollTop = 0
      const composer = this.querySelector<ChatComposer>('chat-composer')
      if (composer) composer.value = this.#drafts.get(this.conversation.id) ?? ''
      // On a touch screen the keyboard would cover what one came to read.
      if (matchMedia('(hover: hover)').matches) void composer?.updateComplete.then(() => composer.focus())
    }
    if (changed.has('sought') && this.sought !== null) void this.#seek(this.sought)
    this.#loadIfNeeded()
    this.#read()
  }

  protected override render(): TemplateResult {
    const { conversation, state } = this
    const thread = state.threads.get(conversation.id)
    const outgoing = [...state.outgoing.values()].filter((message) => message.conversation === conversation.id)
    return html`
      <header class="thread-header">
        <button class="icon-button back" type="button" aria-label=${text('app.back')} @click=${this.#back}>
          ${icon('chevron-left')}
        </button>
        ${avatar(conversation.title, conversation.avatar, 'small')}
        <div class="thread-title">
          <h2 class="title"><bdi>${conversation.title}</bdi></h2>
          <p class="caption">${this.#subtitle()}</p>
        </div>
        ${
          this.mayBlock && conversation.peer.gone !== true
            ? html`<button class="button quiet small" type="button" @click=${this.#block}>
                ${text(conversation.peer.blocked ? 'chat.unblock' : 'chat.block')}
              </button>`
            : nothing
        }
      </header>
      <div class="messages" @scroll=${this.#onScroll} tabindex="-1">
        <div class="messages-column">
          ${this.#above(thread)}
          <ol aria-label=${text('chat.messages', { name: conversation.title })}>
            ${thread ? this.#messages(thread.messages) : nothing}
            ${repeat(
              outgoing,
              ({ id }) => id,
              (message: Outgoing) => outgoingBubble(message, this.stream),
            )}
          </ol>
        </div>
      </div>
      ${this.said === '' ? nothing : html`<p class="caption loading" role="alert">${this.said}</p>`}
      ${
        this.away
          ? html`<button class="icon-button down" type="button" aria-label=${text('chat.down')} @click=${this.#down}>
              ${icon('arrow-down')}
            </button>`
          : nothing
      }
      ${this.dropping ? html`<p class="dropping" aria-hidden="true">${text('media.drop')}</p>` : nothing}
      ${
        conversation.peer.gone || conversation.peer.blocked
          ? html`<p class="caption loading">${text(conversation.peer.gone ? 'chat.gone' : 'chat.blocked')}</p>`
          : html`<chat-composer
              @message-draft=${this.#onDraft}
              @message-send=${this.#onSend}
              @files-chosen=${(event: CustomEvent<File[]>) => void this.#sendFiles(event.detail)}
            ></chat-composer>`
      }
    `
  }

  #messages(messages: readonly Message[]): unknown {
    const now = Date.now()
    return repeat(
      messages,
      ({ from, id }) => `${from} ${id}`,
      (message, index) => {
        const before = messages[index - 1]
        const tick = message.from === 'me' ? tickOf(this.conversation, message) : null
        return html`${
          before !== undefined && isSameDay(before.sentAt, message.sentAt)
            ? nothing
            : html`<li class="day"><span>${formatDay(message.sentAt, now)}</span></li>`
        }${messageBubble(message, tick, this.stream, this.#menu)}`
      },
    )
  }

  #above(thread: Thread | undefined): TemplateResult | typeof nothing {
    if (this.failed) {
      return html`<p class="caption loading">
        ${text('chat.failed')}
        <button class="link-button" type="button" @click=${this.#tryAgain}>${text('chat.failed.action')}</button>
      </p>`
    }
    if (thread === undefined || !thread.loaded || thread.more) {
      return html`<p class="caption loading">${text('chat.loading')}</p>`
    }
    return thread.messages.length === 0 ? html`<p class="caption loading">${text('chat.none')}</p>` : nothing
  }

  #subtitle(): TemplateResult | string {
    const { id, peer, title } = this.conversation
    if (this.state.typing.has(id)) return html`<span class="typing">${text('chat.typing')}</span>`
    return peer.number !== undefined && !isSameNumber(title, peer.number) ? html`<bdi>${peer.number}</bdi>` : ''
  }

  #loadIfNeeded(): void {
    const thread = this.state.threads.get(this.conversation.id)
    const scroller = this.querySelector('.messages')
    if (this.failed || scroller === null || thread?.more === false) return
    // The column grows upwards: scrollTop is zero at the newest message and negative above it.
    const above = scroller.scrollHeight - scroller.clientHeight + scroller.scrollTop
    if (thread?.loaded && above > NEAR_TOP) return
    const { id } = this.conversation
    this.stream.loadHistory(id).catch(() => {
      if (this.conversation.id === id) this.failed = true
    })
  }

  /** What is on the screen was read. */
  #read = (): void => {
    if (document.visibilityState === 'visible') this.stream.markRead(this.conversation.id)
  }

  #onScroll = (event: Event): void => {
    this.away = (event.currentTarget as Element).scrollTop < -FAR_FROM_BOTTOM
    this.#loadIfNeeded()
  }

  #down = (): void => {
    const scroller = this.querySelector('.messages')
    if (scroller) scroller.scrollTop = 0
  }

  #tryAgain = (): void => {
    this.failed = false
  }

  #menu = async (message: Message): Promise<void> => {
    const own = message.from === 'me'
    const chosen = await choose(
      text('msg.menu.title'),
      [
        { value: 'me', label: text('msg.delete.me'), danger: true },
        ...(own ? [{ value: 'all' as const, label: text('msg.delete.all'), danger: true }] : []),
      ],
      this.ends,
    )
    if (chosen === null) return
    try {
      await this.stream.deleteMessage(message.conversation, message.id, chosen === 'all')
    } catch {
      this.said = text('msg.delete.failed')
    }
  }

  #block = async (): Promise<void> => {
    const { title, peer } = this.conversation
    const on = peer.blocked !== true
    if (on) {
      const question = {
        title: text('chat.block.title', { name: title }),
        body: text('chat.block.body'),
        yes: text('chat.block'),
        danger: true,
      }
      if ((await ask(question, this.ends)) !== 'yes') return
    }
    await this.stream.block(peer.account, on).catch(() => {
      this.said = text('search.failed')
    })
  }

  /** Scrolls to a message that was found, and puts the keyboard there. */
  async #seek({ conversation, id, seq }: Message): Promise<void> {
    const there = await this.stream.reveal(conversation, seq).catch(() => false)
    await this.updateComplete
    if (!there || this.sought?.id !== id || this.conversation.id !== conversation) return
    const found = this.querySelector<HTMLElement>(`.message[data-id="${CSS.escape(id)}"]`)
    if (found === null) return
    found.tabIndex = -1
    found.scrollIntoView({ block: 'center' })
    found.focus({ preventScroll: true })
  }

  #back = (): void => {
    this.dispatchEvent(new CustomEvent('chat-close', { bubbles: true }))
  }

  #onDraft = (event: CustomEvent<string>): void => {
    this.#drafts.set(this.conversation.id, event.detail)
    this.stream.typing(this.conversation.id, event.detail !== '')
  }

  #onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return
    // Without this the browser would leave the page and open the file.
    event.preventDefault()
    const within = event.relatedTarget instanceof Node && this.contains(event.relatedTarget)
    this.dropping = event.type === 'dragleave' ? within : event.type !== 'drop'
    if (event.type === 'drop') void this.#sendFiles([...event.dataTransfer.files])
  }

  async #sendFiles(files: readonly File[]): Promise<void> {
    const { id } = this.conversation
    const good = files.filter(({ size }) => size > 0 && size <= MEDIA_BYTES)
    const composer = this.querySelector<ChatComposer>('chat-composer')
    if (composer) composer.notice = good.length === files.length ? '' : refusalOf(files)
    if (good.length === 0 || !(await this.maySend())) return
    for (const file of good) {
      const attachment = await prepareAttachment(file)
      // A folder that was dropped is a file that cannot be read; and one may have left meanwhile.
      if (this.isConnected) this.stream.sendFile(id, attachment, upload)
      else attachment.release?.()
    }
    this.#down()
  }

  #onSend = async (event: CustomEvent<string>): Promise<void> => {
    const { id } = this.conversation
    if (!(await this.maySend())) return
    this.#drafts.delete(id)
    this.stream.sendText(id, event.detail)
    this.requestUpdate()
    const composer = this.querySelector<ChatComposer>('chat-composer')
    if (composer && this.conversation.id === id) composer.value = ''
    this.#down()
  }
}

function refusalOf(files: readonly File[]): string {
  return files.some(({ size }) => size > MEDIA_BYTES)
    ? text('media.toobig', { n: MEDIA_BYTES / 1024 ** 2 })
    : text('media.empty')
}
