/** Where one is in a conversation, and was in each conversation of an account. */
import type { Stream } from '../../client/stream.ts'
import { indexOfItem, isMessage, keyOf, orderOf, type Item } from './message-items.ts'
import { EDGE, type Range, type RowOffsets } from './message-window.ts'

/**
 * A place in a conversation: how far the view's top is below an item's top or end; null: at the conversation's end.
 * What is read is held by its end, because a line may come and go above it (a day's, once those before it are known).
 */
export type Place = { order: number; key: string; edge: 'top' | 'end'; delta: number } | null

/** Where an item should come to stand. */
export type Block = 'start' | 'center' | 'nearest'

/** For as long as the page is linked to the account. */
const places = new WeakMap<Stream, { account: string | undefined; byConversation: Map<string, Place> }>()

/** Where a conversation was left; null: at its end, or never seen. */
export function placeLeft(stream: Stream, conversation: string): Place {
  return placesOf(stream).get(conversation) ?? null
}

export function keepPlace(stream: Stream, conversation: string, place: Place): void {
  // Everything was wiped: this, too.
  if (stream.state.account === null) places.delete(stream)
  else placesOf(stream).set(conversation, place)
}

/** Where the view's top belongs, from the first row's. */
export function topOfPlace(place: NonNullable<Place>, items: readonly Item[], offsets: RowOffsets): number {
  const index = indexOfItem(items, place.order, place.key)
  return offsets.top(place.edge === 'end' ? index + 1 : index) + place.delta
}

/** What is read: the first message of which anything is seen. @param top of the view, from the first row's */
export function placeAt(items: readonly Item[], offsets: RowOffsets, { start, end }: Range, top: number): Place {
  let index = start
  while (index < end - 1 && !isMessage(items[index])) index++
  const item = items[index]!
  return { order: orderOf(item), key: keyOf(item), edge: 'end', delta: top - offsets.top(index + 1) }
}

/**
 * The place in which an item stands where it should.
 * @param top the distance of the item's top from the view's
 * @param room what the view is taller than the item
 */
export function placeFor(item: Item, block: Block, top: number, room: number, viewport: number): Place {
  const nearest = Math.min(Math.max(top, EDGE), room - EDGE)
  const wanted = block === 'start' ? viewport / 4 : block === 'center' ? room / 2 : nearest
  return { order: orderOf(item), key: keyOf(item), edge: 'top', delta: -Math.max(EDGE, wanted) }
}

function placesOf(stream: Stream): Map<string, Place> {
  const account = stream.state.account?.id
  const known = places.get(stream)
  if (known !== undefined && known.account === account) return known.byConversation
  const byConversation = new Map<string, Place>()
  places.set(stream, { account, byConversation })
  return byConversation
}
