/**
 * The sound that is being played: one at a time, and on while its message is scrolled away. The element that plays stands
 * in no row, so that rows may come and go.
 */

export interface Playback {
  /** The media's id. */
  id: string
  playing: boolean
  /** Seconds. */
  at: number
  /** Seconds, as the player knows it; 0 until it does. */
  length: number
  failed: boolean
}

const SPEEDS = [1, 1.5, 2] as const

let speed: (typeof SPEEDS)[number] = 1
let player: HTMLAudioElement | null = null
let current: Playback | null = null
const listeners = new Set<() => void>()

/** What is being played, or was and is still held; of the media `id`. */
export function playbackOf(id: string): Playback | null {
  return current?.id === id ? current : null
}

/** Calls `listener` whenever something about the playback changes, until `signal`. */
export function watchPlayback(listener: () => void, signal: AbortSignal): void {
  listeners.add(listener)
  signal.addEventListener('abort', () => listeners.delete(listener), { once: true })
}

/** Plays from `at` seconds; what played before is silent then. */
export function play(id: string, url: string, at: number): void {
  const audio = (player ??= createPlayer())
  if (current?.id !== id || current.failed || audio.src !== new URL(url, location.href).href) {
    audio.src = url
    current = { id, playing: false, at, length: 0, failed: false }
  }
  if (audio.currentTime !== at) audio.currentTime = at
  pauseOthers(audio)
  // What goes wrong is said by the events of the player.
  audio.play().catch(() => undefined)
}

export function pausePlayback(): void {
  player?.pause()
}

/** Goes to a place, in seconds, of what is being played. */
export function seekPlayback(at: number): void {
  if (player !== null) player.currentTime = at
}

/** How many times as fast as it was spoken; for all that is played, until the page is left. */
export function playbackSpeed(): number {
  return speed
}

/** Plays at the next speed, after the last at the first. */
export function nextSpeed(): void {
  speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1
  if (player !== null) player.playbackRate = player.defaultPlaybackRate = speed
  change(current)
}

/** Silence, and nothing held: what was played is gone. */
export function endPlayback(): void {
  if (player === null) return
  player.pause()
  player.removeAttribute('src')
  player.load()
  change(null)
}

function createPlayer(): HTMLAudioElement {
  const audio = new Audio()
  audio.defaultPlaybackRate = speed
  const now = (): Partial<Playback> => ({
    playing: !audio.paused && !audio.ended,
    at: audio.currentTime,
    // Of a recording that was never finished the length is not known.
    length: Number.isFinite(audio.duration) ? audio.duration : 0,
  })
  for (const name of ['play', 'pause', 'timeupdate', 'durationchange', 'seeked'] as const) {
    audio.addEventListener(name, () => change(current && { ...current, ...now() }))
  }
  audio.addEventListener('ended', () => change(current && { ...current, playing: false, at: 0 }))
  audio.addEventListener('error', () => {
    if (audio.hasAttribute('src')) change(current && { ...current, playing: false, failed: true })
  })
  // A film that begins silences it. The event does not bubble.
  document.addEventListener(
    'play',
    ({ target }) => {
      if (target instanceof HTMLMediaElement) pauseOthers(target)
    },
    { capture: true },
  )
  return audio
}

function pauseOthers(except: HTMLMediaElement): void {
  if (player !== except) player?.pause()
  for (const media of document.querySelectorAll('video, audio')) {
    if (media instanceof HTMLMediaElement && media !== except) media.pause()
  }
}

function change(next: Playback | null): void {
  current = next
  for (const listener of listeners) listener()
}
