import { runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { insertPeer, showConversation } from '../../src/account/conversations.ts'
import { emptyMessage, insertMessage, messageAt } from '../../src/account/messages.ts'
import { ME } from '../../src/account/rows.ts'
import { searchMessages } from '../../src/account/search.ts'
import { searchFill } from '../../src/account/search-index.ts'
import { addTerms, isEmpty, isFoundIn, matchExpression, piecesOf } from '../../src/account/search-text.ts'
import { SEARCH_BLOCK } from '../../src/protocol/limits.ts'
import { conversationOf, createAccount, createPair, evict, openPhone, sendText, type TestAccount } from './support.ts'

const ALL = Number.MAX_SAFE_INTEGER

/** Texts that say nothing, so that what was said before lies in the index. */
function fillBlock(sql: SqlStorage, conversation: number): void {
  for (let i = 0; i <= SEARCH_BLOCK; i++) say(sql, conversation, '–')
}

function say(sql: SqlStorage, key: number, text: string, author = ME): number {
  const id = crypto.randomUUID()
  const conversation = conversationOf(sql, key)
  return insertMessage(sql, { conversation, author, id, sentAt: 1, text, media: null, replyTo: null }).row.seq
}

function peer(sql: SqlStorage, account = crypto.randomUUID()): number {
  const { key } = insertPeer(sql, { account, name: 'Someone', version: 1 })
  showConversation(sql, key)
  return key
}

function inside<T>({ stub }: TestAccount, work: (sql: SqlStorage, storage: DurableObjectStorage) => T): Promise<T> {
  return runInDurableObject(stub, (_, { storage }) => storage.transactionSync(() => work(storage.sql, storage)))
}

function texts(sql: SqlStorage, wanted: string, limit = 50): (string | null)[] {
  return searchMessages(sql, wanted, ALL, limit).rows.map(({ text }) => text)
}

const SAID = [
  '今天我们去北京大学看花',
  'ขอบคุณมากครับ',
  'Grüße aus Zürich, ΣΊΣΥΦΟΣ!',
  'naïve café in ŁÓDŹ',
  'السَّلامُ عليكم',
  'привет, как дела',
  'नमस्ते दुनिया',
  '日本語のカタカナ',
  '한국어를 배웁니다',
  'party 🎉 tonight 👍🏽',
  'AND OR NOT NEAR "quoted" * ( : ^ -x text:y',
  'ten% of a_b',
]

const FOUND: [wanted: string, text: string | undefined][] = [
  ['京大', SAID[0]],
  ['花', SAID[0]],
  ['今', SAID[0]],
  ['我们去', SAID[0]],
  ['大京', undefined],
  ['北京 花', SAID[0]],
  ['คุณ', SAID[1]],
  ['ม', SAID[1]],
  ['grusse', SAID[2]],
  ['GRÜSSE zur', SAID[2]],
  ['σίσυφος', SAID[2]],
  ['lodz cafe', SAID[3]],
  ['aive', undefined],
  ['السلام', SAID[4]],
  ['ДЕЛ', SAID[5]],
  ['नमस्ते', SAID[6]],
  ['ｶﾀｶﾅ', SAID[7]],
  ['국어', SAID[8]],
  ['🎉', SAID[9]],
  ['NEAR', SAID[10]],
  ['"quoted"', SAID[10]],
  ['NOT (x OR', SAID[10]],
  ['text:*', SAID[10]],
  ['10%', undefined],
  ['t', SAID[10]],
]

describe('search', () => {
  it('finds one character and more in any script, in the index as in what is not in it yet', async () => {
    const account = await createAccount()
    await inside(account, (sql) => {
      const key = peer(sql)
      for (const text of SAID) say(sql, key, text)
      const isFirst = ([wanted, text]: (typeof FOUND)[number]) =>
        text === undefined ? texts(sql, wanted).length === 0 : texts(sql, wanted).includes(text)
      expect(FOUND.filter((each) => !isFirst(each))).toEqual([])
      fillBlock(sql, key)
      expect(rowsOf(sql, 'party')).toBe(1)
      expect(FOUND.filter((each) => !isFirst(each))).toEqual([])
    })
  })

  it('of nothing but punctuation or blanks finds nothing', async () => {
    const account = await createAccount()
    await inside(account, (sql) => {
      say(sql, peer(sql), 'what? "!" …')
      for (const wanted of ['?', ' ', '"', '*', '…', '\u200b']) expect(texts(sql, wanted)).toEqual([])
    })
  })

  it('whatever is typed, asks the index for no less than is found', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(39), fc.nat(39), (text, from, length) => {
        const characters = Array.from(text)
        const wanted = piecesOf(characters.slice(from, from + length).join(''))
        fc.pre(!isEmpty(wanted) && isFoundIn(wanted, text))
        const terms = new Set<string>()
        addTerms(terms, text)
        const asked = matchExpression(wanted).split(' AND ')
        for (const quoted of asked) {
          expect(quoted).toMatch(/^"[^" ]+"\*$/)
          const prefix = quoted.slice(1, -2)
          expect([...terms].some((term) => term.startsWith(prefix))).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('pages newest first over conversations, each message once, whatever is said meanwhile', async () => {
    const account = await createAccount()
    await inside(account, (sql) => {
      const keys = [peer(sql), peer(sql), peer(sql)]
      const seqs = Array.from({ length: 400 }, (_, i) => say(sql, keys[i % 3] ?? 0, i % 4 === 0 ? '苹果 apple' : 'no'))
      const wanted = seqs.filter((_, i) => i % 4 === 0).toReversed()
      for (const text of ['苹', 'app', '苹果 APPLE']) {
        const seen: number[] = []
        for (let before = ALL; ;) {
          const page = searchMessages(sql, text, before, 7).rows
          seen.push(...page.map(({ seq }) => seq))
          say(sql, keys[0] ?? 0, 'meanwhile')
          if (page.length < 7) break
          before = page.at(-1)?.seq ?? 0
        }
        expect(seen).toEqual(wanted)
      }
    })
  })

  it('never finds what was deleted, and keeps no word of it in the index', async () => {
    const account = await createAccount()
    await inside(account, (sql) => {
      const key = peer(sql)
      say(sql, key, 'neighbour stays')
      const seqs = ['zanzibar zebra', 'zanzibar zebra'].map((text) => say(sql, key, text))
      const [first = 0, second = 0] = seqs
      const remove = (seq: number) => {
        const row = messageAt(sql, key, seq)
        if (row !== null) emptyMessage(sql, row, false)
      }
      remove(first)
      expect(texts(sql, 'zebra')).toHaveLength(1)
      fillBlock(sql, key)
      expect(texts(sql, 'zebra')).toHaveLength(1)
      expect(holds(sql, 'anzibar')).toBe(true)
      remove(second)
      expect(texts(sql, 'zebra')).toEqual([])
      expect(texts(sql, 'neighbour')).toHaveLength(1)
      expect(holds(sql, 'anzibar')).toBe(false)
    })
  })

  it('is answered over the socket after an eviction, with the position to go on after', async () => {
    const { ada, phoneA, conversation } = await createPair()
    for (let i = 0; i < 60; i++) await sendText(phoneA, conversation.id, `第${i}条消息`)
    await evict(ada)
    const phone = await openPhone(ada)
    const first = await phone.request({ type: 'search', text: '消息' })
    if (first.type !== 'ok' || typeof first.more !== 'string') throw new Error('no page')
    const second = await phone.request({ type: 'search', text: '消息', after: first.more })
    if (second.type !== 'ok') throw new Error('no second page')
    expect([...(first.messages ?? []), ...(second.messages ?? [])].map(({ text }) => text)).toEqual(
      Array.from({ length: 60 }, (_, i) => `第${59 - i}条消息`),
    )
    expect(second.more).toBeNull()
  })

  it('writes one row of the index for what is said in one conversation within a block', async () => {
    const account = await createAccount()
    await inside(account, (sql) => {
      const [a, b] = [peer(sql), peer(sql)]
      for (let i = 0; i < 3 * SEARCH_BLOCK; i++) say(sql, i % 2 === 0 ? a : b, `message ${i}`)
      say(sql, a, 'the next block')
      expect(rowsOf(sql, 'message')).toBe(6)
      expect(searchFill(sql)).toBeNull()
    })
  })
})

/** Rows of the index with a term. */
function rowsOf(sql: SqlStorage, term: string): number {
  return sql.exec('SELECT rowid FROM search WHERE search MATCH ?', term).toArray().length
}

/** Whether the bytes of the index hold `text`. */
function holds(sql: SqlStorage, text: string): boolean {
  // To the pages, as at the end of the transaction.
  sql.exec("INSERT INTO search (search) VALUES ('flush')")
  const { found } = sql
    .exec<{ found: number }>('SELECT count(*) AS found FROM search_data WHERE instr(block, CAST(? AS BLOB)) > 0', text)
    .one()
  return found > 0
}
