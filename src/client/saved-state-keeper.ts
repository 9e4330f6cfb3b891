/**
 * Keeps the last state of a stream, its drafts and its notices between visits: loads them, writes what changed within a
 * moment, and forgets everything at once. One page writes at a time: the one that loaded last.
 */
import type { DeviceCard } from '../protocol/model.ts'
import { createDrafts, type WatchedDrafts } from './drafts.ts'
import {
  below,
  changesBetween,
  noticesOf,
  recordsOf,
  stateOf,
  type SavedChanges,
  type SavedFile,
  type SavedRecords,
} from './saved-state.ts'
import type { Stream } from './stream.ts'
import type { StreamState } from './store.ts'

/** From one writing to the next: many events come together. A page that goes has no time left to write. */
const WRITE_EVERY_MS = 400

/** A store of records that several pages of one browser share. */
export interface RecordStore {
  /** Reads everything; from now on only this page may write. */
  open(): Promise<SavedRecords>
  /** This page may write from now on, until any page clears the store. Before that nothing is written. */
  hold(): void
  /**
   * Writes in one transaction.
   * @param how `whole`: the changes are everything there is, what else is there goes, and only this page may write now;
   * `last`: the page is going, and there is no time to look whether it may: it was the last to know
   * @returns `taken`: another page has opened the store since; `gone`: a page has cleared it. Nothing was written then
   */
  write(changes: SavedChanges, how: 'whole' | 'changes' | 'last'): Promise<'written' | 'taken' | 'gone'>
  /** Deletes everything, the store itself included. What is written afterwards begins anew. */
  clear(): Promise<void>
}

export interface Saved {
  state: StreamState
  /** Files that were not sent yet, by message. */
  files: ReadonlyMap<string, SavedFile>
  /** This device, where it is one. */
  device: DeviceCard | null
}

export interface StateKeeper {
  readonly drafts: WatchedDrafts
  /** Devices linked that the person is still to be told of. */
  readonly notices: readonly DeviceCard[]
  setNotices(notices: readonly DeviceCard[]): void
  /** Calls `listener` when the notices are other ones. @returns ends it */
  subscribe(listener: () => void): () => void
  /** What was kept for `owner`. Anything else in the store is deleted with the next write. */
  load(owner: string): Promise<Saved | null>
  /** Keeps `stream` from now on. Calling it again for the same owner changes nothing. */
  follow(stream: Stream, owner: string, device?: DeviceCard): void
  /** Another page goes on in its place: nothing is written until `follow`. */
  pause(): void
  /** Writes now what is waiting: the page is hidden, and may be going. */
  flush(): Promise<void>
  /** Forgets everything, here in this very task, in the store as soon as it can. */
  wipe(): Promise<void>
}

interface Following {
  stream: Stream
  owner: string
  device: DeviceCard | undefined
  end: () => void
  /** What was kept is gone, and so is the right to keep it. */
  over: boolean
}

export function createStateKeeper(store: RecordStore): StateKeeper {
  const drafts = createDrafts()
  const listeners = new Set<() => void>()
  let notices: readonly DeviceCard[] = []
  let following: Following | null = null
  /** What the store holds; null: not known, so that everything is written. */
  let stored: SavedRecords | null = null
  let outgoing: StreamState['outgoing'] | null = null
  let writtenAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  drafts.subscribe(plan)

  return {
    drafts,
    get notices() {
      return notices
    },
    setNotices(next) {
      notices = next
      for (const listener of listeners) listener()
      plan()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async load(owner) {
      const records = await store.open()
      const state = stateOf(records, owner, Date.now())
      if (state === null) return null
      stored = records
      notices = noticesOf(records.get('notices'))
      drafts.replace(below(records, 'draft/'))
      return {
        state,
        files: below(records, 'file/'),
        device: (records.get('device') as DeviceCard | undefined) ?? null,
      }
    },
    follow(stream, owner, device) {
      if (following?.stream === stream && following.owner === owner) return
      unfollow()
      store.hold()
      const end = stream.subscribe(({ outgoing: next }) => {
        if (next === outgoing) return plan()
        // What the person sent must not be lost by a reload a moment later.
        outgoing = next
        void write()
      })
      outgoing = stream.state.outgoing
      following = { stream, owner, device, end, over: false }
      plan()
    },
    pause: unfollow,
    flush: () => write(true),
    async wipe() {
      unfollow()
      notices = []
      drafts.replace(new Map())
      await store.clear()
    },
  }

  function unfollow(): void {
    following?.end()
    following = null
    stored = null
    clearTimeout(timer)
    timer = undefined
  }

  function plan(): void {
    if (following !== null)
      timer ??= setTimeout(() => void write(), Math.max(0, writtenAt + WRITE_EVERY_MS - Date.now()))
  }

  async function write(last = false): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const mine = following
    if (mine === null || mine.over) return
    const { stream, owner, device } = mine
    const records = recordsOf(stream.state, owner, stream.attachmentOf)
    if (records === null) return
    if (device) records.set('device', device)
    if (notices.length > 0) records.set('notices', notices)
    for (const [conversation, draft] of drafts.all) records.set(`draft/${conversation}`, draft)
    const whole = stored === null
    const changes = whole ? records : changesBetween(stored!, records)
    if (changes.size === 0) return
    stored = records
    writtenAt = Date.now()
    // A browser that will not keep it goes on without; what is stored is not known then.
    const written = await store.write(changes, whole ? 'whole' : last ? 'last' : 'changes').catch(() => null)
    if (following !== mine) return
    if (written === null) stored = null
    else if (written === 'taken') unfollow()
    // Somebody signed out elsewhere, and this page is still to hear of it: it does not begin again by itself.
    else if (written === 'gone') mine.over = true
  }
}
