/**
 * One device as a client is: it knows what the project's own reducer makes of the frames, sends again what was not
 * answered `ok`, and comes back with its cursor. It notes every frame that breaks the contract.
 */
import { HISTORY_PAGE } from '../../src/protocol/limits.ts'
import type { ErrorFrame, OkFrame, ServerFrame } from '../../src/protocol/frames.ts'
import { EMPTY_STATE, reduce, type StreamAction, type StreamState } from '../../src/client/store.ts'
import type { Reference, View } from './reference.ts'

type Body =
  | { type: 'start'; account: string }
  | { type: 'send'; id: string; conversation: string; text: string }
  | { type: 'read'; conversation: string; upTo: number }
  | { type: 'delete'; conversation: string; id: string; for: 'me' | 'all' }
  | { type: 'history'; conversation: string; before?: number; limit: number }
  | { type: 'conversations'; ids: string[] }

interface Asked {
  body: Body
  /** How often it went out. */
  tries: number
  /** The number of the socket on which it went out last; 0 while it has not. */
  socket: number
}

/** How a device comes to its stream. */
export interface Way {
  /** Opens a socket at a cursor, or without one for a snapshot. */
  dial: (cursor: number | null) => Promise<WebSocket>
  /** The signature that a challenge wants; a phone is never challenged. */
  prove: (nonce: string) => Promise<string>
}

const WAIT_MS = 5_000

export class Device {
  readonly name: string
  readonly account: string
  readonly faults: string[] = []
  state: StreamState = EMPTY_STATE
  /** The code that it shows before it is linked. */
  code: string | null = null
  /** It was told that it is not linked any more. */
  unlinked = false
  readonly #reference: Reference
  readonly #way: Way
  readonly #asked = new Map<string, Asked>()
  readonly #wakers = new Set<() => void>()
  /** Seqs of the messages sent once only, in the order of sending: they must rise. */
  readonly #order: { id: string; seq: number | null }[] = []
  #socket: WebSocket | null = null
  /** Told apart by number, so that nothing a dropped socket still says is heard. */
  #current = 0
  #isStreaming = false
  #refs = 0
  #resumedAt: number | null = null

  constructor(name: string, account: string, reference: Reference, way: Way) {
    this.name = name
    this.account = account
    this.#reference = reference
    this.#way = way
  }

  get isConnected(): boolean {
    return this.#isStreaming
  }

  /** Whether everything that was asked is answered. */
  get isAnswered(): boolean {
    return this.#asked.size === 0
  }

  /** Whether nothing that went out is without its answer: whatever it asked, it knows what became of it. */
  get isCertain(): boolean {
    return [...this.#asked.values()].every(({ tries }) => tries === 0)
  }

  /** Whether nothing that went out on the present socket waits for an answer. */
  get isIdle(): boolean {
    return ![...this.#asked.values()].some(({ socket }) => socket === this.#current)
  }

  /** Dials unless connected; resolves when the stream has begun, or the socket is lost. */
  async connect(withCursor: boolean): Promise<void> {
    if (this.#socket !== null || this.unlinked) return
    if (!withCursor) this.state = { ...this.state, cursor: null }
    const mine = ++this.#current
    const { cursor } = this.state
    this.#resumedAt = cursor
    this.listen(await this.#way.dial(cursor), mine)
    await this.until('the stream', () => this.#isStreaming || mine !== this.#current)
  }

  /** Takes a socket whose stream is about to begin. */
  listen(socket: WebSocket, mine = ++this.#current): void {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      if (mine === this.#current) this.#receive(JSON.parse(data as string) as ServerFrame)
      this.#wake()
    })
    socket.addEventListener('close', ({ code }) => {
      if (mine === this.#current) this.#lost(code)
      this.#wake()
    })
    socket.accept()
    // A phone that is up to date is sent nothing: its stream begins with the socket.
    if (this.name === 'phone' && this.#resumedAt !== null) this.#begin()
  }

  /** Leaves its socket, with a close frame or (its network gone) without a word. */
  drop(silently: boolean): void {
    const socket = this.#socket
    this.#forgetSocket()
    if (!silently) socket?.close(1000)
  }

  /** Asks; again and again until it is answered `ok`. */
  ask(body: Body): void {
    if (this.unlinked) return
    const ref = `r${++this.#refs}`
    this.#asked.set(ref, { body, tries: 0, socket: 0 })
    if (body.type === 'send') this.#order.push({ id: body.id, seq: null })
    if (this.#isStreaming) this.#transmit(ref)
  }

  typing(conversation: string, on: boolean): void {
    if (this.#isStreaming) this.#socket?.send(JSON.stringify({ type: 'typing', conversation, on }))
  }

  /** Sends again what was answered with a fault of the service. */
  askAgain(): void {
    if (!this.#isStreaming) return
    for (const [ref, asked] of this.#asked) if (asked.socket !== this.#current) this.#transmit(ref)
  }

  conversationWith(peer: string): string | undefined {
    return [...this.state.conversations.values()].find((conversation) => conversation.peer.account === peer)?.id
  }

  /** What it shows. */
  views(): View[] {
    return [...this.state.conversations.values()]
      .toSorted((a, b) => (a.peer.account < b.peer.account ? -1 : 1))
      .map(({ id, title, unread, readUpTo, last, peer }) => ({
        peer: peer.account,
        title,
        unread,
        readUpTo,
        deliveredUpTo: peer.deliveredUpTo,
        peerReadUpTo: peer.readUpTo,
        last: last?.id ?? null,
        messages: (this.state.threads.get(id)?.messages ?? []).map((message) => ({
          id: message.id,
          seq: message.seq,
          from: message.from,
          text: message.text,
          deleted: message.deleted === true,
        })),
      }))
  }

  /** Awaits a condition that a frame or a close may bring about. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    if (isSo()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wakers.delete(look)
        const asked = [...this.#asked.values()].map(({ body }) => body.type)
        reject(new Error(`${this.name} waited in vain for ${what}; unanswered are [${asked.join(' ')}]`))
      }, WAIT_MS)
      const look = (): void => {
        if (!isSo()) return
        clearTimeout(timer)
        this.#wakers.delete(look)
        resolve()
      }
      this.#wakers.add(look)
    })
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'qr':
        this.code = frame.token
        return
      case 'scanned':
      case 'linked':
        return
      case 'challenge':
        return void this.#prove(frame.nonce)
      case 'resumed':
        if (this.#resumedAt !== null && frame.cursor !== this.#resumedAt) {
          this.#fault(`resumed at ${frame.cursor} instead of ${this.#resumedAt}`)
        }
        if (this.#resumedAt !== null) this.#begin()
        return
      case 'snapshot':
        // Nothing in a test leaves a client so far behind that its cursor is of no use.
        if (this.state.cursor !== null) this.#fault(`a snapshot in place of the events after ${this.state.cursor}`)
        this.#dispatch({ type: 'snapshot', frame })
        this.#begin()
        for (const { id } of frame.conversations) this.#loadHistory(id)
        return
      case 'event': {
        if (frame.cursor !== (this.state.cursor ?? -1) + 1) {
          this.#fault(`the event ${frame.cursor} after ${this.state.cursor}`)
        }
        this.#dispatch({ type: 'event', cursor: frame.cursor, event: frame.event })
        if (frame.event.kind === 'conversation') this.#loadHistory(frame.event.conversation.id)
        const asked = [...this.state.missing]
        if (asked.length > 0) this.ask({ type: 'conversations', ids: asked })
        return
      }
      case 'typing':
        return this.#dispatch({ type: 'typing', conversation: frame.conversation, on: frame.on })
      case 'ok':
        return this.#answered(frame)
      case 'error':
        return this.#refused(frame)
      case 'unlinked':
        this.unlinked = true
        this.#asked.clear()
        return
      default:
        this.#fault(`a frame out of place: ${frame.type}`)
    }
  }

  async #prove(nonce: string): Promise<void> {
    const mine = this.#current
    const signature = await this.#way.prove(nonce)
    if (mine === this.#current) this.#socket?.send(JSON.stringify({ type: 'prove', signature }))
  }

  #answered(frame: OkFrame): void {
    const asked = this.#asked.get(frame.ref)
    this.#asked.delete(frame.ref)
    if (asked === undefined) return this.#fault(`an answer that nobody waits for: ${JSON.stringify(frame)}`)
    const { body, tries } = asked
    switch (body.type) {
      case 'start':
        if (frame.conversation === undefined) return this.#fault('start without a conversation')
        this.#reference.started(this.account, body.account)
        this.#dispatch({ type: 'conversations', conversations: [frame.conversation] })
        return this.#loadHistory(frame.conversation.id)
      case 'send': {
        const { message } = frame
        if (message?.id !== body.id) return this.#fault('send without its message')
        this.#reference.sent(this.account, this.#peerOf(body.conversation), { ...body, seq: message.seq })
        this.#noteOrder(message.id, tries === 1 ? message.seq : null)
        return this.#dispatch({ type: 'sent', message })
      }
      case 'read':
        return this.#reference.read(this.account, this.#peerOf(body.conversation), body.upTo)
      case 'delete':
        return this.#reference.deleted(this.account, this.#peerOf(body.conversation), body.id, body.for === 'all')
      case 'history': {
        const { messages = [] } = frame
        const more = frame.more === true
        this.#dispatch({ type: 'history', conversation: body.conversation, messages, more })
        const before = messages[0]?.seq
        if (more && before !== undefined) {
          this.ask({ type: 'history', conversation: body.conversation, before, limit: HISTORY_PAGE })
        }
        return
      }
      case 'conversations':
        return this.#dispatch({
          type: 'conversations',
          conversations: frame.conversations ?? [],
          asked: body.ids,
        })
    }
  }

  /** A fault of the service is asked again; anything else should never have been refused. */
  #refused({ ref = '', code }: ErrorFrame): void {
    const asked = this.#asked.get(ref)
    if (asked === undefined) return this.#fault(`an error that nobody waits for: ${code}`)
    if (code === 'internal' || code === 'rate_limited') {
      asked.socket = 0
      return
    }
    this.#asked.delete(ref)
    // Unlinked at the account, whose word has not reached its companion yet: it may do nothing any more.
    const isEnding = this.name !== 'phone' && !this.#reference.devicesOf(this.account).includes(this.name)
    if (!isEnding || code !== 'not_allowed') this.#fault(`${asked.body.type} was refused: ${code}`)
  }

  #begin(): void {
    if (this.#isStreaming) return
    this.#isStreaming = true
    this.askAgain()
  }

  #transmit(ref: string): void {
    const asked = this.#asked.get(ref)
    if (asked === undefined) return
    asked.tries++
    asked.socket = this.#current
    this.#socket?.send(JSON.stringify({ ...asked.body, ref }))
  }

  #loadHistory(conversation: string): void {
    const isAsked = [...this.#asked.values()].some(
      ({ body }) => body.type === 'history' && body.conversation === conversation,
    )
    if (isAsked || this.state.threads.get(conversation)?.loaded === true) return
    this.#dispatch({ type: 'history-asked', conversation })
    this.ask({ type: 'history', conversation, limit: HISTORY_PAGE })
  }

  #noteOrder(id: string, seq: number | null): void {
    const index = this.#order.findIndex((sent) => sent.id === id)
    this.#order[index] = { id, seq }
    const seqs = this.#order.flatMap((sent) => sent.seq ?? [])
    if (seqs.some((one, at) => at > 0 && one <= (seqs[at - 1] ?? 0))) this.#fault(`sent in this order: ${seqs.join()}`)
  }

  #peerOf(conversation: string): string {
    const known = this.state.conversations.get(conversation)
    if (known === undefined) this.#fault('an answer of no conversation')
    return known?.peer.account ?? ''
  }

  #lost(code: number): void {
    // 1011: the service failed; 4410 comes after `unlinked`. Anything else was not asked for.
    if (code !== 1011 && !(code === 4410 && this.unlinked)) this.#fault(`closed ${code}`)
    this.#forgetSocket()
  }

  #forgetSocket(): void {
    this.#current++
    this.#socket = null
    this.#isStreaming = false
  }

  #dispatch(action: StreamAction): void {
    this.state = reduce(this.state, action)
  }

  #fault(what: string): void {
    this.faults.push(`${this.name}: ${what}`)
  }

  #wake(): void {
    for (const look of this.#wakers) look()
  }
}
