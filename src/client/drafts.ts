/** What was being written in each conversation. */

export interface Drafts {
  /** Empty when there is none. */
  get: (conversation: string) => string
  /** Empty: there is none any more. */
  set: (conversation: string, text: string) => void
}

export interface WatchedDrafts extends Drafts {
  readonly all: ReadonlyMap<string, string>
  /** Puts these in place of all that are there. */
  replace: (drafts: ReadonlyMap<string, string>) => void
  /** @returns ends it */
  subscribe: (listener: () => void) => () => void
}

/** Drafts in memory. Whoever keeps them longer subscribes. */
export function createDrafts(): WatchedDrafts {
  let all: ReadonlyMap<string, string> = new Map()
  const listeners = new Set<() => void>()

  function become(next: ReadonlyMap<string, string>): void {
    all = next
    for (const listener of listeners) listener()
  }

  return {
    get all() {
      return all
    },
    get: (conversation) => all.get(conversation) ?? '',
    set(conversation, text) {
      if ((all.get(conversation) ?? '') === text) return
      const next = new Map(all)
      // Blank lines alone are nothing that anybody would miss.
      if (text.trim() === '') next.delete(conversation)
      else next.set(conversation, text)
      become(next)
    },
    replace: become,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
