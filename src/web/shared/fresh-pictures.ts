/** The addresses of people's pictures expire after an hour or two; a page may be open for days. */
import type { Stream } from '../../client/stream.ts'

const LOOK_EVERY_MS = 5 * 60_000
/** Renewed this long before they expire: longer than from one look to the next. */
const AHEAD_MS = 6 * 60_000

/** Asks for the conversations whose pictures' addresses are about to expire, until `ends`. */
export function keepPicturesFresh(stream: Stream, ends: AbortSignal): void {
  const timer = setInterval(() => {
    const soon = Date.now() + AHEAD_MS
    const expiring = [...stream.state.conversations.values()]
      .filter(({ avatar }) => avatar !== undefined && avatar.expiresAt < soon)
      .map(({ id }) => id)
    // Those that are left over have their turn at the next look.
    if (expiring.length > 0) stream.refresh(expiring).catch(() => undefined)
  }, LOOK_EVERY_MS)
  ends.addEventListener('abort', () => clearInterval(timer))
}
