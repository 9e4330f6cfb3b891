/**
 * The records of the last state in IndexedDB, in a database of their own for each of the two pages, so that deleting it
 * leaves nothing. A page holds the store by its writer's mark: the page that opened it last has put its own there.
 *
 * What one page deletes, no other writes again: each writes only through the connection that it had when it was told
 * that it may. A deletion waits until every older connection is closed (IndexedDB 3.0, section 5.3), so what was written
 * through one goes with it, and a closed one takes nothing more.
 */
import type { RecordStore } from '../../client/saved-state-keeper.ts'

const STORE = 'records'
const WRITER = 'writer'

/** @param name of the database @throws nothing: a browser that blocks storage rejects each call */
export function createLocalStore(name: string, factory: () => IDBFactory = () => indexedDB): RecordStore {
  const mine = crypto.randomUUID()
  /** Null: not asked for yet, or deleted since. */
  let connection: Promise<IDBDatabase> | null = null

  function connect(): Promise<IDBDatabase> {
    if (connection !== null) return connection
    const opened: Promise<IDBDatabase> = openDatabase(factory(), name, () => lose())
    const lose = (): void => {
      if (connection === opened) connection = null
    }
    opened.catch(lose)
    return (connection = opened)
  }

  return {
    async open() {
      const transaction = (await connect()).transaction(STORE, 'readwrite')
      const store = transaction.objectStore(STORE)
      const keys = store.getAllKeys()
      const values = store.getAll()
      store.put(mine, WRITER)
      await finished(transaction)
      return new Map(keys.result.map((key, index) => [key as string, values.result[index] as unknown]))
    },
    hold: () => void connect(),
    async write(changes, how) {
      const transaction = begin(await connection)
      if (transaction === null) return 'gone'
      const store = transaction.objectStore(STORE)
      let held = how !== 'changes'
      const put = (): void => {
        if (how === 'whole') {
          store.clear()
          store.put(mine, WRITER)
        }
        for (const [key, value] of changes) {
          if (value === undefined) store.delete(key)
          else store.put(value, key)
        }
        // Not left to the browser: one whose page goes aborts what was not committed.
        transaction.commit()
      }
      if (held) put()
      else {
        const writer = store.get(WRITER)
        writer.addEventListener('success', () => {
          held = writer.result === mine
          if (held) put()
        })
      }
      await finished(transaction)
      return held ? 'written' : 'taken'
    },
    async clear() {
      const open = connection
      connection = null
      // A database that was never opened is not made in order to be emptied; it may be there all the same.
      const present = await open?.catch(() => null)
      if (present) {
        const transaction = present.transaction(STORE, 'readwrite')
        transaction.objectStore(STORE).clear()
        await finished(transaction).catch(() => undefined)
        present.close()
      }
      await deleteDatabase(factory(), name)
    },
  }
}

/** @returns null where another page has deleted the database since: its connections are closed then */
function begin(database: IDBDatabase | null): IDBTransaction | null {
  try {
    return database?.transaction(STORE, 'readwrite') ?? null
  } catch (error) {
    if (error instanceof DOMException && error.name === 'InvalidStateError') return null
    throw error
  }
}

function openDatabase(factory: IDBFactory, name: string, onClose: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = factory.open(name, 1)
    opening.addEventListener('upgradeneeded', () => void opening.result.createObjectStore(STORE))
    opening.addEventListener('error', () => reject(opening.error ?? new Error('IndexedDB failed')))
    opening.addEventListener('success', () => {
      const { result } = opening
      // Another page deletes it: this one must not stand in the way.
      result.addEventListener('versionchange', () => {
        onClose()
        result.close()
      })
      result.addEventListener('close', onClose)
      resolve(result)
    })
  })
}

function deleteDatabase(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const deleting = factory.deleteDatabase(name)
    deleting.addEventListener('success', () => resolve())
    deleting.addEventListener('error', () => reject(deleting.error ?? new Error('IndexedDB failed')))
  })
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('aborted')))
  })
}
