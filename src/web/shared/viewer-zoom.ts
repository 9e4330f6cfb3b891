/** How a picture lies in the viewer: how large, and how far it is moved from the middle. Pure. */

export interface Placing {
  /** 1: it fits. */
  scale: number
  /** Pixels from the middle of the stage to the middle of the picture. */
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export const FIT: Placing = { scale: 1, x: 0, y: 0 }
/** Twice the size of its own pixels, and four times the window at least. */
const LARGEST_FIT = 4
const LARGEST_PIXELS = 2

/** The size at which a picture fits the stage; it is never made larger than it is. */
export function fitted(picture: Size, stage: Size): Size {
  const scale = Math.min(1, stage.width / picture.width, stage.height / picture.height)
  return { width: picture.width * scale, height: picture.height * scale }
}

/** How often larger than fitting it may be. */
export function largestScale(picture: Size, stage: Size): number {
  const { width } = fitted(picture, stage)
  return Math.max(LARGEST_FIT, (LARGEST_PIXELS * picture.width) / width)
}

/**
 * Another size; what lies under `at` stays there.
 * @param at in pixels from the middle of the stage
 */
export function zoomed(
  placing: Placing,
  scale: number,
  at: { x: number; y: number },
  picture: Size,
  stage: Size,
): Placing {
  const next = Math.max(1, Math.min(scale, largestScale(picture, stage)))
  const factor = next / placing.scale
  return within(
    { scale: next, x: at.x - (at.x - placing.x) * factor, y: at.y - (at.y - placing.y) * factor },
    picture,
    stage,
  )
}

/** Moved; no further than to its edge. */
export function moved(placing: Placing, by: { x: number; y: number }, picture: Size, stage: Size): Placing {
  return within({ ...placing, x: placing.x + by.x, y: placing.y + by.y }, picture, stage)
}

function within({ scale, x, y }: Placing, picture: Size, stage: Size): Placing {
  const fit = fitted(picture, stage)
  const mostX = Math.max(0, (fit.width * scale - stage.width) / 2)
  const mostY = Math.max(0, (fit.height * scale - stage.height) / 2)
  return { scale, x: clamp(x, mostX), y: clamp(y, mostY) }
}

function clamp(value: number, most: number): number {
  // Plus zero: minus zero is no place of its own.
  return Math.max(-most, Math.min(most, value)) + 0
}
