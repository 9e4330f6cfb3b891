/** What was being written, by conversation. Here in memory; a page may keep it for longer. */

export interface Drafts {
  /** Empty when there is none. */
  get: (conversation: string) => string
  /** Empty: there is none any more. */
  set: (conversation: string, text: string) => void
}

/** Drafts for as long as the page lives. */
export function createDrafts(): Drafts {
  const texts = new Map<string, string>()
  return {
    get: (conversation) => texts.get(conversation) ?? '',
    set(conversation, text) {
      if (text === '') texts.delete(conversation)
      else texts.set(conversation, text)
    },
  }
}
