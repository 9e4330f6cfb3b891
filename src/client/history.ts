/** Loading the messages of a conversation: the newest, older ones, both sides of a gap, and around one that is sought. */
import type { OkFrame } from '../protocol/frames.ts'
import { HISTORY_DEFAULT, HISTORY_PAGE } from '../protocol/limits.ts'
import type { Conversation } from '../protocol/model.ts'
import type { RequestBody } from './requests.ts'
import type { StreamAction, StreamState } from './store.ts'
import { indexOfSeq, isKnown, type Gap } from './thread.ts'

/** A message this many pages back is reached without leaving a gap. */
const CONTIGUOUS_PAGES = 4
/** Tries to meet the page that follows a message: the range that is tried grows fourfold, then is halved. */
const FORWARD_TRIES = 40
/** Messages whose `seq` say how far apart those that follow may be. */
const SPACING_OVER = 40

export interface History {
  /** Loads the newest messages, or the ones before those that are known. One at a time for each conversation. */
  loadHistory: (conversation: string) => Promise<void>
  /** Loads messages of a gap: those that follow its older side, or those that come before its newer one. */
  loadGap: (conversation: string, gap: Gap, side: 'older' | 'newer') => Promise<void>
  /** Loads one of a conversation's messages and those around it. @returns whether it is there @throws {RequestError} */
  reveal: (conversation: string, seq: number) => Promise<boolean>
  /** Forgets what is under way. */
  reset: () => void
}

export interface HistoryOptions {
  request: (body: RequestBody) => Promise<OkFrame>
  state: () => StreamState
  dispatch: (action: StreamAction) => void
}

export function createHistory({ request, state, dispatch }: HistoryOptions): History {
  /** By conversation and what of it. */
  const loading = new Map<string, Promise<void>>()

  return { loadHistory, loadGap, reveal, reset: () => loading.clear() }

  function loadHistory(conversation: string): Promise<void> {
    return once(conversation, async () => {
      const thread = state().threads.get(conversation)
      if (thread?.more === false) return
      dispatch({ type: 'history-asked', conversation })
      const before = thread?.loaded ? thread.messages[0]?.seq : undefined
      await load(conversation, before)
    })
  }

  function loadGap(conversation: string, gap: Gap, side: 'older' | 'newer'): Promise<void> {
    return once(`${conversation} ${side} ${gap.after}`, () =>
      side === 'newer' ? load(conversation, gap.before) : loadAfter(conversation, gap),
    )
  }

  async function reveal(conversation: string, seq: number): Promise<boolean> {
    if (!state().conversations.has(conversation)) {
      const { conversations = [] } = await request({ type: 'conversations', ids: [conversation] })
      dispatch({ type: 'conversations', conversations })
    }
    const isReached = (): boolean => {
      const thread = state().threads.get(conversation)
      return thread !== undefined && isKnown(thread, seq)
    }
    for (let pages = 0; pages < CONTIGUOUS_PAGES && !isReached(); pages++) await loadHistory(conversation)
    if (!isReached()) {
      await load(conversation, seq + 1)
      const gap = state()
        .threads.get(conversation)
        ?.gaps.find(({ after }) => after >= seq)
      if (gap?.after === seq) await loadAfter(conversation, gap)
    }
    return (
      state()
        .threads.get(conversation)
        ?.messages.some((message) => message.seq === seq) === true
    )
  }

  /** @param before undefined: the newest */
  async function load(conversation: string, before: number | undefined): Promise<void> {
    // Who reads back reads on: larger pages, of which fewer are waited for.
    const page = await ask(conversation, before, before === undefined ? HISTORY_DEFAULT : HISTORY_PAGE)
    // After a snapshot that came meanwhile the thread is loaded from its newest messages first.
    if (before === undefined || state().threads.get(conversation)?.loaded) dispatch(page)
  }

  /**
   * The contract asks for what comes before a `seq`, never for what follows one, and a `seq` may skip: a page's end is
   * guessed from how far apart the messages are, then moved until the page begins where the gap does.
   */
  async function loadAfter(conversation: string, { after, before }: Gap): Promise<void> {
    let reach = spacing(state(), conversation, after) * HISTORY_DEFAULT
    let near = 0
    let far = Infinity
    for (let tries = 0; tries < FORWARD_TRIES; tries++) {
      const end = Math.min(before, after + Math.max(1, Math.floor(reach)) + 1)
      const page = await ask(conversation, end, HISTORY_PAGE)
      if (!state().threads.get(conversation)?.loaded) return
      const first = page.messages[0]
      if (page.more && first !== undefined && first.seq > after + 1) {
        // More than a page lies between: nearer.
        far = end - 1 - after
      } else {
        dispatch(page)
        if (end === before || page.messages.some(({ seq }) => seq > after)) return
        near = end - 1 - after
      }
      reach = far === Infinity ? near * 4 : (near + far) / 2
    }
  }

  async function ask(
    conversation: string,
    before: number | undefined,
    limit: number,
  ): Promise<StreamAction & { type: 'history' }> {
    const answer = await request({
      type: 'history',
      conversation,
      limit,
      ...(before === undefined ? {} : { before }),
    })
    return { type: 'history', conversation, messages: answer.messages ?? [], more: answer.more === true, before }
  }

  function once(what: string, run: () => Promise<void>): Promise<void> {
    const known = loading.get(what)
    if (known !== undefined) return known
    const running = run().finally(() => {
      if (loading.get(what) === running) loading.delete(what)
    })
    loading.set(what, running)
    return running
  }
}

/** How far apart the `seq` of messages up to this one are. */
function spacing(state: StreamState, conversation: Conversation['id'], seq: number): number {
  const messages = state.threads.get(conversation)?.messages ?? []
  const end = indexOfSeq(messages, seq + 1)
  const begin = Math.max(0, end - SPACING_OVER)
  if (end - begin < 2) return 1
  return (messages[end - 1]!.seq - messages[begin]!.seq) / (end - 1 - begin)
}
