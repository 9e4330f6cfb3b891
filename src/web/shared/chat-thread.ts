/** One open conversation: whose it is, its messages, and the composer. */
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { createUpload } from '../../client/uploads.ts'
import type { StreamState } from '../../client/store.ts'
import type { Stream } from '../../client/stream.ts'
import type { Conversation, Message } from '../../protocol/model.ts'
import { MEDIA_BYTES } from '../../protocol/limits.ts'
import { ask } from './ask.ts'
import { prepareAttachment } from './attachment.ts'
import { avatar } from './avatar.ts'
import { choose } from './choose.ts'
import { ChatComposer } from './composer.ts'
import { isSameNumber } from './format.ts'
import { icon } from './icon.ts'
import { MessageList } from './message-list.ts'
import { define, PageElement } from './page-element.ts'
import { text } from './text.ts'
import { putByXhr } from './upload-put.ts'

define('chat-composer', ChatComposer)
define('message-list', MessageList)

const upload = createUpload({ origin: location.origin, put: putByXhr })

export class ChatThread extends PageElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    state: { attribute: false },
    conversation: { attribute: false },
    mayBlock: { attribute: false },
    sought: { attribute: false },
    said: { state: true },
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
  declare private said: string
  /** Files are held over the thread. */
  declare private dropping: boolean
  /** What was being written, by conversation, for as long as the page lives. */
  #drafts = new Map<string, string>()
  #shown = ''

  constructor() {
    super()
    this.dropping = false
    this.mayBlock = false
    this.said = ''
    this.sought = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    for (const name of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
      this.addEventListener(name, this.#onDrag, { signal: this.ends })
    }
  }

  protected override willUpdate(): void {
    if (this.conversation.id === this.#shown) return
    this.#shown = this.conversation.id
    this.said = ''
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const previous = changed.get('conversation') as Conversation | undefined
    if (changed.has('conversation') && previous?.id !== this.conversation.id) {
      const composer = this.querySelector<ChatComposer>('chat-composer')
      if (composer) composer.value = this.#drafts.get(this.conversation.id) ?? ''
      // On a touch screen the keyboard would cover what one came to read.
      if (matchMedia('(hover: hover)').matches) void composer?.updateComplete.then(() => composer.focus())
    }
  }

  protected override render(): TemplateResult {
    const { conversation } = this
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
      <message-list
        .stream=${this.stream}
        .state=${this.state}
        .conversation=${conversation}
        .sought=${this.sought}
        @message-menu=${(event: CustomEvent<Message>) => void this.#menu(event.detail)}
      ></message-list>
      ${this.said === '' ? nothing : html`<p class="caption loading" role="alert">${this.said}</p>`}
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

  #subtitle(): TemplateResult | string {
    const { id, peer, title } = this.conversation
    if (this.state.typing.has(id)) return html`<span class="typing">${text('chat.typing')}</span>`
    return peer.number !== undefined && !isSameNumber(title, peer.number) ? html`<bdi>${peer.number}</bdi>` : ''
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
    this.querySelector<MessageList>('message-list')?.toNewest()
  }

  #onSend = async (event: CustomEvent<string>): Promise<void> => {
    const { id } = this.conversation
    if (!(await this.maySend())) return
    this.#drafts.delete(id)
    this.stream.sendText(id, event.detail)
    this.requestUpdate()
    const composer = this.querySelector<ChatComposer>('chat-composer')
    if (composer && this.conversation.id === id) composer.value = ''
    this.querySelector<MessageList>('message-list')?.toNewest()
  }
}

function refusalOf(files: readonly File[]): string {
  return files.some(({ size }) => size > MEDIA_BYTES)
    ? text('media.toobig', { n: MEDIA_BYTES / 1024 ** 2 })
    : text('media.empty')
}
