/** What each row of a list is drawn from, as the list stands now. Pure: no DOM, no clock. */
import { tickOf } from '../../client/store.ts'
import type { Thread } from '../../client/thread.ts'
import type { Conversation } from '../../protocol/model.ts'
import {
  indexOfUnread,
  isGap,
  isMessage,
  isOutgoing,
  keyOf,
  standingOf,
  type Divider,
  type Item,
} from './message-items.ts'
import type { Range } from './message-window.ts'
import type { Row } from './message-row.ts'

export interface ListStanding {
  items: readonly Item[]
  /** In the page because they are near the view; others are kept in it for the keyboard. */
  range: Range
  conversation: Conversation
  thread: Thread | undefined
  /** What is missing could not be loaded. */
  failed: boolean
  divider: Divider | null
  /** The keys of what has just arrived, and of what was sought and is shown. */
  fresh: ReadonlySet<string>
  found: string
}

/** @returns what the row of the item with that index is drawn from */
export function rowsOf(standing: ListStanding): (index: number) => Row {
  const { items, range, conversation, thread, failed, divider, fresh, found } = standing
  const unread = divider === null ? -1 : indexOfUnread(items, divider)
  const all = thread?.more === false && thread.gaps.length === 0
  const isEmpty = thread?.loaded === true && !thread.more && !failed
  const before = isMessage(items[0]) || isOutgoing(items[0]) ? 1 : 0
  return (index) => {
    const item = items[index]!
    const key = keyOf(item)
    return {
      item,
      ...standingOf(items, index, unread),
      fresh: fresh.has(key),
      found: key === found,
      kept: index < range.start || index >= range.end,
      position: all ? index + before : undefined,
      of: all ? items.length : -1,
      unreadCount: index === unread ? divider!.unread : 0,
      tick: isMessage(item) && item.from === 'me' ? tickOf(conversation, item) : null,
      instead:
        isMessage(item) || isOutgoing(item)
          ? null
          : failed
            ? 'failed'
            : isEmpty && !isGap(item)
              ? conversation
              : items.length === 1
                ? 'waiting'
                : 'loading',
    }
  }
}
