/** Which row the arrow keys, Home and End lead to. Pages up and down are the browser's own. Pure. */
import { isMessage, isOutgoing, type Item } from './message-items.ts'
import type { Range } from './message-window.ts'

/**
 * @param at the row that has the focus; null: the list itself has it, and the first step leads to what is seen of it
 * @returns the index to go to, or null when the key is none of these
 */
export function stepOf(
  event: Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>,
  items: readonly Item[],
  at: number | null,
  visible: Range,
): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null
  switch (event.key) {
    case 'ArrowUp':
      return next(items, at ?? visible.end, -1)
    case 'ArrowDown':
      return next(items, at ?? visible.start - 1, 1)
    case 'Home':
      return next(items, -1, 1)
    case 'End':
      return next(items, items.length, -1)
    default:
      return null
  }
}

/** The next message; at the last one, itself. */
function next(items: readonly Item[], from: number, step: 1 | -1): number | null {
  for (let index = from + step; index >= 0 && index < items.length; index += step) {
    if (isMessage(items[index]) || isOutgoing(items[index])) return index
  }
  return from >= 0 && from < items.length ? from : null
}
