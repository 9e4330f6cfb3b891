/**
 * Answers to requests that one look into the tables can give, in one step without an await.
 * `start`, `typing` and `token` need others and are answered in `account.ts`, `start.ts` and `phone-sockets.ts`.
 */
import { errorFrame } from '../http/sockets.ts'
import type { OkFrame } from '../protocol/frames.ts'
import { CONVERSATIONS_PAGE, HISTORY_DEFAULT, SEARCH_PAGE } from '../protocol/limits.ts'
import type { Request } from '../protocol/requests.ts'
import { conversationById, conversationsPage, conversationWith, markRead, setBlocked } from './conversations.ts'
import { isDemoContact, noteForDemo } from './demo-contact.ts'
import { findMedia } from './media.ts'
import { emptyMessage, insertMessage, messageBy, messageIn, messagesBefore, type NewMessage } from './messages.ts'
import { enqueue, putInOutbox } from './outbox.ts'
import { fitting, fittingItems, parsePosition } from './paging.ts'
import type { Renderer } from './render.ts'
import type { RequestAnswer } from './rpc.ts'
import { ME, MediaState } from './rows.ts'
import { searchMessages } from './search.ts'
import { announceUpload, forgetMediaOf, unfinishedParts, usableMedia, useMedia } from './uploads.ts'

/** What a request is answered from. */
export interface RequestDesk {
  sql: SqlStorage
  renderer: Renderer
  /** From the phone's own socket, which may do what a linked browser may not. */
  phone: boolean
  /** The account's wire id. */
  account: string
  /** Whether there is a bucket to put them into. */
  uploads: boolean
  now: number
}

type RequestOf<T extends Request['type']> = Extract<Request, { type: T }>

/** Requests that change something: to be answered within a commit. */
const CHANGES: ReadonlySet<Request['type']> = new Set(['send', 'read', 'delete', 'block', 'upload'])

export function isChange({ type }: Request): boolean {
  return CHANGES.has(type)
}

/** Answers a request. */
export function answerRequest(desk: RequestDesk, request: Exclude<Request, { type: 'start' }>): RequestAnswer {
  switch (request.type) {
    case 'send':
      return send(desk, request)
    case 'conversations':
      return conversations(desk, request)
    case 'history':
      return history(desk, request)
    case 'read':
      return read(desk, request)
    case 'search':
      return search(desk, request)
    case 'delete':
      return remove(desk, request)
    case 'block':
      return block(desk, request)
    case 'media':
      return media(desk, request)
    case 'upload':
      return upload(desk, request)
    // A companion ends itself and a phone signs out over HTTP; only the phone's own socket has a token to extend.
    case 'unlink':
    case 'token':
      return errorFrame(request.ref, 'not_allowed')
  }
}

function accept(ref: string, answer: Omit<OkFrame, 'type' | 'ref'> = {}): OkFrame {
  return { type: 'ok', ref, ...answer }
}

function send({ sql, renderer, now }: RequestDesk, request: RequestOf<'send'>): RequestAnswer {
  const { ref, id, text, media: mediaId, replyTo } = request
  const conversation = conversationById(sql, request.conversation)
  if (conversation === null) return errorFrame(ref, 'not_found')
  const before = messageBy(sql, ME, id)
  if (before !== null) {
    if (before.conversation !== conversation.key) return errorFrame(ref, 'bad_request')
    return accept(ref, { message: renderer.message(before) })
  }
  if (conversation.blocked === 1) return errorFrame(ref, 'not_allowed')
  if (conversation.gone === 1) return errorFrame(ref, 'not_found', { message: 'Their account was deleted' })
  if (replyTo !== undefined && messageIn(sql, conversation.key, replyTo) === null) return errorFrame(ref, 'not_found')
  if (mediaId !== undefined) {
    if (usableMedia(sql, mediaId) === null) return errorFrame(ref, 'not_found')
    if (unfinishedParts(sql, mediaId).length > 0) return errorFrame(ref, 'media_not_ready')
    useMedia(sql, mediaId)
  }
  const isDemo = isDemoContact(conversation.account)
  const message: NewMessage = {
    conversation,
    author: ME,
    id,
    sentAt: now,
    text: text ?? null,
    media: mediaId ?? null,
    replyTo: replyTo ?? null,
  }
  const { row, number } = insertMessage(sql, message, !isDemo)
  if (isDemo) noteForDemo(sql, row.conversation, now)
  else putInOutbox(sql, { conversation: row.conversation, number, kind: 'message', seq: row.seq, at: now })
  return accept(ref, { message: renderer.message(row) })
}

function conversations({ sql, renderer }: RequestDesk, request: RequestOf<'conversations'>): RequestAnswer {
  const { ref, after, ids } = request
  if (ids !== undefined) {
    const found = [...new Set(ids)].flatMap((id) => conversationById(sql, id) ?? [])
    const { items } = fitting(found, CONVERSATIONS_PAGE, renderer.conversation)
    return accept(ref, { conversations: items, more: null })
  }
  const position = after === undefined ? null : parsePosition(after)
  if (after !== undefined && position === null) return errorFrame(ref, 'bad_request')
  const page = conversationsPage(sql, position, CONVERSATIONS_PAGE + 1)
  const { items, more } = fitting(page, CONVERSATIONS_PAGE, renderer.conversation)
  return accept(ref, { conversations: items, more })
}

function history({ sql, renderer }: RequestDesk, request: RequestOf<'history'>): RequestAnswer {
  const { ref, before = Number.MAX_SAFE_INTEGER, limit = HISTORY_DEFAULT } = request
  const conversation = conversationById(sql, request.conversation)
  if (conversation === null) return errorFrame(ref, 'not_found')
  const rows = messagesBefore(sql, conversation.key, before, limit + 1)
  const { items, left } = fittingItems(rows, limit, renderer.message)
  return accept(ref, { messages: items.toReversed(), more: left })
}

function read({ sql, now }: RequestDesk, { ref, conversation: id, upTo }: RequestOf<'read'>): RequestAnswer {
  const conversation = conversationById(sql, id)
  if (conversation === null) return errorFrame(ref, 'not_found')
  const seen = markRead(sql, conversation, upTo)
  if (seen !== null && conversation.blocked === 0) enqueue(sql, conversation, 'marks', seen, now)
  return accept(ref)
}

function search({ sql, renderer }: RequestDesk, { ref, text, after }: RequestOf<'search'>): RequestAnswer {
  const before = after === undefined ? Number.MAX_SAFE_INTEGER : parsePosition(after)
  if (before === null) return errorFrame(ref, 'bad_request')
  const { rows, stoppedAt } = searchMessages(sql, text, before, SEARCH_PAGE + 1)
  const { items, left } = fittingItems(rows, SEARCH_PAGE, renderer.message)
  const position = left ? items.at(-1)?.seq : stoppedAt
  return accept(ref, { messages: items, more: position == null ? null : String(position) })
}

function remove({ sql, now }: RequestDesk, request: RequestOf<'delete'>): RequestAnswer {
  const { ref, id } = request
  const conversation = conversationById(sql, request.conversation)
  const message = conversation === null ? null : messageIn(sql, conversation.key, id)
  if (conversation === null || message === null) return errorFrame(ref, 'not_found')
  const everywhere = request.for === 'all'
  if (everywhere && message.author !== ME) return errorFrame(ref, 'not_allowed')
  forgetMediaOf(sql, message, everywhere, now)
  if (emptyMessage(sql, message, everywhere) && everywhere) enqueue(sql, conversation, 'deleted', message.seq, now)
  return accept(ref)
}

function block({ sql, phone }: RequestDesk, { ref, account, on }: RequestOf<'block'>): RequestAnswer {
  if (!phone) return errorFrame(ref, 'not_allowed')
  const conversation = conversationWith(sql, account)
  if (conversation === null || conversation.shown === 0) return errorFrame(ref, 'not_found')
  setBlocked(sql, conversation, on)
  return accept(ref)
}

function media({ sql, renderer }: RequestDesk, { ref, id }: RequestOf<'media'>): RequestAnswer {
  const row = findMedia(sql, id)
  if (row?.state === MediaState.announced) return errorFrame(ref, 'media_not_ready')
  const found = row?.state === MediaState.ready ? renderer.media(id) : null
  return found === null ? errorFrame(ref, 'not_found') : accept(ref, { media: found })
}

function upload(desk: RequestDesk, request: RequestOf<'upload'>): RequestAnswer {
  const { sql, renderer, account, uploads, now } = desk
  const { ref } = request
  if (!uploads) return errorFrame(ref, 'not_allowed', { message: 'This server takes no uploads' })
  const taken = announceUpload(sql, account, request, now)
  if ('code' in taken) {
    const { code, retryAfter } = taken
    return errorFrame(ref, code, retryAfter === undefined ? {} : { retryAfter })
  }
  const { url, expiresAt } = renderer.upload(taken.object)
  return accept(ref, { media: taken.id, put: url, expiresAt })
}
