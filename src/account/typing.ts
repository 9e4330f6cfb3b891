/** Typing: passed on to the peer's account while somebody there can see it, never stored. */
import { TYPING_LEAST_MS } from '../protocol/limits.ts'
import type { TypingRequest } from '../protocol/requests.ts'
import { conversationById } from './conversations.ts'
import { accountOf } from './others.ts'

export class TypingRelay {
  /** When "on" was last passed on, by conversation; memory only, so a restart may pass one too many. */
  readonly #passedAt = new Map<string, number>()

  /** Passes a frame of one of the account's own devices on. A call that fails is lost, as typing may be. */
  async relay(env: Env, sql: SqlStorage, own: string, frame: TypingRequest, now: number): Promise<void> {
    const { conversation: id, on } = frame
    const conversation = conversationById(sql, id)
    if (conversation === null || conversation.blocked === 1 || conversation.gone === 1 || !this.#isNews(id, on, now))
      return
    try {
      await accountOf(env, conversation.account)?.peerTyping(own, on)
    } catch {
      // The peer could not be reached just now.
    }
  }

  #isNews(conversation: string, on: boolean, now: number): boolean {
    const passedAt = this.#passedAt.get(conversation)
    if (!on) return this.#passedAt.delete(conversation)
    if (passedAt !== undefined && now - passedAt < TYPING_LEAST_MS) return false
    this.#passedAt.set(conversation, now)
    return true
  }
}
