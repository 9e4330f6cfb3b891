/** What an account asks of R2: whether an upload is there, and the removal of what nothing shows any more. */
import type { AccountCore } from './core.ts'
import { backoff } from './backoff.ts'
import { setDue } from './due.ts'
import { deleteMedia } from './media.ts'
import { doomDueMedia, markReady, planSweep, unfinishedParts } from './uploads.ts'
import { UPLOAD_KEPT_MS } from '../protocol/limits.ts'

/**
 * Looks for the bytes of an upload that is not known to be finished: the call that says so may have been lost after the
 * PUT. An object in R2 is always whole, because a PUT writes all of it or nothing.
 */
export async function settleUpload(core: AccountCore, id: string): Promise<void> {
  const bucket = core.env.MEDIA
  if (bucket === undefined) return
  const parts = unfinishedParts(core.sql, id)
  const heads = await Promise.all(parts.map(({ object }) => bucket.head(object)))
  const found = parts.filter(({ bytes }, index) => heads[index]?.size === bytes)
  if (found.length > 0) core.commit(() => found.forEach((part) => markReady(core.sql, part.id)))
}

/**
 * Removes what is due, from R2 first and then its rows, so that nothing stays there unknown. The next try is set before
 * the call: a failure or a lost object leaves it to the alarm.
 */
export async function sweepMedia(core: AccountCore, tries: number): Promise<void> {
  const { sql, env, id: account } = core
  const bucket = env.MEDIA
  const doomed = core.commit((now) => {
    setDue(sql, 'media', now + (bucket === undefined ? UPLOAD_KEPT_MS : backoff(tries + 1)), tries + 1)
    return bucket === undefined ? [] : doomDueMedia(sql, now)
  })
  if (bucket === undefined) return
  // The demo's photos are everybody's.
  const own = doomed.map(({ object }) => object).filter((object) => object.startsWith(`${account}/`))
  if (own.length > 0) await bucket.delete(own)
  core.commit(() => {
    for (const { id } of doomed) deleteMedia(sql, id)
    planSweep(sql)
  })
}
