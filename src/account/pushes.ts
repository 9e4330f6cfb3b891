/**
 * Pushes events to the companions that are online: one call at a time per device, whatever has gathered meanwhile goes in
 * the next. A push is a hint (the companion passes over what it has and pulls on a gap), so nothing here is stored.
 */
import type { Push } from '../companion/rpc.ts'
import type { TypingFrame } from '../protocol/frames.ts'
import { CONNECTING_MS } from '../protocol/limits.ts'
import { errorName, record } from '../telemetry.ts'
import { onlineDevices, setGone, setOnline } from './devices.ts'
import { companionIdOf, companionOf } from './others.ts'
import type { DeviceRow } from './rows.ts'
import type { EventPage } from './rpc.ts'

/** What pushing needs of its account. */
export interface PushHost {
  readonly env: Env
  readonly sql: SqlStorage
  /** The head of the event log, and the next page of events after a cursor. */
  head(): number
  eventsAfter(cursor: number): EventPage
  /** Something was not taken: the alarm pushes the head again soon. */
  pushAgain(): void
}

interface Lane {
  /** Made when it is first called. */
  object?: DurableObjectId
  /** The device said that it has everything up to here, or begins here; null while this instance does not know. */
  taken: number | null
  /** Cleared in the very step that finds nothing more to push, so no event is overlooked. */
  active: boolean
  running: Promise<void>
}

export class Pushes {
  readonly #host: PushHost
  readonly #lanes = new Map<string, Lane>()
  /** Where this instance began: what lies before was pushed by an earlier one, or is pulled on the gap. */
  readonly #base: number

  constructor(host: PushHost, base: number) {
    this.#host = host
    this.#base = base
  }

  /** Pushes what each online device has not taken yet; its head only, where that is not known. */
  async pushAll(): Promise<void> {
    await Promise.all(onlineDevices(this.#host.sql).map((device) => this.#push(device.id)))
  }

  /** Passes typing on to the online devices. Lost with a failing call, as typing may be. */
  async pushTyping(typing: TypingFrame): Promise<void> {
    const { env, sql } = this.#host
    const push: Push = { ...this.#nothing(), typing }
    await Promise.allSettled(onlineDevices(sql).map(async (device) => companionOf(env, device.id).push(push)))
  }

  /**
   * Asks the devices that are taken to be online but were not heard of for `idleMs` whether they are: where nothing
   * happens nothing is pushed, and a goodbye that was lost would keep an unused device for ever (S27).
   */
  async findGone(idleMs: number, now: number): Promise<void> {
    const { sql } = this.#host
    const silent = onlineDevices(sql).filter((device) => device.last_seen_at + idleMs <= now)
    await Promise.all(
      silent.map(async ({ id }) => {
        const outcome = await this.#call(companionIdOf(this.#host.env, id), this.#nothing())
        if (outcome === 'offline' || outcome === 'gone') setGone(sql, id)
      }),
    )
  }

  /** The device's socket begins at `cursor`: if the answer that says so is lost, the socket closes and begins anew. */
  noteTaken(device: string, cursor: number): void {
    this.#lane(device).taken = cursor
  }

  /** The device is gone from this instance's memory. */
  forget(device: string): void {
    this.#lanes.delete(device)
  }

  /** Whether some online device has not taken the newest event, as far as is known. */
  isBehind(): boolean {
    const head = this.#host.head()
    return onlineDevices(this.#host.sql).some((device) => isBehind(this.#lanes.get(device.id), head))
  }

  #push(device: string): Promise<void> {
    const lane = this.#lane(device)
    if (!lane.active) lane.running = this.#run(device, lane)
    return lane.running
  }

  async #run(device: string, lane: Lane): Promise<void> {
    lane.active = true
    try {
      while (isBehind(lane, this.#host.head()) && (await this.#pushOnce(device, lane)));
    } finally {
      lane.active = false
    }
  }

  /** @returns whether the device has more than before */
  async #pushOnce(device: string, lane: Lane): Promise<boolean> {
    // Unlinked or gone meanwhile: nothing follows (S9).
    if (this.#online(device) === null) return false
    const from = lane.taken ?? this.#base
    const events = this.#host.eventsAfter(from)
    lane.object ??= companionIdOf(this.#host.env, device)
    const outcome = await this.#call(lane.object, { events, head: this.#host.head() })
    if (typeof outcome === 'number') {
      lane.taken = outcome
      if (outcome <= from && isBehind(lane, this.#host.head())) this.#host.pushAgain()
      return outcome > from
    }
    const row = this.#online(device)
    if (row === null) return false
    const now = Date.now()
    if (outcome === 'failed' || now - row.last_seen_at < CONNECTING_MS) this.#host.pushAgain()
    else setOnline(this.#host.sql, device, false, now)
    return false
  }

  #online(device: string): DeviceRow | null {
    return onlineDevices(this.#host.sql).find(({ id }) => id === device) ?? null
  }

  /** A push without events. */
  #nothing(): Push {
    const head = this.#host.head()
    return { events: { after: head, frames: [] }, head }
  }

  async #call(object: DurableObjectId, push: Push): Promise<number | 'offline' | 'gone' | 'failed'> {
    try {
      return await this.#host.env.COMPANION.get(object).push(push)
    } catch (error) {
      record(this.#host.env, { event: 'call_failed', call: 'push', error: errorName(error) })
      return 'failed'
    }
  }

  #lane(device: string): Lane {
    const known = this.#lanes.get(device)
    if (known !== undefined) return known
    const lane: Lane = { taken: null, active: false, running: Promise.resolve() }
    this.#lanes.set(device, lane)
    return lane
  }
}

function isBehind(lane: Lane | undefined, head: number): boolean {
  return lane === undefined || lane.taken === null || lane.taken < head
}
