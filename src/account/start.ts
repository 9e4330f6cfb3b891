/** `start`: finding the other person by number or account, and beginning the one conversation with them. */
import { errorFrame } from '../http/sockets.ts'
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { HOUR_MS, NEW_PEERS_AN_HOUR } from '../protocol/limits.ts'
import type { Request } from '../protocol/requests.ts'
import { conversationByKey, conversationWith, insertPeer, showConversation, updatePeer } from './conversations.ts'
import { countUse, waitFor } from './counters.ts'
import { accountOf, numberOf } from './others.ts'
import { readProfile } from './profile.ts'
import type { Renderer } from './render.ts'
import type { PeerCard, RequestAnswer } from './rpc.ts'

const NEW_PEERS = 'new-peers'
/** Numbers and accounts that were not there: counted apart, so that nobody can ask through a list of numbers. */
const MISSES = 'start-misses'

/** What `start` needs of its account. */
export interface StartHost {
  readonly env: Env
  readonly sql: SqlStorage
  renderer(): Renderer
  commit<T>(change: (now: number) => T): T
}

/** Answers `start`. Others are asked first; what is stored changes in one step afterwards. */
export async function start(host: StartHost, request: Extract<Request, { type: 'start' }>): Promise<RequestAnswer> {
  const { env, sql } = host
  const { ref } = request
  const own = readProfile(sql)
  if (own === null) return errorFrame(ref, 'not_found')
  const wait = waitFor(sql, MISSES, NEW_PEERS_AN_HOUR, HOUR_MS, Date.now())
  let account = request.account ?? null
  if (request.number !== undefined) {
    const number = parseNumber(request.number, own.number)
    if (number === null || number === own.number) return errorFrame(ref, 'bad_request')
    if (wait > 0) return errorFrame(ref, 'rate_limited', { retryAfter: wait })
    account = await numberOf(env, number).lookUp()
  }
  if (account === own.id) return errorFrame(ref, 'bad_request')
  const known = account === null ? null : conversationWith(sql, account)
  if (known?.shown === 1 && known.gone === 0) return answer(host, ref, known.key)
  if (wait > 0) return errorFrame(ref, 'rate_limited', { retryAfter: wait })
  const card = account === null ? null : await accountOf(env, account)?.peerCard()
  if (card == null && known?.shown === 1) return answer(host, ref, known.key)
  if (card == null) {
    host.commit((now) => countUse(sql, MISSES, NEW_PEERS_AN_HOUR, HOUR_MS, now))
    return errorFrame(ref, 'not_found')
  }
  // Deleted while the other one was asked.
  if (readProfile(sql)?.deleted_at !== null) return errorFrame(ref, 'not_found')
  const begun = host.commit((now) => begin(sql, card, now))
  return 'key' in begun ? answer(host, ref, begun.key) : errorFrame(ref, 'rate_limited', begun)
}

/** A number as E.164; one without a country code is taken to be of the owner's own country. Null if it cannot be one. */
export function parseNumber(text: string, own: string | null): string | null {
  const country = own === null ? undefined : parsePhoneNumberFromString(own)?.country
  const parsed = parsePhoneNumberFromString(text, country === undefined ? {} : { defaultCountry: country })
  return parsed?.isPossible() === true ? parsed.number : null
}

function begin(sql: SqlStorage, card: PeerCard, now: number): { key: number } | { retryAfter: number } {
  const known = conversationWith(sql, card.account)
  if (known !== null) updatePeer(sql, known, card)
  // Another request may have begun it while the peer was asked.
  if (known?.shown === 1) return { key: known.key }
  const wait = countUse(sql, NEW_PEERS, NEW_PEERS_AN_HOUR, HOUR_MS, now)
  if (wait > 0) return { retryAfter: wait }
  const { key } = known ?? insertPeer(sql, card)
  showConversation(sql, key)
  return { key }
}

function answer(host: StartHost, ref: string, key: number): RequestAnswer {
  const conversation = conversationByKey(host.sql, key)
  if (conversation === null) return errorFrame(ref, 'internal')
  return { type: 'ok', ref, conversation: host.renderer().conversation(conversation) }
}
