/** The way to a message of a conversation that was asked for: a quote's, or one that was found. */
import type { Stream } from '../../client/stream.ts'
import type { Message } from '../../protocol/model.ts'
import { indexOfItem, isMessage, keyOf, orderOf, type Item } from './message-items.ts'
import type { MessageView } from './message-view.ts'
import type { StringKey } from './text.ts'

/** Pages that are loaded to find a message whose place is not known. */
const PAGES = 20
const FOUND_SHOWN_MS = 1_600
const SAID_SHOWN_MS = 8_000

export interface SeekHooks {
  draw: () => void
  /** What was asked to be drawn is drawn. */
  drawn: () => Promise<unknown>
  rowOf: (key: string) => HTMLElement | null
  after: (what: string, delay: number, run: () => void) => void
}

export class MessageSeek {
  /** Of the conversation that is shown. */
  conversation = ''
  /** The key of the message that was gone to. */
  found = ''
  /** What there is to say about what was sought. */
  said: StringKey | '' = ''
  readonly #view: MessageView
  readonly #hooks: SeekHooks
  #followed: Message | null = null

  constructor(view: MessageView, hooks: SeekHooks) {
    this.#view = view
    this.#hooks = hooks
  }

  forget(): void {
    this.found = ''
    this.said = ''
  }

  /** Goes to a message whose place is not known. @returns whether it is there; else it says so */
  async goTo(stream: Stream, conversation: string, id: string): Promise<boolean> {
    for (let pages = 0; pages < PAGES; pages++) {
      const item = this.#view.items.find((other) => isMessage(other) && other.id === id)
      if (item !== undefined) {
        await this.#present(item)
        return true
      }
      if (stream.state.threads.get(conversation)?.more !== true) break
      const loaded = await stream.loadHistory(conversation).then(
        () => true,
        () => false,
      )
      await this.#hooks.drawn()
      if (this.conversation !== conversation) return false
      if (!loaded) break
    }
    this.#say()
    return false
  }

  /** Goes to a message that was found, once. */
  async follow(stream: Stream, sought: Message | null): Promise<void> {
    if (sought === null || sought === this.#followed) return
    this.#followed = sought
    const { conversation, id, seq } = sought
    await stream.reveal(conversation, seq).catch(() => false)
    await this.#hooks.drawn()
    if (this.#followed !== sought || this.conversation !== conversation) return
    const item = this.#view.items.find((other) => isMessage(other) && other.id === id && other.seq === seq)
    if (item === undefined) this.#say()
    else await this.#present(item)
  }

  async #present(item: Item): Promise<void> {
    const [order, key] = [orderOf(item), keyOf(item)]
    const show = (): void => this.#view.show(indexOfItem(this.#view.items, order, key), 'center')
    show()
    await this.#hooks.drawn()
    await new Promise((resolve) => requestAnimationFrame(resolve))
    // Its height, and that of those around it, is known now.
    show()
    await this.#hooks.drawn()
    this.found = key
    this.said = ''
    this.#hooks.draw()
    this.#hooks.after('found', FOUND_SHOWN_MS, () => {
      this.found = ''
      this.#hooks.draw()
    })
    this.#hooks.rowOf(key)?.focus({ preventScroll: true })
  }

  #say(): void {
    this.said = 'chat.notfound'
    this.#hooks.draw()
    this.#hooks.after('said', SAID_SHOWN_MS, () => {
      this.said = ''
      this.#hooks.draw()
    })
  }
}
