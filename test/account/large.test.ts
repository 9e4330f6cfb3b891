import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { conversationsPage } from '../../src/account/conversations.ts'
import { fillIndex } from '../../src/account/search-index.ts'
import type { OkFrame } from '../../src/protocol/frames.ts'
import { ACTIVITY_ERA, SEARCH_BLOCK } from '../../src/protocol/limits.ts'
import type { Request as StreamRequest } from '../../src/protocol/requests.ts'
import { createAccount, evict, type TestAccount } from './support.ts'

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Fills an account with conversations that were spoken in by turns; every 500th message says something rare. */
async function fill(account: TestAccount, conversations: number, messages: number): Promise<void> {
  await runInDurableObject(account.stub, (_, { storage }) => {
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
           CASE WHEN i % 500 = 0 THEN '北京 needle ' || i ELSE 'hello, this is message ' || i END FROM n`,
        messages,
        conversations,
      )
      sql.exec(
        `INSERT INTO events (cursor, kind, conversation, a, bytes)
         SELECT seq, 'message', conversation, 0, 600 FROM messages WHERE seq > ? ORDER BY seq`,
        messages - 1_000,
      )
      sql.exec(`UPDATE conversations SET activity = (SELECT max(seq) FROM messages m WHERE m.conversation = key)`)
      sql.exec('UPDATE conversations SET era = activity / CAST(? AS INTEGER)', ACTIVITY_ERA)
      sql.exec('INSERT INTO search_fill VALUES (1, ?, 0, 0)', Math.floor((messages - 1) / SEARCH_BLOCK) * SEARCH_BLOCK)
      while (fillIndex(sql));
    })
  })
  await evict(account)
}

/** Runs `work` on the account's object and counts the rows that its statements read. */
async function rowsRead({ stub }: TestAccount, work: () => Promise<unknown>): Promise<number> {
  const finish = await runInDurableObject(stub, (_, { storage }) => {
    const { sql } = storage
    const prototype: { exec: SqlStorage['exec'] } = Object.getPrototypeOf(sql)
    const { exec } = prototype
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []
    prototype.exec = function (this: SqlStorage, ...args: Parameters<SqlStorage['exec']>) {
      const cursor = Reflect.apply(exec, this, args)
      if (this === sql) cursors.push(cursor)
      return cursor
    } as SqlStorage['exec']
    return () => {
      prototype.exec = exec
      return cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0)
    }
  })
  await work()
  return runInDurableObject(stub, finish)
}

let small: TestAccount
let large: TestAccount

beforeAll(async () => {
  ;[small, large] = [await createAccount(), await createAccount()]
  await fill(small, 50, 10_000)
  await fill(large, 1_000, 200_000)
}, 120_000)

async function ask(account: TestAccount, request: DistributiveOmit<StreamRequest, 'ref'>): Promise<OkFrame> {
  const device = 'device'
  await runInDurableObject(account.stub, (_, { storage }) => {
    storage.sql.exec("INSERT OR IGNORE INTO devices VALUES (?, 'F', 'F', 'L', NULL, NULL, 1, 1, 0, NULL, NULL)", device)
  })
  const [answer] = await account.stub.deviceRequests(device, [{ ...request, ref: 'r' }])
  if (answer?.type !== 'ok') throw new Error(JSON.stringify(answer))
  return answer
}

/** Rows that the request reads in the small account and in the large one. */
async function compare(request: DistributiveOmit<StreamRequest, 'ref'>): Promise<[small: number, large: number]> {
  await ask(small, request)
  await ask(large, request)
  return [await rowsRead(small, () => ask(small, request)), await rowsRead(large, () => ask(large, request))]
}

describe('an account with 1,000 conversations and 200,000 messages', () => {
  it('opens with hardly more rows read than one with 50', async () => {
    const open = (account: TestAccount) => rowsRead(account, () => account.stub.pull('device', 0))
    await ask(small, { type: 'conversations' })
    await ask(large, { type: 'conversations' })
    const [few, many] = [await open(small), await open(large)]
    expect(many).toBeLessThanOrEqual(few * 1.3)
  })

  it('pages through its conversations and its history with no more rows read', async () => {
    const first = await ask(large, { type: 'conversations' })
    const [, page] = await compare({ type: 'conversations', after: String(first.more) })
    const [few, many] = await compare({ type: 'conversations' })
    expect(many).toBeLessThanOrEqual(few * 1.3)
    expect(page).toBeLessThanOrEqual(few * 1.3)
    const [less, more] = await compare({ type: 'history', conversation: 'c7', limit: 100 })
    expect(more).toBeLessThanOrEqual(less * 1.3)
    const seen = new Set<string>()
    for (let after: string | null = null; ;) {
      const answer: OkFrame = await ask(large, { type: 'conversations', ...(after === null ? {} : { after }) })
      for (const { id } of answer.conversations ?? []) seen.add(id)
      if (typeof answer.more !== 'string') break
      after = answer.more
    }
    expect(seen.size).toBe(1_000)
  })

  it('is searched by its index: for what is often said and for what is rare', async () => {
    for (const text of ['hello', 'needle', '京', '北京', 'needle 1000', 'message 123456', 'nowhere']) {
      const [few, many] = await compare({ type: 'search', text })
      expect(many).toBeLessThanOrEqual(few * 1.3)
      expect(many).toBeLessThanOrEqual(1_000)
    }
    expect((await ask(large, { type: 'search', text: '京' })).messages?.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 50 }, (_, i) => 200_000 - 500 * i),
    )
    expect((await ask(large, { type: 'search', text: 'message 123456' })).messages).toHaveLength(1)
  })

  it('is read by indexes', async () => {
    await runInDurableObject(large.stub, (_, { storage: { sql } }) => {
      const planOf = (query: string, ...bindings: SqlStorageValue[]) =>
        sql
          .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...bindings)
          .toArray()
          .map(({ detail }) => detail)
      // What conversationsPage asks, word for word.
      const asked: string[] = []
      const spy = { exec: (query: string) => (asked.push(query), { toArray: () => [] }) } as unknown as SqlStorage
      conversationsPage(spy, null, 51)
      expect(planOf(asked[0] ?? '', 9, 9, 51).join('; ')).toContain('USING INDEX conversations_by_era')
      expect(planOf('SELECT * FROM messages WHERE conversation = 1 AND seq < 9 ORDER BY seq DESC LIMIT 9')).toEqual([
        expect.stringContaining('USING PRIMARY KEY (conversation=? AND seq<?)'),
      ])
      expect(planOf('SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC', '"x"*').join('; ')).toContain(
        'VIRTUAL TABLE INDEX',
      )
    })
  })

  it('is deleted as a whole', async () => {
    expect(await large.stub.deleteAccount(large.caller)).toEqual({ ok: true, value: null })
    const left = await runInDurableObject(large.stub, (_, { storage: { sql } }) => [
      sql.exec('SELECT count(*) AS n FROM messages').one().n,
      sql.exec('SELECT rowid FROM search WHERE search MATCH ?', 'hello').toArray().length,
    ])
    expect(left).toEqual([0, 0])
  })
})
