/**
 * A code that is typed, named by its hash: forty bits cannot carry an object's id, so this object leads to the companion
 * that shows it. It knows nothing else: whether the code is good, and for whom, the companion decides.
 *
 * Storage: one key, `companion` {@link StoredCompanion}; the alarm erases it once the code and a hold of it are over.
 */
import { DurableObject } from 'cloudflare:workers'
import type { SpellingRpc } from './rpc.ts'

const KEY = 'companion'

interface StoredCompanion {
  /** Its object id, hex. */
  id: string
  until: number
}

export class Spelling extends DurableObject<Env> implements SpellingRpc {
  async claim(companion: string, until: number): Promise<boolean> {
    const living = this.#living()
    if (living !== null && living.id !== companion) return false
    this.ctx.storage.kv.put<StoredCompanion>(KEY, { id: companion, until })
    await this.ctx.storage.setAlarm(until)
    return true
  }

  async companion(): Promise<string | null> {
    return this.#living()?.id ?? null
  }

  /** Decides by the clock: it may come early, late or twice. */
  override async alarm(): Promise<void> {
    const living = this.#living()
    if (living === null) await this.ctx.storage.deleteAll()
    else await this.ctx.storage.setAlarm(living.until)
  }

  #living(): StoredCompanion | null {
    const stored = this.ctx.storage.kv.get<StoredCompanion>(KEY)
    return stored !== undefined && Date.now() < stored.until ? stored : null
  }
}
