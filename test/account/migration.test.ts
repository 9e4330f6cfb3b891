import { env } from 'cloudflare:workers'
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { MIGRATIONS, migrate, SCHEMA_VERSION } from '../../src/account/schema.ts'
import { searchFill } from '../../src/account/search-index.ts'
import { hashSecret } from '../../src/http/secrets.ts'
import { wireId } from '../../src/protocol/ids.ts'
import { alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { callerFor, openPhone, type TestAccount } from './support.ts'

useFakeDate()

const CONVERSATIONS = 3
const EACH = 1_000

/**
 * An account as the schema's first version left it: everything is written by that version's own columns. Its seqs are the
 * cursors of events most of which were swept since.
 */
async function createOldAccount(): Promise<TestAccount> {
  const stub = env.ACCOUNT.get(env.ACCOUNT.newUniqueId())
  const id = wireId(stub.id.toString())
  await runInDurableObject(stub, (_, { storage }) => {
    migrate(storage, MIGRATIONS.slice(0, 1))
    const { sql } = storage
    sql.exec(
      `INSERT INTO profile (one, id, name, number, version, told_at, created_at, used_at) VALUES (1, ?, 'Ada', '+15550001', 3, 1, 1, ?)`,
      id,
      Date.now(),
    )
    sql.exec("INSERT INTO sessions VALUES ('session', ?, NULL, ?, 1)", hashSecret('secret'), Date.now())
    sql.exec("INSERT INTO media VALUES ('photo', 1, 'o/photo', NULL, 'image/webp', 9, NULL, 1, 1, NULL)")
    sql.exec("INSERT INTO devices VALUES ('device', 'Firefox', 'Firefox', 'Linux', NULL, 'SE', 1, 1, 0, 2, 'phone')")
    let cursor = 0
    for (let c = 1; c <= CONVERSATIONS; c++) {
      cursor++
      sql.exec(
        `INSERT INTO conversations (id, account, title, version, shown, activity, unread, out_last, in_last) VALUES (?, ?, ?, 1, 1, ?, 2, 5, 7)`,
        `conversation-${c}`,
        `account-${c}`,
        `Peer ${c}`,
        cursor,
      )
    }
    for (let i = 0; i < EACH; i++) {
      for (let c = 1; c <= CONVERSATIONS; c++) {
        sql.exec(
          'INSERT INTO messages (conversation, seq, author, id, sent_at, text, media) VALUES (?, ?, ?, ?, ?, ?, ?)',
          c,
          ++cursor,
          i % 2 === 0 ? 0 : c,
          crypto.randomUUID(),
          cursor,
          `第${i}封信 letter ${i}`,
          i === 0 ? 'photo' : null,
        )
        sql.exec('UPDATE conversations SET activity = ? WHERE key = ?', cursor, c)
        sql.exec(
          "INSERT INTO events (cursor, kind, conversation, a, bytes) VALUES (?, 'message', ?, 2, 600)",
          cursor,
          c,
        )
      }
    }
    sql.exec('DELETE FROM events WHERE cursor <= ?', cursor - 1_500)
  })
  await evictDurableObject(stub)
  return { stub, id, number: '+15550001', caller: callerFor(id, 'session'), refreshToken: `${id}.session.secret` }
}

it('a database of the first version opens under the newest with its data, searchable before and after it is in the index', async () => {
  const account = await createOldAccount()
  const phone = await openPhone(account)
  const { conversations, cursor } = await phone.frame('snapshot')
  expect(conversations.map(({ title, unread }) => [title, unread])).toEqual([
    ['Peer 3', 2],
    ['Peer 2', 2],
    ['Peer 1', 2],
  ])
  const newest = conversations[0]?.last
  expect(newest).toMatchObject({ text: `第${EACH - 1}封信 letter ${EACH - 1}`, seq: cursor })
  const history = await phone.request({ type: 'history', conversation: 'conversation-1', before: 10, limit: 100 })
  expect(history).toMatchObject({ messages: [{ media: { id: 'photo' } }, {}], more: false })

  const found = async () => {
    const answers = await Promise.all(['7封', 'LETTER 77', '信'].map((text) => phone.request({ type: 'search', text })))
    return answers.map((answer) => (answer.type === 'ok' ? answer.messages?.map(({ seq }) => seq) : answer))
  }
  const before = await found()
  expect(before.map((seqs) => (Array.isArray(seqs) ? seqs.length : seqs))).toEqual([50, 33, 50])

  const fill = () => runInDurableObject(account.stub, (_, { storage }) => searchFill(storage.sql))
  expect(await fill()).not.toBeNull()
  let steps = 0
  while ((await fill()) !== null) {
    await evictDurableObject(account.stub)
    if ((await alarmAt(account.stub)) !== null) await fireAlarm(account.stub)
    steps++
    // A message of the oldest conversation is gone for good, whether its words are in the index by now or not.
    const { messages = [] } = (await phone.request({
      type: 'history',
      conversation: 'conversation-2',
      limit: 1,
      before: 20 + 100 * steps,
    })) as { messages?: { id: string; seq: number }[] }
    await phone.request({ type: 'delete', conversation: 'conversation-2', id: messages[0]?.id ?? '', for: 'me' })
    const { seq = 0 } = messages[0] ?? {}
    expect((await found()).flat()).not.toContain(seq)
  }
  expect(steps).toBeGreaterThan(0)
  const [, letters] = await found()
  expect(letters).toEqual((before[1] as number[]).filter((seq) => (letters as number[]).includes(seq)))
  expect((letters as number[]).length).toBeGreaterThanOrEqual(33 - steps)
  await runInDurableObject(account.stub, (_, { storage: { sql } }) => {
    expect(sql.exec('SELECT version FROM schema_version').one()).toEqual({ version: SCHEMA_VERSION })
    expect(sql.exec("SELECT count(*) AS n FROM messages WHERE text LIKE '%letter%'").one()).toEqual({
      n: CONVERSATIONS * EACH - steps,
    })
    expect(sql.exec("SELECT reason FROM devices WHERE id = 'device'").one()).toEqual({ reason: 'phone' })
    expect(sql.exec("SELECT * FROM due WHERE what = 'search'").toArray()).toEqual([])
    expect(sql.exec('SELECT DISTINCT out_last, in_last, gone FROM conversations').toArray()).toEqual([
      { out_last: 5, in_last: 7, gone: 0 },
    ])
  })
})
