/**
 * All that a client knows of its account, as a pure reducer: frames and answers in, the next state out. No I/O, no
 * clock. Nothing is counted here: `unread` and the marks are told (contract, section 2).
 */
import type { SnapshotFrame } from '../protocol/frames.ts'
import type { AccountCard, Conversation, Message, StreamEvent } from '../protocol/model.ts'
import { boundedThreads, EMPTY_THREAD, withMessage, withPage, type HistoryPage, type Thread } from './thread.ts'

/** `too_large`, `not_allowed` (this server takes no uploads), `cancelled`; anything else `failed`, and may be tried again. */
export type UploadFailure = 'too_large' | 'not_allowed' | 'cancelled' | 'failed'

/** What a message on its way out carries. */
export interface OutgoingFile {
  contentType: string
  bytes: number
  name?: string
  width?: number
  height?: number
  duration?: number
  /** An address of the page's own. */
  preview?: string
  /** How much of it is uploaded, from 0 to 1. */
  progress: number
  /** Why the upload failed. */
  failure?: UploadFailure
}

/** A message on its way out: shown at once, gone when the server's own copy of it arrives. */
export interface Outgoing {
  id: string
  conversation: string
  /** Empty with a file that has no words. */
  text: string
  replyTo?: string
  sentAt: number
  /** `failed`: refused for good; it goes out again only when asked. */
  state: 'sending' | 'failed'
  file?: OutgoingFile
}

export interface StreamState {
  /** The position in the account's log; null before the first snapshot. */
  cursor: number | null
  account: AccountCard | null
  conversations: ReadonlyMap<string, Conversation>
  /** Give it to `conversations` as `after`; null when all are known. */
  more: string | null
  threads: ReadonlyMap<string, Thread>
  /** In the order of sending. */
  outgoing: ReadonlyMap<string, Outgoing>
  /** Conversations whose peer is typing. */
  typing: ReadonlySet<string>
  /** Conversations that an event spoke of and that are not known yet: to be asked for. */
  missing: ReadonlySet<string>
}

export type StreamAction =
  | { type: 'snapshot'; frame: SnapshotFrame }
  | { type: 'event'; cursor: number; event: StreamEvent }
  /** Told anew when a socket goes on from a cursor: its picture's address may have expired meanwhile. */
  | { type: 'account'; account: AccountCard }
  /** An event never came: the position is worth nothing, a snapshot must follow. */
  | { type: 'gap' }
  | { type: 'typing'; conversation: string; on: boolean }
  /** An `ok` that holds the message which was sent. */
  | { type: 'sent'; message: Message }
  | { type: 'conversations'; conversations: readonly Conversation[]; more?: string | null; asked?: readonly string[] }
  /** A `history` is on its way: from now on the thread takes in events. */
  | { type: 'history-asked'; conversation: string }
  | ({ type: 'history'; conversation: string } & HistoryPage)
  | { type: 'outgoing'; message: Outgoing }
  | { type: 'outgoing-state'; id: string; state: Outgoing['state'] }
  | { type: 'outgoing-file'; id: string; progress: number; failure?: UploadFailure }
  | { type: 'outgoing-dropped'; id: string }

export const EMPTY_STATE: StreamState = {
  cursor: null,
  account: null,
  conversations: new Map(),
  more: null,
  threads: new Map(),
  outgoing: new Map(),
  typing: new Set(),
  missing: new Set(),
}

/** Whether an event with this cursor cannot be taken because one before it never came. */
export function isGap(state: StreamState, cursor: number): boolean {
  return state.cursor === null || cursor > state.cursor + 1
}

/** The next state. An event that is not the next one changes nothing (repeated, or after a gap). */
export function reduce(state: StreamState, action: StreamAction): StreamState {
  switch (action.type) {
    case 'snapshot': {
      const { cursor, account, conversations, more } = action.frame
      // It replaces all that was known; what is on its way out was never the server's.
      return {
        ...EMPTY_STATE,
        cursor,
        account,
        conversations: new Map(conversations.map((conversation) => [conversation.id, conversation])),
        more,
        outgoing: state.outgoing,
      }
    }
    case 'event':
      if (isGap(state, action.cursor) || action.cursor === state.cursor || action.cursor < state.cursor!) return state
      return { ...applyEvent(state, action.event), cursor: action.cursor }
    case 'account':
      return state.account === null ? state : { ...state, account: action.account }
    case 'gap':
      return { ...state, cursor: null }
    case 'typing':
      return setTyping(state, action.conversation, action.on)
    case 'sent':
      return takeMessage(state, action.message, null)
    case 'conversations':
      return {
        ...state,
        conversations: withEntries(
          state.conversations,
          action.conversations.map((conversation) => [
            conversation.id,
            mergeConversation(state.conversations.get(conversation.id), conversation),
          ]),
        ),
        more: action.more === undefined ? state.more : action.more,
        missing: without(state.missing, [...(action.asked ?? []), ...action.conversations.map(({ id }) => id)]),
      }
    case 'history-asked':
      if (state.threads.has(action.conversation)) return state
      return withThread(state, action.conversation, EMPTY_THREAD)
    case 'history': {
      // Last in the map: the one that was loaded most recently.
      const threads = new Map(state.threads)
      threads.delete(action.conversation)
      threads.set(action.conversation, withPage(state.threads.get(action.conversation) ?? EMPTY_THREAD, action))
      return { ...state, threads: boundedThreads(threads, action.conversation) }
    }
    case 'outgoing':
      return { ...state, outgoing: withEntries(state.outgoing, [[action.message.id, action.message]]) }
    case 'outgoing-state': {
      const message = state.outgoing.get(action.id)
      if (message === undefined) return state
      return { ...state, outgoing: withEntries(state.outgoing, [[action.id, { ...message, state: action.state }]]) }
    }
    case 'outgoing-file': {
      const message = state.outgoing.get(action.id)
      if (message?.file === undefined) return state
      const { failure: _, ...file } = message.file
      const { progress, failure } = action
      const changed = { ...file, progress, ...(failure === undefined ? {} : { failure }) }
      return { ...state, outgoing: withEntries(state.outgoing, [[action.id, { ...message, file: changed }]]) }
    }
    case 'outgoing-dropped':
      return { ...state, outgoing: withoutKey(state.outgoing, action.id) }
  }
}

/** Conversations as a list shows them: the newest message first, and before all the ones that have none yet. */
export function listConversations(state: StreamState): Conversation[] {
  const outgoing = newestOutgoing(state)
  const at = (conversation: Conversation): number => lastSentAt(conversation, outgoing.get(conversation.id)) ?? Infinity
  return [...state.conversations.values()].toSorted((a, b) => at(b) - at(a) || (a.id < b.id ? -1 : 1))
}

/** By conversation, of one's own messages on their way out the one that was refused, or else the newest. */
export function newestOutgoing({ outgoing }: Pick<StreamState, 'outgoing'>): ReadonlyMap<string, Outgoing> {
  const newest = new Map<string, Outgoing>()
  for (const message of outgoing.values()) {
    if (newest.get(message.conversation)?.state !== 'failed') newest.set(message.conversation, message)
  }
  return newest
}

/** When a conversation's last message was sent, also one that is still on its way out; null while there is none. */
export function lastSentAt({ last }: Conversation, outgoing: Outgoing | undefined): number | null {
  if (outgoing === undefined) return last?.sentAt ?? null
  return Math.max(outgoing.sentAt, last?.sentAt ?? 0)
}

/** The conversations whose people are blocked, by name. */
export function listBlocked(state: StreamState): Conversation[] {
  return [...state.conversations.values()]
    .filter(({ peer }) => peer.blocked === true)
    .toSorted((a, b) => a.title.localeCompare(b.title) || (a.id < b.id ? -1 : 1))
}

/** A message's ticks (contract, section 2). */
export function tickOf(conversation: Conversation, message: Message): 'sent' | 'delivered' | 'read' {
  if (message.seq <= conversation.peer.readUpTo) return 'read'
  return message.seq <= conversation.peer.deliveredUpTo ? 'delivered' : 'sent'
}

/** The sum of what is unread, for the title and the badge. */
export function totalUnread(state: StreamState): number {
  let total = 0
  for (const { unread } of state.conversations.values()) total += unread
  return total
}

function applyEvent(state: StreamState, event: StreamEvent): StreamState {
  switch (event.kind) {
    case 'message':
      return takeMessage(state, event.message, event.unread)
    case 'deleted':
      return takeDeletion(state, event.conversation, event.id)
    case 'status':
      return changeConversation(state, event.conversation, (conversation) => ({
        ...conversation,
        peer: {
          ...conversation.peer,
          deliveredUpTo: Math.max(conversation.peer.deliveredUpTo, event.deliveredUpTo),
          readUpTo: Math.max(conversation.peer.readUpTo, event.readUpTo),
        },
      }))
    case 'read':
      return changeConversation(state, event.conversation, (conversation) => ({
        ...conversation,
        readUpTo: Math.max(conversation.readUpTo, event.upTo),
        unread: event.unread,
      }))
    case 'conversation':
      return {
        ...state,
        conversations: withEntries(state.conversations, [[event.conversation.id, event.conversation]]),
        missing: without(state.missing, [event.conversation.id]),
      }
    case 'profile':
      return { ...state, account: event.account }
    default:
      // `device` is told to people, not kept; a kind that is not known yet only moves the cursor.
      return state
  }
}

function takeMessage(state: StreamState, message: Message, unread: number | null): StreamState {
  const thread = state.threads.get(message.conversation)
  let next = thread ? withThread(state, message.conversation, withMessage(thread, message)) : state
  next = changeConversation(next, message.conversation, (conversation) => ({
    ...conversation,
    last: conversation.last === null || message.seq >= conversation.last.seq ? message : conversation.last,
    unread: unread ?? conversation.unread,
  }))
  if (message.from === 'me') {
    return next.outgoing.has(message.id) ? { ...next, outgoing: withoutKey(next.outgoing, message.id) } : next
  }
  return setTyping(next, message.conversation, false)
}

function takeDeletion(state: StreamState, conversation: string, id: string): StreamState {
  const thread = state.threads.get(conversation)
  const next = thread
    ? withThread(state, conversation, {
        ...thread,
        messages: thread.messages.map((message) => (message.id === id ? emptied(message) : message)),
      })
    : state
  return changeConversation(next, conversation, (known) =>
    known.last?.id === id ? { ...known, last: emptied(known.last) } : known,
  )
}

function emptied({ id, conversation, seq, from, sentAt }: Message): Message {
  return { id, conversation, seq, from, sentAt, deleted: true }
}

/** An answer may be older than the events that came before it: the newer message and the higher marks stay. */
function mergeConversation(known: Conversation | undefined, told: Conversation): Conversation {
  if (known?.last == null || (told.last !== null && told.last.seq >= known.last.seq)) return told
  return { ...told, last: known.last, unread: known.unread, readUpTo: Math.max(known.readUpTo, told.readUpTo) }
}

function changeConversation(
  state: StreamState,
  id: string,
  change: (known: Conversation) => Conversation,
): StreamState {
  const known = state.conversations.get(id)
  if (known === undefined) return state.missing.has(id) ? state : { ...state, missing: new Set([...state.missing, id]) }
  return { ...state, conversations: withEntries(state.conversations, [[id, change(known)]]) }
}

function setTyping(state: StreamState, conversation: string, on: boolean): StreamState {
  if (state.typing.has(conversation) === on) return state
  const typing = new Set(state.typing)
  if (on) typing.add(conversation)
  else typing.delete(conversation)
  return { ...state, typing }
}

function withThread(state: StreamState, conversation: string, thread: Thread): StreamState {
  return { ...state, threads: withEntries(state.threads, [[conversation, thread]]) }
}

function withEntries<K, V>(map: ReadonlyMap<K, V>, entries: readonly (readonly [K, V])[]): ReadonlyMap<K, V> {
  const next = new Map(map)
  for (const [key, value] of entries) next.set(key, value)
  return next
}

function withoutKey<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const next = new Map(map)
  next.delete(key)
  return next
}

function without<T>(set: ReadonlySet<T>, items: readonly T[]): ReadonlySet<T> {
  if (!items.some((item) => set.has(item))) return set
  const next = new Set(set)
  for (const item of items) next.delete(item)
  return next
}
