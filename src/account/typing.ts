/** Typing: passed on to the peer's account while somebody there can see it, never stored. */
import { TYPING_LEAST_MS } from '../protocol/limits.ts'
import type { TypingRequest } from '../protocol/requests.ts'
import { conversationById } from './conversations.ts'
import { accountOf } from './others.ts'

export class TypingRelay {
  /** The last "on" that was passed on, by conversation; memory only, so a restart may pass one too many. */
  readonly #passed = new Map<string, { at: number; on: boolean }>()

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

  /** "Off" passes once after an "on", and forgets nothing of it: else on and off by turns would pass without limit. */
  #isNews(conversation: string, on: boolean, now: number): boolean {
    const last = this.#passed.get(conversation)
    if (on ? last !== undefined && now - last.at < TYPING_LEAST_MS : last?.on !== true) return false
    this.#passed.set(conversation, { at: on ? now : (last?.at ?? now), on })
    return true
  }
}
