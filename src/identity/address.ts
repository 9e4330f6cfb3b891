/**
 * A network address, named by its `addressKey`: exact hourly counts of what costs money or annoys people (S14).
 *
 * Storage: one key for each thing counted, {@link StoredCount}; the alarm erases everything when the last hour is over.
 */
import { DurableObject } from 'cloudflare:workers'
import { HOUR_MS } from '../protocol/limits.ts'
import type { AddressRpc, Counted } from './rpc.ts'

interface StoredCount {
  count: number
  /** When the hour that began with the first use is over. */
  endsAt: number
}

export class Address extends DurableObject<Env> implements AddressRpc {
  async admit(what: Counted, limit: number, counts = true): Promise<number> {
    const now = Date.now()
    const stored = this.ctx.storage.kv.get<StoredCount>(what)
    const running = stored !== undefined && now < stored.endsAt ? stored : { count: 0, endsAt: now + HOUR_MS }
    if (running.count >= limit) return Math.ceil((running.endsAt - now) / 1000)
    if (!counts) return 0
    this.ctx.storage.kv.put<StoredCount>(what, { ...running, count: running.count + 1 })
    if (running.count === 0) await this.ctx.storage.setAlarm(running.endsAt)
    return 0
  }

  /** Decides by the clock: it may come early, late or twice. */
  override async alarm(): Promise<void> {
    const ends = [...this.ctx.storage.kv.list<StoredCount>()].map(([, { endsAt }]) => endsAt)
    const last = Math.max(0, ...ends)
    if (Date.now() < last) await this.ctx.storage.setAlarm(last)
    else await this.ctx.storage.deleteAll()
  }
}
