/** The one key that a companion stores, from the approval on: `device`. Lifetimes in docs/storage.md. */
import type { NewDevice } from '../account/rpc.ts'
import type { DeviceCard, UnlinkReason } from '../protocol/model.ts'
import type { Hold } from './link-types.ts'

/** Approved; the account has not answered yet. Rolled forward until it does. */
export interface LinkingRecord {
  state: 'linking'
  key: string
  hold: Hold
  device: NewDevice
  by: { session: string | null; issuedAt: number }
  /** Calls that failed so far. */
  failures: number
}

export interface LinkedRecord {
  state: 'linked'
  key: string
  account: string
  /** The code's hashes, so that a repeated approve answers the same device. */
  codes: string[]
  device: DeviceCard
}

/** Kept so that the key can learn why (contract, section 1). */
export interface EndedRecord {
  state: 'ended'
  key: string
  reason: UnlinkReason
  endedAt: number
}

export type DeviceRecord = LinkingRecord | LinkedRecord | EndedRecord

const KEY = 'device'

/** Nobody else writes it, so what an instance has read or written stays true: each push asks for it. */
const remembered = new WeakMap<DurableObjectStorage, DeviceRecord | null>()

export function readRecord(storage: DurableObjectStorage): DeviceRecord | null {
  let record = remembered.get(storage)
  if (record === undefined) {
    record = storage.kv.get<DeviceRecord>(KEY) ?? null
    remembered.set(storage, record)
  }
  return record
}

export function writeRecord(storage: DurableObjectStorage, record: DeviceRecord): void {
  storage.kv.put(KEY, record)
  remembered.set(storage, record)
}

export function deleteRecord(storage: DurableObjectStorage): void {
  storage.kv.delete(KEY)
  remembered.set(storage, null)
}

/** Leaves nothing of the companion, its alarm included. */
export async function deleteEverything(storage: DurableObjectStorage): Promise<void> {
  remembered.set(storage, null)
  await storage.deleteAll()
}
