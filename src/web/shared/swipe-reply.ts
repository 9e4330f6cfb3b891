/** A message that is pulled aside by a finger is answered. Pulled less far, or up or down, nothing happens. */

/** How far it must be pulled, and how far it moves at most; before the first of them it may still be a scroll. In pixels. */
const BEGINS = 12
const ENOUGH = 56
const FARTHEST = 72

interface Swipe {
  pointer: number
  row: HTMLElement
  bubble: HTMLElement
  x: number
  y: number
  pulled: number
}

/** @param onSwipe with the row (`.message`) that was pulled */
export function watchSwipes(within: HTMLElement, onSwipe: (row: HTMLElement) => void, signal: AbortSignal): void {
  let swipe: Swipe | null = null
  within.addEventListener('pointerdown', begin, { signal })
  within.addEventListener('pointermove', move, { signal })
  within.addEventListener('pointerup', release, { signal })
  within.addEventListener('pointercancel', letGo, { signal })

  function begin({ pointerType, pointerId, isPrimary, target, clientX, clientY }: PointerEvent): void {
    letGo()
    if (pointerType !== 'touch' || !isPrimary || !(target instanceof Element)) return
    // A slider is pulled itself.
    if (target.closest('input, video') !== null) return
    const bubble = target.closest<HTMLElement>('.bubble')
    const row = bubble?.closest<HTMLElement>('.message')
    if (bubble && row) swipe = { pointer: pointerId, row, bubble, x: clientX, y: clientY, pulled: 0 }
  }

  function move({ pointerId, clientX, clientY }: PointerEvent): void {
    if (swipe?.pointer !== pointerId) return
    const forwards = getComputedStyle(swipe.row).direction === 'rtl' ? -1 : 1
    const along = (clientX - swipe.x) * forwards
    if (swipe.pulled === 0 && (along < BEGINS || Math.abs(clientY - swipe.y) > along)) {
      if (Math.abs(clientY - swipe.y) > BEGINS) letGo()
      return
    }
    swipe.pulled = Math.max(1, Math.min(FARTHEST, along - BEGINS))
    swipe.bubble.style.translate = `${swipe.pulled * forwards}px 0`
    swipe.row.classList.toggle('pulled', swipe.pulled >= ENOUGH)
  }

  function release(event: PointerEvent): void {
    if (swipe?.pointer !== event.pointerId) return
    const { row, pulled } = swipe
    letGo()
    if (pulled >= ENOUGH) onSwipe(row)
  }

  function letGo(): void {
    if (swipe === null) return
    swipe.bubble.style.translate = ''
    swipe.row.classList.remove('pulled')
    swipe = null
  }
}
