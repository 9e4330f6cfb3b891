/** One open conversation: whose it is, its messages, and the composer. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { createDrafts, type Drafts } from '../../client/drafts.ts'
import type { Attachment } from '../../client/uploads.ts'
import type { StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { MEDIA_BYTES, TEXT_BYTES } from '../../protocol/limits.ts'
import { utf8Length } from '../../protocol/bytes.ts'
import { prepareAttachment } from './attachment.ts'
import { ChatComposer, cleaned } from './composer.ts'
import { guardDrops } from './drop-guard.ts'
import { refusalOf, reviewFiles } from './file-sheet.ts'
import { deleteMessage, messageAt, openMessageMenu } from './message-actions.ts'
import { MessageList } from './message-list.ts'
import { define, PageElement } from './page-element.ts'
import { replyBar } from './reply-bar.ts'
import { upload } from './saved-files.ts'
import { watchSwipes } from './swipe-reply.ts'
import { text } from './text.ts'
import { threadHeader } from './thread-header.ts'
import type { VoiceNote } from './voice-recorder.ts'

define('chat-composer', ChatComposer)
define('message-list', MessageList)
guardDrops()

const memory = createDrafts()

/** @param blocked for the composer's place, because the person is blocked; else for the end of the header */
export type ChatMore = (conversation: Conversation, blocked: boolean) => TemplateResult

export class ChatThread extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    conversation: { attribute: false },
    drafts: { attribute: false },
    more: { attribute: false },
    sought: { attribute: false },
    said: { state: true },
    heard: { state: true },
    dropping: { state: true },
    answered: { state: true },
  }

  declare stream: Stream
  declare state: StreamState
  declare conversation: Conversation
  /** What was being written; in memory unless the page keeps it. */
  declare drafts: Drafts
  /** Asked before a message goes out; false keeps it in the composer. */
  maySend: () => Promise<boolean> = async () => true
  /** What the page adds to a chat. */
  declare more: ChatMore | null
  /** A message of this conversation to go to, once it is there. */
  declare sought: Message | null
  declare private said: string
  /** What came about and cannot be seen. */
  declare private heard: string
  /** Files are held over the thread. */
  declare private dropping: boolean
  /** The id of the message that the next one answers. */
  declare private answered: string | null
  #shown = ''

  constructor() {
    super()
    this.drafts = memory
    this.dropping = false
    this.more = null
    this.said = ''
    this.heard = ''
    this.sought = null
    this.answered = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    for (const name of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
      this.addEventListener(name, this.#onDrag, { signal: this.ends })
    }
    this.addEventListener('dblclick', this.#onDoubleClick, { signal: this.ends })
    this.addEventListener('contextmenu', this.#onContextMenu, { signal: this.ends })
    watchSwipes(this, (row) => this.#answer(this.#messageOf(row)), this.ends)
  }

  protected override willUpdate(): void {
    if (this.conversation.id === this.#shown) return
    this.#shown = this.conversation.id
    this.said = ''
    this.answered = null
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const previous = changed.get('conversation') as Conversation | undefined
    // On a touch screen the keyboard would cover what one came to read.
    if (changed.has('conversation') && previous?.id !== this.conversation.id && matchMedia('(hover: hover)').matches) {
      void this.#focusComposer()
    }
  }

  protected override render(): TemplateResult {
    const { conversation } = this
    return html`
      ${threadHeader(conversation, this.state.typing.has(conversation.id), {
        onBack: this.#back,
        more: this.more?.(conversation, false) ?? nothing,
      })}
      <message-list
        .stream=${this.stream}
        .state=${this.state}
        .conversation=${conversation}
        .sought=${this.sought}
        @message-menu=${(event: CustomEvent<Message>) => void this.#menu(event.detail)}
        @message-goto=${(event: CustomEvent<string>) => this.#goTo(event.detail)}
      ></message-list>
      ${this.said === '' ? nothing : html`<p class="caption loading" role="alert">${this.said}</p>`}
      <p class="visually-hidden" role="status">${this.heard}</p>
      ${this.dropping ? html`<p class="dropping" aria-hidden="true">${text('media.drop')}</p>` : nothing}
      ${
        conversation.peer.blocked && this.more !== null
          ? this.more(conversation, true)
          : conversation.peer.gone || conversation.peer.blocked
            ? html`<p class="blocked-note">${text(conversation.peer.gone ? 'chat.gone' : 'chat.blocked')}</p>`
            : html`<div class="writing" @keydown=${this.#onKeydown}>
                ${this.answered === null ? nothing : replyBar(conversation, this.answered, this.state, this.#unanswer)}
                ${keyed(
                  conversation.id,
                  html`<chat-composer
                    .value=${this.drafts.get(conversation.id)}
                    @message-draft=${this.#onDraft}
                    @message-send=${this.#onSend}
                    @files-chosen=${(event: CustomEvent<File[]>) => void this.#sendFiles(event.detail)}
                    @voice-recorded=${(event: CustomEvent<VoiceNote>) => void this.#sendVoice(event.detail)}
                  ></chat-composer>`,
                )}
              </div>`
      }
    `
  }

  get #composer(): ChatComposer | null {
    return this.querySelector<ChatComposer>('chat-composer')
  }

  async #focusComposer(): Promise<void> {
    await this.updateComplete
    await this.#composer?.updateComplete
    this.#composer?.focus()
  }

  /** @param at where it was asked for; beside the message's own button, if nowhere */
  async #menu(message: Message, at: Element | { x: number; y: number } | null = null): Promise<void> {
    const row = this.querySelector(`.message[data-id="${CSS.escape(message.id)}"]`)
    const anchor = at ?? row?.querySelector('.message-menu') ?? row ?? this
    const { peer } = this.conversation
    const mayAnswer = peer.gone !== true && peer.blocked !== true
    row?.classList.add('asked')
    const chosen = await openMessageMenu(message, this.state, mayAnswer, anchor, this.ends)
    row?.classList.remove('asked')
    if (chosen === 'reply') this.#answer(message)
    if (chosen === 'copy') await this.#copy(message.text ?? '')
    if (chosen === 'delete') {
      const deleted = await deleteMessage(this.stream, message, this.ends)
      this.said = deleted ? '' : text('msg.delete.failed')
      // The button that had the keyboard goes with what was deleted.
      if (deleted && matchMedia('(hover: hover)').matches) void this.#focusComposer()
    }
  }

  /** A list that knows how goes to a message by itself, wherever it is; else it must be on the page. */
  #goTo(id: string): void {
    const list = this.querySelector<MessageList & { goTo?: (id: string) => Promise<boolean> }>('message-list')
    if (list?.goTo !== undefined) void list.goTo(id)
    else list?.querySelector(`.message[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' })
  }

  async #copy(words: string): Promise<void> {
    this.said = ''
    this.heard = ''
    try {
      await navigator.clipboard.writeText(words)
      this.heard = text('msg.copied')
    } catch {
      this.said = text('msg.copy.failed')
    }
  }

  #messageOf(row: Element | null): Message | undefined {
    return row === null ? undefined : messageAt(row, this.conversation.id, this.state)
  }

  #answer(message: Message | undefined): void {
    const { peer } = this.conversation
    if (message === undefined || message.deleted || peer.gone || peer.blocked) return
    this.answered = message.id
    void this.#focusComposer()
  }

  #unanswer = (): void => {
    this.answered = null
    void this.#focusComposer()
  }

  #onDoubleClick = (event: MouseEvent): void => {
    const message = this.#pressed(event)
    if (message === undefined || !matchMedia('(hover: hover)').matches) return
    // Two presses have selected a word.
    getSelection()?.empty()
    this.#answer(message)
  }

  /** The browser's own menu stays where it has more to offer: on links, media and selected words. */
  #onContextMenu = (event: MouseEvent): void => {
    const message = this.#pressed(event)
    if (message === undefined || getSelection()?.isCollapsed === false) return
    event.preventDefault()
    void this.#menu(message, { x: event.clientX, y: event.clientY })
  }

  #pressed({ target }: MouseEvent): Message | undefined {
    if (!(target instanceof Element) || target.closest('a, button, input, video') !== null) return undefined
    const message = this.#messageOf(target.closest('.bubble')?.closest('.message') ?? null)
    return message?.deleted ? undefined : message
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.answered !== null) this.#unanswer()
  }

  #back = (): void => {
    this.dispatchEvent(new CustomEvent('chat-close', { bubbles: true }))
  }

  #onDraft = (event: CustomEvent<string>): void => {
    this.#keepDraft(this.conversation.id, event.detail)
    this.stream.typing(this.conversation.id, event.detail !== '')
  }

  #keepDraft(conversation: string, draft: string): void {
    this.drafts.set(conversation, draft)
    this.requestUpdate()
  }

  #onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return
    // Without this the browser would leave the page and open the file.
    event.preventDefault()
    const within = event.relatedTarget instanceof Node && this.contains(event.relatedTarget)
    this.dropping = event.type === 'dragleave' ? within : event.type !== 'drop'
    if (event.type === 'drop' && this.#composer !== null) void this.#sendFiles([...event.dataTransfer.files])
  }

  async #sendFiles(files: readonly File[]): Promise<void> {
    const { id } = this.conversation
    const good = files.filter(({ size }) => size > 0 && size <= MEDIA_BYTES)
    this.#notice(good.length === files.length ? '' : refusalOf(files))
    if (good.length === 0) return
    const review = await reviewFiles(good, this.drafts.get(id), this.ends)
    this.#keepDraft(id, review.caption)
    if (review.files.length === 0) return this.#focusComposer()
    const words = cleaned(review.caption)
    if (utf8Length(words) > TEXT_BYTES || !(await this.maySend())) return
    this.#keepDraft(id, '')
    // The words and the answer go with the first.
    let along = { words, replyTo: this.#takeAnswered(id) }
    for (const file of review.files) {
      const attachment = await prepareAttachment(file, this.ends)
      if (attachment === null) continue
      this.#sendAttachment(id, attachment, along.words, along.replyTo)
      along = { words: '', replyTo: undefined }
    }
    if (along.words !== '') this.#keepDraft(id, along.words)
  }

  async #sendVoice({ body, contentType, duration }: VoiceNote): Promise<void> {
    const { id } = this.conversation
    if (!(await this.maySend())) return
    this.#sendAttachment(id, { body, contentType, duration }, '', this.#takeAnswered(id))
  }

  #sendAttachment(conversation: string, attachment: Attachment, words: string, replyTo: string | undefined): void {
    // One may have signed out meanwhile.
    if (!this.isConnected) return attachment.release?.()
    this.stream.sendFile(conversation, attachment, upload, words, replyTo)
    this.#toNewest(conversation)
  }

  #onSend = async (event: CustomEvent<string>): Promise<void> => {
    const { id } = this.conversation
    if (!(await this.maySend())) return
    this.#keepDraft(id, '')
    this.stream.sendText(id, event.detail, this.#takeAnswered(id))
    this.#toNewest(id)
  }

  /** The message that the one which goes out now answers; asked once. */
  #takeAnswered(conversation: string): string | undefined {
    if (conversation !== this.conversation.id || this.answered === null) return undefined
    const answered = this.answered
    this.answered = null
    return answered
  }

  #notice(words: string): void {
    if (this.#composer) this.#composer.notice = words
  }

  #toNewest(conversation: string): void {
    if (conversation === this.conversation.id) this.querySelector<MessageList>('message-list')?.toNewest()
  }
}
