/**
 * The search index: FTS5 over terms of our own making (`search-text.ts`), without a copy of the text.
 *
 * A row is what was said in one conversation within a block of {@link SEARCH_BLOCK} cursors, so that many messages cost one
 * row written; which of them is meant is seen by reading them. Its rowid is block and conversation, so the newest come
 * first. A block enters the index when the next one begins; until then its events lead to its messages.
 */
import { utf8Length } from '../protocol/bytes.ts'
import { SEARCH_BLOCK, SEARCH_FILL_BYTES, SEARCH_FILL_MESSAGES } from '../protocol/limits.ts'
import { first, type MessageRow } from './rows.ts'
import { addTerms } from './search-text.ts'

/** Room for a conversation's key in a rowid: 2^20 of them, and 2^33 blocks within the integers of a double. */
export const ROWID_CONVERSATIONS = 2 ** 20

/** Where the back-fill stands: everything up to (conversation, seq) is in the index. */
export type SearchFill = { up_to: number; conversation: number; seq: number }

type Said = Pick<MessageRow, 'conversation' | 'seq' | 'text'>

/** The block of a cursor; the first block begins with the first cursor, 1. */
export function blockOf(cursor: number): number {
  return Math.floor((cursor - 1) / SEARCH_BLOCK)
}

/** The back-fill of a database that is older than the index; null when there is none, or it is done. */
export function searchFill(sql: SqlStorage): SearchFill | null {
  return first<SearchFill>(sql, 'SELECT up_to, conversation, seq FROM search_fill')
}

/** Puts a block into the index, once, when it is whole and its events are still there. */
export function indexBlock(sql: SqlStorage, block: number): void {
  const said = sql
    .exec<Said>(
      `SELECT m.conversation, m.seq, m.text FROM events e JOIN messages m ON m.conversation = e.conversation AND m.seq = e.cursor
       WHERE e.cursor > ? AND e.cursor <= ? AND e.kind = 'message' AND m.text IS NOT NULL AND m.deleted = 0`,
      block * SEARCH_BLOCK,
      (block + 1) * SEARCH_BLOCK,
    )
    .toArray()
  for (const [conversation, messages] of Map.groupBy(said, (message) => message.conversation)) {
    insert(sql, block, conversation, termsOf(messages))
  }
}

/**
 * To be called before a message is emptied. @returns what to call afterwards: it takes the message's words out of the
 * index, where FTS5 keeps nothing of them (`secure-delete`)
 */
export function leavingIndex(sql: SqlStorage, { conversation, seq, text }: MessageRow): () => void {
  if (text === null || !isIndexed(sql, conversation, seq)) return () => undefined
  const block = blockOf(seq)
  const before = termsOf(saidIn(sql, block, conversation))
  return () => {
    remove(sql, block, conversation, before)
    insert(sql, block, conversation, termsOf(saidIn(sql, block, conversation)))
  }
}

/** Takes everything out of the index. */
export function clearIndex(sql: SqlStorage): void {
  sql.exec("INSERT INTO search (search) VALUES ('delete-all')")
  sql.exec('DELETE FROM search_fill')
}

/** One step of the back-fill, of whole rows of the index. @returns whether there is more to do */
export function fillIndex(sql: SqlStorage): boolean {
  const fill = searchFill(sql)
  if (fill === null) return false
  const step = nextStep(sql, fill)
  for (const messages of Map.groupBy(step, ({ conversation, seq }) => rowidOf(blockOf(seq), conversation)).values()) {
    const [{ conversation, seq } = missing()] = messages
    insert(sql, blockOf(seq), conversation, termsOf(messages))
  }
  const last = step.at(-1)
  if (last === undefined) {
    sql.exec('DELETE FROM search_fill')
    return false
  }
  // To the end of its block: what was said there is in the index.
  const seq = (blockOf(last.seq) + 1) * SEARCH_BLOCK
  sql.exec('UPDATE search_fill SET conversation = ?, seq = ?', last.conversation, seq)
  return true
}

/** The next messages to put into the index, to the end of a block. */
function nextStep(sql: SqlStorage, { up_to, conversation, seq }: SearchFill): Said[] {
  const step: Said[] = []
  let bytes = 0
  const rows = sql.exec<Said>(
    `SELECT conversation, seq, text FROM messages
     WHERE (conversation, seq) > (?, ?) AND seq <= ? AND text IS NOT NULL AND deleted = 0 ORDER BY conversation, seq`,
    conversation,
    seq,
    up_to,
  )
  for (const row of rows) {
    const last = step.at(-1)
    const isNewBlock = last?.conversation !== row.conversation || blockOf(last.seq) !== blockOf(row.seq)
    if (isNewBlock && (step.length >= SEARCH_FILL_MESSAGES || bytes >= SEARCH_FILL_BYTES)) break
    step.push(row)
    bytes += utf8Length(row.text ?? '')
  }
  return step
}

function isIndexed(sql: SqlStorage, conversation: number, seq: number): boolean {
  const { head } = sql.exec<{ head: number }>('SELECT coalesce(max(cursor), 0) AS head FROM events').one()
  if (blockOf(seq) >= blockOf(head)) return false
  const fill = searchFill(sql)
  if (fill === null || seq > fill.up_to) return true
  return conversation < fill.conversation || (conversation === fill.conversation && seq <= fill.seq)
}

function saidIn(sql: SqlStorage, block: number, conversation: number): Said[] {
  return sql
    .exec<Said>(
      'SELECT conversation, seq, text FROM messages WHERE conversation = ? AND seq > ? AND seq <= ? AND text IS NOT NULL AND deleted = 0',
      conversation,
      block * SEARCH_BLOCK,
      (block + 1) * SEARCH_BLOCK,
    )
    .toArray()
}

/** In the order of the messages, so that what is taken out is what was put in. */
function termsOf(messages: readonly Said[]): string {
  const terms = new Set<string>()
  for (const { text } of messages) if (text !== null) addTerms(terms, text)
  return [...terms].join(' ')
}

function insert(sql: SqlStorage, block: number, conversation: number, terms: string): void {
  // A number binds as REAL, which is no rowid of a virtual table (2026-11-22).
  if (terms !== '') {
    sql.exec('INSERT INTO search (rowid, terms) VALUES (CAST(? AS INTEGER), ?)', rowidOf(block, conversation), terms)
  }
}

function remove(sql: SqlStorage, block: number, conversation: number, terms: string): void {
  if (terms === '') return
  const rowid = rowidOf(block, conversation)
  sql.exec("INSERT INTO search (search, rowid, terms) VALUES ('delete', CAST(? AS INTEGER), ?)", rowid, terms)
}

function rowidOf(block: number, conversation: number): number {
  return block * ROWID_CONVERSATIONS + conversation
}

function missing(): never {
  throw new Error('a group without a message')
}
