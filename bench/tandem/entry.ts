/**
 * The service with what only a measurement may ask of it: an account filled at once, a LIKE scan beside the search, and a
 * count of what its objects do. The production classes, unchanged; wrangler.toml knows nothing of this.
 *
 * `POST /bench/fill/{conversations}/{messages}` as the phone fills its account. `GET /bench/counts` tells and clears.
 * `{"type":"like","ref","text"}` on the phone's socket looks for a text as one would without an index.
 */
import { app } from '../../src/app.ts'
import { Account as ProductionAccount } from '../../src/account/account.ts'
import { fillIndex } from '../../src/account/search-index.ts'
import { Companion as ProductionCompanion } from '../../src/companion/companion.ts'
import { verifyAccessToken } from '../../src/http/access-token.ts'
import { parseWireId } from '../../src/protocol/ids.ts'
import { ACTIVITY_ERA, SEARCH_BLOCK } from '../../src/protocol/limits.ts'

// All that the service exports; the two classes below and the Worker take the place of its own.
export * from '../../src/index.ts'

/** Rows are counted by the runtime itself, calls of storage by us. */
interface Counts {
  constructed: number
  statements: number
  rowsRead: number
  rowsWritten: number
  keyValueCalls: number
  alarmsSet: number
}

const NONE: Counts = { constructed: 0, statements: 0, rowsRead: 0, rowsWritten: 0, keyValueCalls: 0, alarmsSet: 0 }

/** One isolate runs the Worker and all its objects locally, so memory of the module is seen by all. */
let counts = { ...NONE }
/** How often each statement was made. */
let statementTexts = new Map<string, number>()
const counted = new WeakSet<object>()

export class Companion extends ProductionCompanion {
  constructor(ctx: DurableObjectState, env: Env) {
    count(ctx.storage)
    super(ctx, env)
  }
}

export class Account extends ProductionAccount {
  constructor(ctx: DurableObjectState, env: Env) {
    count(ctx.storage)
    super(ctx, env)
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (typeof data !== 'string' || !data.startsWith('{"type":"like"')) return super.webSocketMessage(socket, data)
    const { ref, text } = JSON.parse(data) as { ref: string; text: string }
    const messages = this.ctx.storage.sql
      .exec('SELECT * FROM messages WHERE text LIKE ? ORDER BY seq DESC LIMIT 51', `%${text}%`)
      .toArray()
    socket.send(JSON.stringify({ type: 'ok', ref, messages }))
  }

  /** Conversations that were spoken in by turns; every 500th message says something rare, and one what no other says. */
  async fill(conversations: number, messages: number): Promise<void> {
    const { storage } = this.ctx
    const { sql } = storage
    storage.transactionSync(() => {
      sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO conversations (key, id, account, title, version, shown) SELECT i, 'c' || i, 'a' || i, 'Peer ' || i, 1, 1 FROM n`,
        conversations,
      )
      sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO messages (conversation, seq, author, id, sent_at, text)
         SELECT i % ?2 + 1, i, CASE WHEN i % 2 THEN 0 ELSE i % ?2 + 1 END, 'm' || i, i,
           CASE WHEN i % 500 = 0 THEN 'a needle in the hay ' || i ELSE 'hello, this is message ' || i END FROM n`,
        messages,
        conversations,
      )
      sql.exec("UPDATE messages SET text = 'a pearl' WHERE seq = ? AND conversation = ?", 7, (7 % conversations) + 1)
      sql.exec(
        `INSERT INTO events (cursor, kind, conversation, a, bytes)
         SELECT seq, 'message', conversation, 0, 600 FROM messages WHERE seq > ? ORDER BY seq`,
        messages - 1_000,
      )
      sql.exec('UPDATE conversations SET activity = (SELECT max(seq) FROM messages m WHERE m.conversation = key)')
      sql.exec('UPDATE conversations SET era = activity / CAST(? AS INTEGER)', ACTIVITY_ERA)
      sql.exec('INSERT INTO search_fill VALUES (1, ?, 0, 0)', Math.floor((messages - 1) / SEARCH_BLOCK) * SEARCH_BLOCK)
      while (fillIndex(sql));
    })
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url)
    if (pathname === '/v1/bench/counts') {
      const told = { ...counts, byStatement: [...statementTexts].toSorted((a, b) => b[1] - a[1]) }
      counts = { ...NONE }
      statementTexts = new Map()
      return Response.json(told)
    }
    const [, conversations, messages] = /^\/v1\/bench\/fill\/(\d+)\/(\d+)$/.exec(pathname) ?? []
    if (conversations === undefined || messages === undefined) return app.fetch(request, env, context)
    const caller = await verifyAccessToken(env, (request.headers.get('authorization') ?? '').slice('Bearer '.length))
    const account = env.ACCOUNT.get(env.ACCOUNT.idFromString(parseWireId(caller?.account ?? '') ?? ''))
    await (account as unknown as { fill: Account['fill'] }).fill(+conversations, +messages)
    return Response.json({})
  },
} satisfies ExportedHandler<Env>

/** Counts what one object does with its storage. */
function count(storage: DurableObjectStorage): void {
  counts.constructed++
  const { sql, kv } = storage
  const statements = Object.getPrototypeOf(sql) as SqlStorage
  if (!counted.has(statements)) {
    counted.add(statements)
    const { exec } = statements
    statements.exec = function (this: SqlStorage, ...given: Parameters<SqlStorage['exec']>) {
      const cursor = Reflect.apply(exec, this, given)
      counts.statements++
      statementTexts.set(given[0], (statementTexts.get(given[0]) ?? 0) + 1)
      queueMicrotask(() => {
        counts.rowsRead += cursor.rowsRead
        counts.rowsWritten += cursor.rowsWritten
      })
      return cursor
    } as SqlStorage['exec']
  }
  wrap(Object.getPrototypeOf(kv) as SyncKvStorage, ['get', 'put', 'delete', 'list'], () => counts.keyValueCalls++)
  wrap(Object.getPrototypeOf(storage) as DurableObjectStorage, ['setAlarm', 'deleteAlarm'], () => counts.alarmsSet++)
}

function wrap<T extends object>(prototype: T, names: (keyof T)[], note: () => void): void {
  if (counted.has(prototype)) return
  counted.add(prototype)
  for (const name of names) {
    const method = prototype[name] as (...given: unknown[]) => unknown
    prototype[name] = function (this: T, ...given: unknown[]) {
      note()
      return Reflect.apply(method, this, given)
    } as T[keyof T]
  }
}
