/** Searching one's own messages, newest first: the index says where to read, the messages themselves decide. */
import { SEARCH_BLOCK, SEARCH_LOOKS } from '../protocol/limits.ts'
import { headOf } from './event-log.ts'
import { MESSAGE_QUERY, type MessageRow } from './rows.ts'
import { blockOf, ROWID_CONVERSATIONS, searchFill } from './search-index.ts'
import { isEmpty, isFoundIn, matchExpression, piecesOf } from './search-text.ts'

/** What a search came upon. */
export interface Found {
  rows: MessageRow[]
  /** It stopped here after {@link SEARCH_LOOKS}: the seq below which to go on; null if it went to the end. */
  stoppedAt: number | null
}

/** The newest messages with seqs below `before` that hold every piece of `text`, at most `limit`. */
export function searchMessages(sql: SqlStorage, text: string, before: number, limit: number): Found {
  const wanted = piecesOf(text)
  const rows: MessageRow[] = []
  if (isEmpty(wanted)) return { rows, stoppedAt: null }
  let looks = 0
  for (const row of candidates(sql, matchExpression(wanted), before)) {
    if (row.deleted === 0 && row.text !== null && isFoundIn(wanted, row.text)) rows.push(row)
    if (rows.length === limit) break
    if (++looks >= SEARCH_LOOKS) return { rows, stoppedAt: row.seq }
  }
  return { rows, stoppedAt: null }
}

/** Everything that may hold what is looked for, newest first. */
function* candidates(sql: SqlStorage, expression: string, before: number): Generator<MessageRow> {
  if (searchFill(sql) !== null) {
    yield* sql.exec<MessageRow>(`${MESSAGE_QUERY} WHERE m.seq < ? ORDER BY m.seq DESC`, before)
    return
  }
  const indexed = Math.max(0, blockOf(headOf(sql))) * SEARCH_BLOCK
  yield* sql.exec<MessageRow>(
    `SELECT m.*, c.id AS conversation_id, c.account FROM events e
     JOIN messages m ON m.conversation = e.conversation AND m.seq = e.cursor JOIN conversations c ON c.key = m.conversation
     WHERE e.cursor > ? AND e.cursor < ? AND e.kind = 'message' ORDER BY e.cursor DESC`,
    indexed,
    before,
  )
  yield* indexedCandidates(sql, expression, Math.min(before, indexed + 1))
}

function* indexedCandidates(sql: SqlStorage, expression: string, before: number): Generator<MessageRow> {
  let block: number | null = null
  let conversations: number[] = []
  const matches = sql.exec<{ rowid: number }>(
    'SELECT rowid FROM search WHERE search MATCH ? AND rowid < CAST(? AS INTEGER) ORDER BY rowid DESC',
    expression,
    (blockOf(before - 1) + 1) * ROWID_CONVERSATIONS,
  )
  for (const { rowid } of matches) {
    const next = Math.floor(rowid / ROWID_CONVERSATIONS)
    if (next !== block) {
      if (block !== null) yield* messagesOf(sql, block, conversations, before)
      block = next
      conversations = []
    }
    conversations.push(rowid % ROWID_CONVERSATIONS)
  }
  if (block !== null) yield* messagesOf(sql, block, conversations, before)
}

function messagesOf(sql: SqlStorage, block: number, conversations: readonly number[], before: number): MessageRow[] {
  return conversations
    .flatMap((conversation) =>
      sql
        .exec<MessageRow>(
          `${MESSAGE_QUERY} WHERE m.conversation = ? AND m.seq > ? AND m.seq <= ? AND m.seq < ?`,
          conversation,
          block * SEARCH_BLOCK,
          (block + 1) * SEARCH_BLOCK,
          before,
        )
        .toArray(),
    )
    .toSorted((a, b) => b.seq - a.seq)
}
