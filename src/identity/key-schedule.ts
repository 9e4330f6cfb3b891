/**
 * When keys are made, sign and go. Pure. A key is made every KEY_SIGNS_MS; it is published for KEY_SETTLES_MS before it
 * signs, because isolates hold an older set for up to KEY_CACHE_MS; it stays published for KEY_PUBLISHED_MS afterwards.
 */
import { KEY_PUBLISHED_MS, KEY_SETTLES_MS, KEY_SIGNS_MS } from '../protocol/limits.ts'

interface Made {
  madeAt: number
}

/** Whether a new key must be made at `now`. */
export function isKeyDue(keys: readonly Made[], now: number): boolean {
  return keys.every(({ madeAt }) => now - madeAt >= KEY_SIGNS_MS)
}

/** The keys that are still published, the one that signs first, then the newest first. */
export function publishedAt<K extends Made>(keys: readonly K[], now: number): K[] {
  const living = keys
    .filter(({ madeAt }) => now - madeAt < KEY_SIGNS_MS + KEY_PUBLISHED_MS)
    .toSorted((a, b) => b.madeAt - a.madeAt)
  // The very first key has nothing to wait for: no isolate can hold a set without it.
  const signing = living.find(({ madeAt }) => now - madeAt >= KEY_SETTLES_MS) ?? living.at(-1)
  return signing === undefined ? [] : [signing, ...living.filter((key) => key !== signing)]
}
