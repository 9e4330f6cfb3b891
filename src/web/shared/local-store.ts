/**
 * The records of the last state in IndexedDB, in a database of their own for each of the two pages, so that deleting it
 * leaves nothing. A page holds the store by its writer's mark: the page that opened it last has put its own there.
 */
import type { RecordStore } from '../../client/saved-state-keeper.ts'

const STORE = 'records'
const WRITER = 'writer'

/** @param name of the database @throws nothing: a browser that blocks storage rejects each call */
export function createLocalStore(name: string, factory: () => IDBFactory = () => indexedDB): RecordStore {
  const mine = crypto.randomUUID()
  let opening: Promise<IDBDatabase> | null = null

  function database(): Promise<IDBDatabase> {
    opening ??= openDatabase(factory(), name, () => {
      opening = null
    })
    opening.catch(() => {
      opening = null
    })
    return opening
  }

  return {
    async open() {
      const transaction = (await database()).transaction(STORE, 'readwrite')
      const store = transaction.objectStore(STORE)
      const keys = store.getAllKeys()
      const values = store.getAll()
      store.put(mine, WRITER)
      await finished(transaction)
      return new Map(keys.result.map((key, index) => [key as string, values.result[index] as unknown]))
    },
    async write(changes, how) {
      const transaction = (await database()).transaction(STORE, 'readwrite')
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
      return held
    },
    async clear() {
      const open = opening
      opening = null
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
