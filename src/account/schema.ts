/**
 * The account's tables and how an older database becomes the newest. Applied migrations are never edited: a change is a
 * new entry at the end, so a database made by version 1 opens under every later one.
 *
 * Rows written are the bill: a peer, its conversation and the numbers of what goes to and fro are one row, an event is a
 * pointer, a receipt is a mark on the conversation, and there is one secondary index on messages.
 */

/** `PRAGMA user_version` is refused in Durable Objects (2026-11-22), so the version is a row of a table. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE profile (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    number TEXT,
    avatar TEXT,
    version INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    deleted_at INTEGER
  ) STRICT;

  CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    number TEXT,
    avatar TEXT,
    version INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    blocked INTEGER NOT NULL DEFAULT 0,
    activity INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    read_up_to INTEGER NOT NULL DEFAULT 0,
    peer_delivered_up_to INTEGER NOT NULL DEFAULT 0,
    peer_read_up_to INTEGER NOT NULL DEFAULT 0,
    out_last INTEGER NOT NULL DEFAULT 0,
    in_last INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE messages (
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    author INTEGER NOT NULL,
    id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    text TEXT,
    media TEXT,
    reply_to TEXT,
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, seq),
    UNIQUE (author, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE media (
    id TEXT PRIMARY KEY,
    mine INTEGER NOT NULL,
    object TEXT NOT NULL,
    thumb_object TEXT,
    content_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    name TEXT,
    width INTEGER,
    height INTEGER,
    duration REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    cursor INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    conversation INTEGER,
    device TEXT,
    a INTEGER,
    b INTEGER,
    bytes INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE outbox (
    conversation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    seq INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (conversation, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    browser TEXT NOT NULL,
    os TEXT NOT NULL,
    city TEXT,
    country TEXT,
    linked_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    online INTEGER NOT NULL,
    ended_at INTEGER,
    reason TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    previous TEXT,
    rotated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE counters (
    what TEXT PRIMARY KEY,
    began_at INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE due (
    what TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    tries INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Uploads: "state" 0 announced, 1 in R2, 2 to be removed; what was there before is in R2 and shown by its message.
  `
  ALTER TABLE media ADD COLUMN state INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE media ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE media ADD COLUMN thumb TEXT;
  ALTER TABLE media ADD COLUMN sweep_at INTEGER;
  UPDATE media SET uses = 1 WHERE mine = 1;
  CREATE INDEX media_to_sweep ON media (sweep_at) WHERE sweep_at IS NOT NULL;
  `,
  // Search, the list of a thousand conversations, and accounts that are deleted. What was there before is put into the
  // index by the alarm, step by step (search.ts). Its 100 is SEARCH_BLOCK and 16 is ACTIVITY_ERA.
  `
  ALTER TABLE conversations ADD COLUMN era INTEGER NOT NULL DEFAULT 0;
  UPDATE conversations SET era = activity / 16;
  CREATE INDEX conversations_by_era ON conversations (era) WHERE shown = 1;
  ALTER TABLE conversations ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE profile ADD COLUMN out_from INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE profile ADD COLUMN refused_to INTEGER NOT NULL DEFAULT 0;

  CREATE VIRTUAL TABLE search USING fts5 (terms, content = '', columnsize = 0, detail = none, tokenize = 'ascii');
  INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

  CREATE TABLE search_fill (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    up_to INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL
  ) STRICT;
  INSERT INTO search_fill
    SELECT 1, (max(cursor) - 1) / 100 * 100, 0, 0 FROM events HAVING (max(cursor) - 1) / 100 > 0;
  INSERT INTO due SELECT 'search', 1, 0 FROM search_fill;
  `,
]

/** The version that this code makes. */
export const SCHEMA_VERSION = MIGRATIONS.length

/** Whether there is a database at all. An object that was only called by a guessed id has none, and writes none. */
export function hasSchema(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").toArray().length > 0
}

/**
 * Brings the database to the newest version, in one transaction; makes it if there is none.
 * @param migrations - in order; the tests hand in longer or shorter lists
 * @returns whether anything was done
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[] = MIGRATIONS): boolean {
  return storage.transactionSync(() => {
    const { sql } = storage
    if (!hasSchema(sql)) {
      sql.exec('CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT; INSERT INTO schema_version VALUES (0)')
    }
    const { version } = sql.exec<{ version: number }>('SELECT version FROM schema_version').one()
    if (version > migrations.length) throw new Error('the database was made by a later version of this service')
    if (version === migrations.length) return false
    for (const migration of migrations.slice(version)) sql.exec(migration)
    sql.exec('UPDATE schema_version SET version = ?', migrations.length)
    return true
  })
}
