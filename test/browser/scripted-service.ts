/**
 * A service that stands where the network would: it speaks the contract to a real page from a script, so that a page
 * has ten thousand messages, or is linked twenty times, in a moment. Nothing of ours is in it but the contract's words.
 */
import type { Page, WebSocketRoute } from 'playwright-core'
import type { Frame } from '../support/outside/socket.ts'

export interface ScriptedMessage {
  id: string
  conversation: string
  seq: number
  from: string
  sentAt: number
  text?: string
  media?: Record<string, unknown>
  deleted?: true
}

export interface ScriptedConversation {
  id: string
  title: string
  messages: ScriptedMessage[]
  readUpTo: number
  unread: number
}

export interface ScriptedService {
  /** All requests of the page, on whatever socket. */
  asked: Frame[]
  /** Sockets that were opened and are not closed. */
  open: () => number
  /** What the peer writes. */
  say: (conversation: string, text: string) => ScriptedMessage
  /** The peer takes a message back. */
  takeBack: (conversation: string, id: string) => void
  /** Tells everything anew, as after a long time away. */
  snapshot: () => void
  /** Answers nothing more until the returned function is called. */
  hold: () => () => void
  /** Ends the link: the phone has removed this browser. */
  unlink: () => void
}

export const PEER = 'peer-account'
const ACCOUNT = { id: 'own-account', name: 'Ada', number: '+491510000000' }
const MINUTE_MS = 60_000
const WORDS = 'the harbour was quiet and we took the small boat out past the island before noon'.split(' ')

/** Messages of two people over many days, of every length, a minute or an hour apart: always the same ones. */
export function manyMessages(conversation: string, count: number, until = Date.now()): ScriptedMessage[] {
  let at = until - MINUTE_MS
  const messages: ScriptedMessage[] = []
  for (let seq = count; seq >= 1; seq--) {
    const length = 1 + ((seq * 7) % 11) + (seq % 17 === 0 ? 40 : 0)
    const words = Array.from({ length }, (_, index) => WORDS[(seq + index * 3) % WORDS.length])
    messages.push({
      id: `id-${seq}`,
      conversation,
      seq,
      from: Math.floor(seq / 3) % 2 === 0 ? 'me' : PEER,
      sentAt: at,
      text: `${seq}. ${words.join(' ')}`,
    })
    at -= seq % 9 === 0 ? 90 * MINUTE_MS : MINUTE_MS
  }
  return messages.toReversed()
}

/** Answers every socket of the page as a service would that has these conversations. */
export async function scriptService(page: Page, conversations: ScriptedConversation[]): Promise<ScriptedService> {
  const asked: Frame[] = []
  const routes = new Set<WebSocketRoute>()
  let held: (() => void)[] | null = null
  let cursor = 1_000_000

  const tell = (frame: object): void => {
    for (const route of routes) route.send(JSON.stringify(frame))
  }
  const event = (body: object): void => tell({ type: 'event', cursor: ++cursor, event: body })
  const find = (id: unknown): ScriptedConversation => conversations.find((known) => known.id === id)!

  const snapshotFrame = (): object => {
    return { type: 'snapshot', cursor, account: ACCOUNT, conversations: conversations.map(described), more: null }
  }

  const answers: Record<string, (request: Frame) => object> = {
    history({ conversation, before = Infinity, limit = 50 }) {
      const older = find(conversation).messages.filter(({ seq }) => seq < before)
      return { messages: older.slice(-limit), more: older.length > limit }
    },
    read({ conversation, upTo }) {
      const known = find(conversation)
      known.readUpTo = Math.max(known.readUpTo, upTo)
      known.unread = known.messages.filter(({ seq, from }) => seq > known.readUpTo && from !== 'me').length
      queueMicrotask(() => event({ kind: 'read', conversation, upTo: known.readUpTo, unread: known.unread }))
      return {}
    },
    send({ conversation, id, text }) {
      const known = find(conversation)
      const seq = (known.messages.at(-1)?.seq ?? 0) + 1
      const message = { id, conversation, seq, from: 'me', sentAt: Date.now(), text }
      known.messages.push(message)
      event({ kind: 'message', message, unread: known.unread })
      return { message }
    },
    search: ({ text }) => {
      const found = conversations.flatMap(({ messages }) => messages).filter((message) => message.text?.includes(text))
      return { messages: found.toReversed().slice(0, 50), more: null }
    },
    conversations: () => ({ conversations: conversations.map(described), more: null }),
  }

  await page.routeWebSocket(/\/v1\/socket/, (route) => {
    routes.add(route)
    const answer = (frame: object): void => route.send(JSON.stringify(frame))
    const take = (request: Frame): void => {
      if (request.ref === undefined) return
      const body = answers[request.type]?.(request) ?? {}
      answer({ type: 'ok', ref: request.ref, ...body })
    }
    route.onMessage((data) => {
      if (data === 'ping') return route.send('pong')
      const request = JSON.parse(String(data)) as Frame
      asked.push(request)
      if (held === null) take(request)
      else held.push(() => take(request))
    })
    route.onClose((code, reason) => {
      routes.delete(route)
      void route.close({ ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }) })
    })
    answer({ type: 'linked', device: { id: 'device', name: 'Chrome on Linux', linkedAt: 1 }, account: ACCOUNT })
    answer(snapshotFrame())
  })

  return {
    asked,
    open: () => routes.size,
    say(conversation, text) {
      const known = find(conversation)
      const seq = (known.messages.at(-1)?.seq ?? 0) + 1
      const message = { id: `id-${seq}`, conversation, seq, from: PEER, sentAt: Date.now(), text }
      known.messages.push(message)
      known.unread++
      event({ kind: 'message', message, unread: known.unread })
      return message
    },
    takeBack(conversation, id) {
      const { messages } = find(conversation)
      const index = messages.findIndex((message) => message.id === id)
      const { text: _, media: __, ...rest } = messages[index]!
      messages[index] = { ...rest, deleted: true }
      event({ kind: 'deleted', conversation, id })
    },
    snapshot: () => tell(snapshotFrame()),
    hold() {
      held = []
      return () => {
        const waiting = held ?? []
        held = null
        for (const go of waiting) go()
      }
    },
    unlink() {
      tell({ type: 'unlinked', reason: 'phone' })
      for (const route of routes) void route.close({ code: 4410 })
      routes.clear()
    },
  }
}

/** A conversation in which everything is read. */
export function conversationOf(id: string, title: string, messages: ScriptedMessage[]): ScriptedConversation {
  return { id, title, messages, readUpTo: messages.at(-1)?.seq ?? 0, unread: 0 }
}

function described({ id, title, messages, unread, readUpTo }: ScriptedConversation): object {
  const last = messages.at(-1) ?? null
  const peer = { account: PEER, number: '+491520000000', deliveredUpTo: last?.seq ?? 0, readUpTo: last?.seq ?? 0 }
  return { id, title, peer, unread, readUpTo, last }
}
