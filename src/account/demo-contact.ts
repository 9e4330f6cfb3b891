/**
 * The demo's contacts: peers that live inside the account. What they do is real (events, unread counts, marks), on the
 * account's own alarm, and nothing of it leaves the account.
 */
import { DEMO_ANSWERS_MS, DEMO_READS_MS } from '../protocol/limits.ts'
import { conversationByKey, markPeer } from './conversations.ts'
import { DEMO_CONTACTS } from './demo-content.ts'
import { clearDue, setDue } from './due.ts'
import { insertMessage, lastMessage } from './messages.ts'
import { ME } from './rows.ts'

const DEMO_ACCOUNT = /^demo-([1-9][0-9]?)$/

/** Whether a peer is one of the demo's. No account has such an id: real ones are 43 characters long. */
export function isDemoContact(account: string): boolean {
  return DEMO_ACCOUNT.test(account)
}

/** A message was sent to a contact: it will be read soon. */
export function noteForDemo(sql: SqlStorage, conversation: number, now: number): void {
  setDue(sql, `demo:${conversation}`, now + DEMO_READS_MS)
}

/**
 * What a contact does when its time has come: first it reads, and if it is one that answers, later it does.
 * @param step - 0 to read, 1 to answer
 * @returns whether it is typing from now on; null where that does not change
 */
export function actAsContact(sql: SqlStorage, key: number, step: number, now: number): boolean | null {
  clearDue(sql, `demo:${key}`)
  const conversation = conversationByKey(sql, key)
  if (conversation === null || conversation.blocked === 1) return null
  const { answers = [], messages = [] } = contactOf(conversation.account) ?? {}
  if (step === 0) {
    const last = lastMessage(sql, key)
    if (last !== null) markPeer(sql, key, { read: last.seq })
    if (answers.length === 0) return null
    setDue(sql, `demo:${key}`, now + DEMO_ANSWERS_MS - DEMO_READS_MS, 1)
    return true
  }
  insertMessage(sql, {
    conversation,
    author: key,
    id: crypto.randomUUID(),
    sentAt: now,
    text: answers[(writtenBy(sql, key) - messages.filter(({ mine }) => mine !== true).length) % answers.length] ?? null,
    media: null,
    replyTo: null,
  })
  return false
}

function contactOf(account: string): (typeof DEMO_CONTACTS)[number] | undefined {
  const number = DEMO_ACCOUNT.exec(account)?.[1]
  return number === undefined ? undefined : DEMO_CONTACTS[Number(number) - 1]
}

/** How many messages the contact has written, those that it began with among them: its answers come in turn. */
function writtenBy(sql: SqlStorage, key: number): number {
  return sql
    .exec<{ count: number }>('SELECT count(*) AS count FROM messages WHERE conversation = ? AND author <> ?', key, ME)
    .one().count
}
