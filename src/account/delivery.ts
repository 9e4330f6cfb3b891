/**
 * Calls other accounts with what the outbox holds: one call at a time per peer, in order, retried by the alarm.
 * The state that counts is in tables; what is in memory only keeps two calls from overlapping.
 */
import { errorName, record } from '../telemetry.ts'
import { backoff } from './backoff.ts'
import { conversationByKey, setGone } from './conversations.ts'
import { clearDue, readDue, setDue, type Due } from './due.ts'
import { accountOf } from './others.ts'
import { dropOutbox, nextBatch, settle, waitingConversations } from './outbox.ts'
import { peerCardOf, readProfile } from './profile.ts'
import type { Delivery, DeliverResult, PeerCard } from './rpc.ts'

/** What delivery needs of its account. */
export interface DeliveryHost {
  readonly env: Env
  readonly sql: SqlStorage
  /** Runs a change in one transaction and tells the account's own devices of its events. */
  commit(change: (now: number) => void): void
}

/** One peer's calls. `active` is cleared in the very step that finds nothing more to do, so no row is overlooked. */
interface Lane {
  active: boolean
  running: Promise<void>
}

export class DeliveryCalls {
  readonly #host: DeliveryHost
  readonly #lanes = new Map<number, Lane>()

  constructor(host: DeliveryHost) {
    this.#host = host
  }

  /** Delivers to every peer for whom something waits (by conversation) and who is not being waited for after a failure. */
  async deliverAll(now: number, waiting: ReadonlySet<number>): Promise<void> {
    const { sql } = this.#host
    const ready = [...waiting].filter((key) => (readDue(sql, retryOf(key))?.at ?? 0) <= now)
    await Promise.all(ready.map((key) => this.deliver(key)))
  }

  /** Delivers what waits for one peer. Resolves when nothing does any more, or the peer could not be reached. */
  deliver(key: number): Promise<void> {
    const lane = this.#lanes.get(key) ?? { active: false, running: Promise.resolve() }
    this.#lanes.set(key, lane)
    if (!lane.active) lane.running = this.#run(key, lane)
    return lane.running
  }

  async #run(key: number, lane: Lane): Promise<void> {
    lane.active = true
    try {
      while (await this.#deliverOnce(key));
    } finally {
      lane.active = false
    }
  }

  /** @returns whether there may be more to do */
  async #deliverOnce(key: number): Promise<boolean> {
    const { sql, env } = this.#host
    const batch = waitingConversations(sql).has(key) ? nextBatch(sql, key, Date.now()) : null
    const profile = readProfile(sql)
    const conversation = batch === null ? null : conversationByKey(sql, key)
    if (batch === null || profile === null || conversation === null) {
      clearDue(sql, retryOf(key))
      return false
    }
    const result = await call(env, conversation.account, peerCardOf(sql, profile), batch)
    if (result === null || (result.outcome === 'gap' && result.expected <= batch.oldest)) {
      this.#fail(key)
      return false
    }
    this.#host.commit(() => {
      clearDue(sql, retryOf(key))
      if (result.outcome === 'taken') settle(sql, key, result.upTo)
      else if (result.outcome === 'gap') settle(sql, key, result.expected - 1)
      else dropOutbox(sql, key, batch.deliveries.at(-1)?.number ?? 0)
      if (result.outcome === 'gone' && profile.deleted_at === null) setGone(sql, conversation)
    })
    return true
  }

  #fail(key: number): void {
    const { sql } = this.#host
    this.#host.commit((now) => {
      const tries = (readDue(sql, retryOf(key))?.tries ?? 0) + 1
      setDue(sql, retryOf(key), now + backoff(tries), tries)
    })
  }
}

/** @returns null when the other object was reset, overloaded or out of reach */
async function call(
  env: Env,
  account: string,
  card: PeerCard,
  { oldest, deliveries }: { oldest: number; deliveries: Delivery[] },
): Promise<DeliverResult | null> {
  const peer = accountOf(env, account)
  if (peer === null) return { outcome: 'gone' }
  try {
    return await peer.deliver(card, oldest, deliveries)
  } catch (error) {
    record(env, { event: 'call_failed', call: 'deliver', error: errorName(error) })
    return null
  }
}

function retryOf(key: number): Due {
  return `deliver:${key}`
}
