/** The sound of a new message: only after the person has touched the page once (browsers insist), and not too often. */

const SOURCE = '/sounds/message.mp3'
const EVERY_MS = 2_000

export interface MessageSound {
  play(): void
}

/** @param ends stops listening for the first gesture */
export function createMessageSound(ends: AbortSignal): MessageSound {
  let audio: HTMLAudioElement | null = null
  let playedAt = 0
  const arm = (): void => {
    audio ??= new Audio(SOURCE)
  }
  for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, arm, { once: true, signal: ends })
  return {
    play() {
      const now = Date.now()
      if (audio === null || now - playedAt < EVERY_MS) return
      playedAt = now
      audio.currentTime = 0
      // A browser that will not play it is no fault of the page.
      audio.play().catch(() => undefined)
    },
  }
}
