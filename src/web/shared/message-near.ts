/** What follows from what is near the view: what is to be loaded, and what was read. */
import type { Stream } from '../../client/stream.ts'
import type { Thread } from '../../client/thread.ts'
import { isGap, isMessage } from './message-items.ts'
import type { MessageView } from './message-view.ts'

/** Messages are loaded when their end is this near, in pixels. */
const NEAR = 3000

/** Loads what is missing near the view. */
export function loadNear(
  stream: Stream,
  thread: Thread | undefined,
  id: string,
  view: MessageView,
  onFailed: () => void,
): void {
  const { items, range } = view
  if (thread?.loaded !== true) return void stream.loadHistory(id).catch(onFailed)
  if (thread.more && view.topOf(0) > -NEAR) stream.loadHistory(id).catch(onFailed)
  if (thread.gaps.length === 0) return
  for (let index = range.start; index < range.end; index++) {
    const gap = items[index]
    if (!isGap(gap)) continue
    const above = view.topOf(index) < view.visibleHeight / 2
    stream.loadGap(id, gap, above ? 'newer' : 'older').catch(onFailed)
  }
}

/** @returns the number of the last message that rests on the screen to its end; null for none */
export function readOn(view: MessageView): number | null {
  const { items, visible, place, moving } = view
  if (moving) return null
  for (let index = visible.end - 1; index >= visible.start; index--) {
    const item = items[index]
    if (isMessage(item) && (place === null || view.endBelow(index) <= 1)) return item.seq
  }
  return null
}
