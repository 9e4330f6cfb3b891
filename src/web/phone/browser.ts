/** What the phone's logic needs of a browser: a store that all tabs share, a lock between them, time. */
import type { SessionStore, StoredSession } from '../../client/phone-session.ts'

const KEY = 'tandem.phone.session'
const LOCK = 'tandem.phone.session'

/**
 * The session in localStorage; in memory only where the browser blocks storage.
 * @param onElsewhere called when another tab signed in, renewed or signed out
 */
export function createSessionStore(onElsewhere: (session: StoredSession | null) => void): SessionStore {
  let memory: StoredSession | null = null
  let blocked = false
  addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) onElsewhere(read())
  })
  return { load: read, save }

  function read(): StoredSession | null {
    if (blocked) return memory
    try {
      return parseSession(localStorage.getItem(KEY))
    } catch {
      return memory
    }
  }

  function save(session: StoredSession | null): void {
    memory = session
    try {
      if (session === null) localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, JSON.stringify(session))
    } catch {
      blocked = true
    }
  }
}

/** One tab at a time. Without Web Locks (an insecure address) one page at a time; the session guards the rest. */
export function createSessionLock(): <T>(task: () => Promise<T>) => Promise<T> {
  const locks: LockManager | undefined = navigator.locks
  if (locks !== undefined) return (task) => locks.request(LOCK, task) as ReturnType<typeof task>
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const run = last.then(task)
    last = run.catch(() => undefined)
    return run
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds))
}

function parseSession(text: string | null): StoredSession | null {
  if (text === null) return null
  try {
    const value = JSON.parse(text) as Partial<StoredSession> | null
    const usable =
      typeof value?.accessToken === 'string' &&
      typeof value.refreshToken === 'string' &&
      typeof value.renewAt === 'number' &&
      typeof value.account?.id === 'string'
    return usable ? (value as StoredSession) : null
  } catch {
    return null
  }
}
