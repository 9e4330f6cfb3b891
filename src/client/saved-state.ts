/**
 * The last state of an account as it is kept between visits: flat records by key, made from the state and read back
 * into it. Pure: where they are stored is `saved-state-keeper.ts`'s and the page's business. Records are compared by
 * identity, as the state is, so that only what changed is written, and the cursor with it.
 */
import type { Conversation, DeviceCard, Media } from '../protocol/model.ts'
import { EMPTY_STATE, listConversations, type Outgoing, type StreamState } from './store.ts'
import type { Thread } from './thread.ts'
import type { Attachment } from './uploads.ts'

/** Another form of the records: what an older page kept is of no use to a newer one, and the other way around. */
export const SAVED_VERSION = 1
/** The newest messages of the chats that were active last: a screen or two of each. */
export const SAVED_MESSAGES = 50
export const SAVED_THREADS = 30
/** Of an account with more conversations than this, the list is shown from memory and then asked for anew. */
export const SAVED_CONVERSATIONS = 1000

/** By key: `head`, `outgoing`, `conversation/…`, `thread/…`, `file/…`, and what the page adds of its own. */
export type SavedRecords = ReadonlyMap<string, unknown>
/** Undefined: the record goes. */
export type SavedChanges = ReadonlyMap<string, unknown>

/** A file that was not sent yet; its preview is made anew. */
export type SavedFile = Omit<Attachment, 'preview' | 'release'>

interface SavedHead {
  version: typeof SAVED_VERSION
  owner: string
  /** Null: the next snapshot replaces everything. */
  cursor: number | null
  account: NonNullable<StreamState['account']>
  more: string | null
  missing: string[]
}

const cutThreads = new WeakMap<Thread, Thread>()
const lists = new WeakMap<StreamState['outgoing'], Outgoing[]>()
const savedFiles = new WeakMap<Attachment, SavedFile>()

/**
 * The records of a state that is whole; null while it is not (before the first snapshot, or after a gap).
 * @param owner the device or account whose state it is
 * @param attachmentOf the file of a message on its way out
 */
export function recordsOf(
  state: StreamState,
  owner: string,
  attachmentOf: (id: string) => Attachment | null,
): Map<string, unknown> | null {
  const { cursor, account, more, missing } = state
  if (cursor === null || account === null) return null
  const listed = listConversations(state)
  const kept = listed.slice(0, SAVED_CONVERSATIONS)
  const head: SavedHead = {
    version: SAVED_VERSION,
    owner,
    cursor: kept.length < listed.length ? null : cursor,
    account,
    more,
    missing: [...missing],
  }
  const records = new Map<string, unknown>([['head', head]])
  let threads = 0
  for (const conversation of kept) {
    records.set(`conversation/${conversation.id}`, conversation)
    const thread = state.threads.get(conversation.id)
    if (thread?.loaded && threads++ < SAVED_THREADS) records.set(`thread/${conversation.id}`, cut(thread))
  }
  if (state.outgoing.size > 0)
    records.set(
      'outgoing',
      memo(lists, state.outgoing, () => listOutgoing(state)),
    )
  for (const id of state.outgoing.keys()) {
    const attachment = attachmentOf(id)
    if (attachment)
      records.set(
        `file/${id}`,
        memo(savedFiles, attachment, () => fileOf(attachment)),
      )
  }
  return records
}

/**
 * The state that records hold; null when they are another's, of another form, or none. Pictures whose addresses have
 * expired meanwhile are left out, and their conversations are to be asked for.
 */
export function stateOf(records: SavedRecords, owner: string, now: number): StreamState | null {
  const head = records.get('head')
  if (!isHead(head) || head.owner !== owner) return null
  const outgoing = (records.get('outgoing') ?? []) as Outgoing[]
  const conversations = below<Conversation>(records, 'conversation/')
  const missing = new Set(head.missing)
  for (const [id, conversation] of conversations) {
    const fresh = withFreshAvatar(conversation, now)
    if (fresh === conversation) continue
    conversations.set(id, fresh)
    missing.add(id)
  }
  return {
    ...EMPTY_STATE,
    cursor: head.cursor,
    account: withFreshAvatar(head.account, now),
    more: head.more,
    conversations,
    threads: below(records, 'thread/'),
    outgoing: new Map(outgoing.map((message) => [message.id, message])),
    missing,
  }
}

/** The records whose keys begin with `prefix`, by what follows it. */
export function below<T>(records: SavedRecords, prefix: string): Map<string, T> {
  const found = new Map<string, T>()
  for (const [key, value] of records) if (key.startsWith(prefix)) found.set(key.slice(prefix.length), value as T)
  return found
}

/** What must be written so that a store that holds `before` holds `after`. */
export function changesBetween(before: SavedRecords, after: SavedRecords): SavedChanges {
  const changes = new Map<string, unknown>()
  for (const [key, value] of after) if (!isSame(key, before.get(key), value)) changes.set(key, value)
  for (const key of before.keys()) if (!after.has(key)) changes.set(key, undefined)
  return changes
}

/** Devices that were linked and that the person has not been told of, as they were kept. */
export function noticesOf(value: unknown): DeviceCard[] {
  return Array.isArray(value) ? (value as DeviceCard[]) : []
}

function withFreshAvatar<T extends { avatar?: Media }>(owner: T, now: number): T {
  if (owner.avatar === undefined || owner.avatar.expiresAt > now) return owner
  const { avatar: _, ...rest } = owner
  return rest as T
}

function isHead(value: unknown): value is SavedHead {
  if (typeof value !== 'object' || value === null) return false
  const { version, account, cursor } = value as Partial<SavedHead>
  return version === SAVED_VERSION && typeof account?.id === 'string' && cursor !== undefined
}

/** The head is made anew each time, and small. */
function isSame(key: string, before: unknown, after: unknown): boolean {
  return before === after || (key === 'head' && JSON.stringify(before) === JSON.stringify(after))
}

function cut(thread: Thread): Thread {
  if (thread.messages.length <= SAVED_MESSAGES) return thread
  return memo(cutThreads, thread, () => {
    const messages = thread.messages.slice(-SAVED_MESSAGES)
    const first = messages[0]?.seq ?? Infinity
    return { ...thread, messages, more: true, gaps: thread.gaps.filter(({ after }) => after >= first) }
  })
}

/** An address of the page's own ends with the page. */
function listOutgoing({ outgoing }: StreamState): Outgoing[] {
  return [...outgoing.values()].map((message) => {
    if (message.file === undefined) return message
    const { preview: _, ...file } = message.file
    return { ...message, file }
  })
}

function fileOf(attachment: Attachment): SavedFile {
  const file: Attachment = { ...attachment }
  delete file.preview
  delete file.release
  return file
}

function memo<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}
