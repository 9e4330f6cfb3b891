/**
 * The browser's credential (contract, section 1): an ECDSA P-256 pair whose private half cannot be read out, where it
 * is kept between visits, and the proof it makes. The store holds nothing else: {key, device, linked, at, confirmed}.
 */
import { toBase64Url, utf8 } from '../protocol/bytes.ts'
import { RESUME_WITHIN_MS } from '../protocol/limits.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const DATABASE = 'tandem'
const STORE = 'device'
const RECORD = 'this'

/** What a browser keeps of itself. */
export interface DeviceRecord {
  key: CryptoKeyPair
  /** The id this browser has, or will have if linked; null before the first code. */
  device: string | null
  linked: boolean
  /** The last `qr` or `scanned`, epoch milliseconds. */
  at: number
  /** The person has said that the account shown is theirs (asked once, before the first message goes out). */
  confirmed: boolean
}

/** One value that outlives the page or does not. `change` runs inside one transaction: undefined deletes. */
export interface RecordCell {
  read(): Promise<unknown>
  update(change: (stored: unknown) => unknown): Promise<void>
}

export interface DeviceStorage {
  /** The record if it can be used: linked, or young enough to be resumed. */
  load(now: number): Promise<DeviceRecord | null>
  /** Keeps `record`, unless another tab of this browser was linked meanwhile and this one is not. */
  save(record: DeviceRecord): Promise<void>
  /** Deletes the record if it is this device's. */
  clear(device: string | null): Promise<void>
}

/** A fresh pair, its private half not extractable. */
export async function createDeviceKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
}

/** `key` of the socket's address: the raw uncompressed point, 65 bytes, base64url. */
export async function publicKeyParameter(key: CryptoKeyPair): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', key.publicKey)))
}

/** The signature of `prove`. @param host `URL.host` of the address dialled */
export async function signResume(key: CryptoKeyPair, host: string, device: string, nonce: string): Promise<string> {
  const claim = utf8(`tandem.v1:resume:${host}:${device}:${nonce}`)
  return toBase64Url(
    new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, claim)),
  )
}

/** Whether `record` should be tried with `?device=` before starting anew. */
export function isResumable(record: DeviceRecord, now: number): boolean {
  return record.device !== null && (record.linked || now - record.at < RESUME_WITHIN_MS)
}

export function createDeviceStorage(cell: RecordCell): DeviceStorage {
  return {
    async load(now) {
      const stored = await cell.read()
      return isDeviceRecord(stored) && isResumable(stored, now) ? stored : null
    },
    save: (record) =>
      cell.update((stored) => {
        const other = isDeviceRecord(stored) && stored.device !== record.device
        return other && stored.linked && !record.linked ? stored : { ...record }
      }),
    clear: (device) =>
      cell.update((stored) => (isDeviceRecord(stored) && stored.device !== device ? stored : undefined)),
  }
}

/** A cell that ends with the page: "Keep me signed in" is off, or the browser blocks storage. */
export function createMemoryCell(): RecordCell {
  let value: unknown
  return {
    read: async () => value,
    async update(change) {
      value = change(value)
    },
  }
}

/**
 * A cell in IndexedDB, the only store that takes a non-extractable key. With the record its database goes, so that of a
 * browser that is not linked nothing is left. @throws where the browser blocks storage
 */
export async function openIndexedDbCell(factory: IDBFactory): Promise<RecordCell> {
  let opened: Promise<IDBDatabase> | null = null
  /** One after the other: what is written next must not go with a database that is being deleted. */
  let updates: Promise<unknown> = Promise.resolve()
  await database()
  return {
    read: async () => settled((await database()).transaction(STORE).objectStore(STORE).get(RECORD)),
    update(change) {
      const updated = updates.then(() => write(change))
      updates = updated.catch(() => undefined)
      return updated
    },
  }

  async function write(change: (stored: unknown) => unknown): Promise<void> {
    if (await apply(await database(), change)) return
    ;(await opened)?.close()
    opened = null
    await settled(factory.deleteDatabase(DATABASE))
  }

  function database(): Promise<IDBDatabase> {
    opened ??= open(factory, () => (opened = null))
    return opened
  }
}

async function open(factory: IDBFactory, onClose: () => void): Promise<IDBDatabase> {
  const opening = factory.open(DATABASE, 1)
  opening.addEventListener('upgradeneeded', () => void opening.result.createObjectStore(STORE))
  const database = await settled(opening)
  // Another tab deletes the database, another version of the page changes it, or the person clears the site's data.
  database.addEventListener('versionchange', () => {
    database.close()
    onClose()
  })
  return database
}

/** @returns whether there is a record afterwards */
function apply(database: IDBDatabase, change: (stored: unknown) => unknown): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let kept = false
    const transaction = database.transaction(STORE, 'readwrite')
    transaction.addEventListener('complete', () => resolve(kept))
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('aborted')))
    const store = transaction.objectStore(STORE)
    const reading = store.get(RECORD)
    reading.addEventListener('success', () => {
      const next = change(reading.result)
      kept = next !== undefined
      if (!kept) store.delete(RECORD)
      else if (next !== reading.result) store.put(next, RECORD)
    })
  })
}

function isDeviceRecord(value: unknown): value is DeviceRecord {
  if (typeof value !== 'object' || value === null) return false
  const { key, device, linked, at } = value as Partial<DeviceRecord>
  return (
    key?.privateKey !== undefined &&
    (device === null || typeof device === 'string') &&
    typeof linked === 'boolean' &&
    typeof at === 'number'
  )
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')))
  })
}
