/** Fingers, a pen or a mouse on a picture: one moves it or goes to the next, two zoom. */

/** Pulled this far aside, a picture that fits makes room for the next; in pixels. */
const SWIPE = 60

export interface FingerActions {
  /** @param at in pixels from the middle */
  zoom: (factor: number, at: { x: number; y: number }) => void
  move: (by: { x: number; y: number }) => void
  /** @param steps 1: towards the newer, in the direction of the writing */
  swipe: (steps: 1 | -1) => void
}

export function watchFingers(stage: HTMLElement, actions: FingerActions, signal: AbortSignal): void {
  const down = new Map<number, { x: number; y: number }>()
  let began: { x: number; y: number } | null = null

  stage.addEventListener(
    'pointerdown',
    (event) => {
      if ((event.target as Element).closest('button, a') !== null) return
      stage.setPointerCapture(event.pointerId)
      down.set(event.pointerId, { x: event.clientX, y: event.clientY })
      began = down.size === 1 && event.pointerType === 'touch' ? { x: event.clientX, y: event.clientY } : null
    },
    { signal },
  )
  stage.addEventListener(
    'pointermove',
    (event) => {
      const before = down.get(event.pointerId)
      if (before === undefined) return
      const now = { x: event.clientX, y: event.clientY }
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1]
      down.set(event.pointerId, now)
      if (other === undefined) {
        actions.move({ x: now.x - before.x, y: now.y - before.y })
        return
      }
      const { left, top, width, height } = stage.getBoundingClientRect()
      const middle = { x: (now.x + other.x) / 2 - left - width / 2, y: (now.y + other.y) / 2 - top - height / 2 }
      actions.zoom(apart(now, other) / Math.max(1, apart(before, other)), middle)
    },
    { signal },
  )
  for (const name of ['pointerup', 'pointercancel'] as const) {
    stage.addEventListener(
      name,
      (event) => {
        if (!down.delete(event.pointerId) || began === null) return
        const aside = event.clientX - began.x
        const upright = Math.abs(event.clientY - began.y) > Math.abs(aside)
        began = null
        if (name === 'pointercancel' || upright || Math.abs(aside) < SWIPE) return
        const onwards = getComputedStyle(stage).direction === 'rtl' ? aside > 0 : aside < 0
        actions.swipe(onwards ? 1 : -1)
      },
      { signal },
    )
  }
}

function apart(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
