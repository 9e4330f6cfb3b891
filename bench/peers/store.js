// What the Node peers keep: SQLite as durable as the runtime's own (WAL, a sync with every commit), and the same rows of
// meaning: a device, an ordered log of events for each account, a message at its author's and at its reader's.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Opens the store in the folder that the bench gave. */
export function openStore() {
  const sql = new DatabaseSync(join(process.env.STORAGE, 'peer.sqlite'))
  sql.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE accounts (id TEXT PRIMARY KEY, cursor INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE devices (id TEXT PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, linked_at INTEGER NOT NULL) STRICT;
    CREATE TABLE conversations (id TEXT PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL) STRICT;
    CREATE TABLE events (account TEXT, cursor INTEGER, body TEXT NOT NULL, PRIMARY KEY (account, cursor)) STRICT, WITHOUT ROWID;
    CREATE TABLE messages (account TEXT, id TEXT, seq INTEGER, text TEXT, PRIMARY KEY (account, id)) STRICT, WITHOUT ROWID;
  `)
  const prepared = new Map()
  const statement = (text) => prepared.get(text) ?? prepared.set(text, sql.prepare(text)).get(text)
  const transaction = (work) => {
    sql.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      sql.exec('COMMIT')
      return result
    } catch (error) {
      sql.exec('ROLLBACK')
      throw error
    }
  }

  /** Logs an event. @returns its frame */
  function append(account, event) {
    const { cursor } = statement('UPDATE accounts SET cursor = cursor + 1 WHERE id = ? RETURNING cursor').get(account)
    statement('INSERT INTO events VALUES (?, ?, ?)').run(account, cursor, JSON.stringify(event))
    return { type: 'event', cursor, event }
  }

  return {
    createAccount() {
      const id = randomUUID()
      statement('INSERT INTO accounts (id) VALUES (?)').run(id)
      return id
    },
    /** Links a device. @returns the account's cursor after it */
    addDevice(device, account, key) {
      return transaction(() => {
        statement('INSERT INTO devices VALUES (?, ?, ?, ?)').run(device, account, key, Date.now())
        return append(account, { kind: 'device', device: { id: device }, linked: true })
      })
    },
    start(a, b) {
      const id = randomUUID()
      statement('INSERT INTO conversations VALUES (?, ?, ?)').run(id, a, b)
      return id
    },
    /** Takes a message, once. @returns the frames for its author's devices and for its reader's */
    send(author, { id, conversation, text }) {
      return transaction(() => {
        const { a, b } = statement('SELECT a, b FROM conversations WHERE id = ?').get(conversation)
        const reader = a === author ? b : a
        const known = statement('SELECT seq FROM messages WHERE account = ? AND id = ?').get(author, id)
        if (known !== undefined) return null
        return [author, reader].map((account) => {
          const from = account === author ? 'me' : author
          const message = { id, conversation, from, sentAt: Date.now(), text }
          const frame = append(account, { kind: 'message', message })
          statement('INSERT INTO messages VALUES (?, ?, ?, ?)').run(account, id, frame.cursor, text)
          return { account, frame }
        })
      })
    },
  }
}
