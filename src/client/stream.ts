/**
 * The stream of an account (contract, section 2) on whatever socket it comes: what is known, kept up to date, and the
 * verbs of it. It knows no transport: frames are given to `receive`, and `ready` lends it a way to speak.
 */
import type { OkFrame, StreamFrame } from '../protocol/frames.ts'
import { TYPING_EVERY_MS, TYPING_SHOWN_MS } from '../protocol/limits.ts'
import type { AccountCard, Conversation } from '../protocol/model.ts'
import { createHistory, type History } from './history.ts'
import { createOutgoingFiles, fileOf } from './outgoing-files.ts'
import { createRequests, isRequestError, type RequestBody, type RequestError } from './requests.ts'
import { searchFrom, type SearchPage } from './stream-search.ts'
import { EMPTY_STATE, isGap, reduce, type Outgoing, type StreamAction, type StreamState } from './store.ts'
import type { Attachment, Upload } from './uploads.ts'

export interface StreamOptions {
  /** An event is missing and the cursor forgotten: resume without one, on a fresh socket, for a snapshot. */
  onGap: () => void
}

export interface Stream extends Omit<History, 'reset'> {
  /** Replaced, never changed: compare by identity. */
  readonly state: StreamState
  /** Calls `listener` after every change. @returns ends it */
  subscribe: (listener: (state: StreamState) => void) => () => void
  /** Calls `listener` with every frame, after the state took it in. @returns ends it */
  observe: (listener: (frame: StreamFrame) => void) => () => void
  /** Any request of section 2, without its `ref`. @throws {RequestError} */
  request: (body: RequestBody) => Promise<OkFrame>

  /** Shows a message at once and sends it until it is answered. @returns its id */
  sendText: (conversation: string, text: string, replyTo?: string) => string
  /** Shows a file at once, uploads it and sends it with its words. @returns the message's id */
  sendFile: (conversation: string, attachment: Attachment, upload: Upload, text?: string, replyTo?: string) => string
  /** Sends a failed message again; what was uploaded of it is not uploaded twice. */
  sendAgain: (id: string) => void
  /** Forgets a failed message, or one whose file is still being uploaded. */
  discard: (id: string) => void
  /** Loads the next page of the list, if there is one. */
  loadConversations: () => Promise<void>
  /** Says that everything up to a message was read: the newest, unless another is named. Said once. */
  markRead: (conversation: string, upTo?: number) => void
  /** Finds or makes the conversation with a number. @throws {RequestError} `not_found` */
  start: (number: string) => Promise<Conversation>
  /** Finds messages, newest first. @throws {RequestError} */
  search: (text: string, after?: string | null) => Promise<SearchPage>
  /** Empties a message for oneself, or, as its author, for everyone. @throws {RequestError} */
  deleteMessage: (conversation: string, id: string, everyone: boolean) => Promise<void>
  /** Blocks a peer or lets it in again: the phone only. @throws {RequestError} */
  block: (account: string, on: boolean) => Promise<void>
  /** Says that the person is typing; as often as they like. */
  typing: (conversation: string, on: boolean) => void

  /** The file of a message on its way out. */
  attachmentOf: (id: string) => Attachment | null
  /** Goes on from a state that was kept, before anything came; what was on its way out goes out again. */
  restore: (kept: StreamState, files: ReadonlyMap<string, Attachment>, upload: Upload) => void
  /** The account as it was told outside the stream, when a socket goes on from a cursor. */
  know: (account: AccountCard) => void
  /** Asks for conversations again: the addresses of their pictures have expired. */
  refresh: (conversations: readonly string[]) => Promise<void>

  receive: (frame: StreamFrame) => void
  /** The socket may be spoken on: what waited goes out. */
  ready: (send: (text: string) => void) => void
  lost: () => void
  /** Forgets everything, at once. */
  wipe: () => void
}

/** Refusals of a `send` after which its file must be uploaded anew. */
const UPLOAD_LOST: ReadonlySet<RequestError['code']> = new Set(['not_found', 'media_not_ready'])

export function createStream(options: StreamOptions): Stream {
  const requests = createRequests()
  const listeners = new Set<(state: StreamState) => void>()
  const observers = new Set<(frame: StreamFrame) => void>()
  const loading = new Set<string>()
  const typingTimers = new Map<string, ReturnType<typeof setTimeout>>()
  const typingSentAt = new Map<string, number>()
  /** What was already said to be read, so that it is said once. */
  const readSent = new Map<string, number>()
  const files = createOutgoingFiles(requests.request)
  const history = createHistory({ request: requests.request, state: () => state, dispatch })
  let state = EMPTY_STATE
  let transmit: ((text: string) => void) | null = null

  const stream: Stream = {
    get state() {
      return state
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    observe(listener) {
      observers.add(listener)
      return () => void observers.delete(listener)
    },
    request: requests.request,

    sendText(conversation, text, replyTo) {
      const id = crypto.randomUUID()
      const sentAt = Date.now()
      const message = { id, conversation, text, sentAt, state: 'sending' as const }
      dispatch({ type: 'outgoing', message: replyTo === undefined ? message : { ...message, replyTo } })
      stream.typing(conversation, false)
      transmitOutgoing(id)
      return id
    },
    sendFile(conversation, attachment, upload, text = '', replyTo) {
      const id = crypto.randomUUID()
      files.add(id, attachment, upload)
      const message = {
        id,
        conversation,
        text,
        sentAt: Date.now(),
        state: 'sending' as const,
        file: fileOf(attachment),
      }
      dispatch({ type: 'outgoing', message: replyTo === undefined ? message : { ...message, replyTo } })
      transmitOutgoing(id)
      return id
    },
    sendAgain(id) {
      if (state.outgoing.get(id)?.state !== 'failed') return
      dispatch({ type: 'outgoing-state', id, state: 'sending' })
      transmitOutgoing(id)
    },
    discard(id) {
      if (state.outgoing.get(id)?.state === 'failed' || files.isUploading(id)) {
        dispatch({ type: 'outgoing-dropped', id })
      }
    },
    loadHistory: history.loadHistory,
    loadGap: history.loadGap,
    reveal: history.reveal,
    async loadConversations() {
      const after = state.more
      if (after === null || loading.has('')) return
      loading.add('')
      try {
        const { conversations = [], more } = await requests.request({ type: 'conversations', after })
        if (state.more === after) {
          dispatch({ type: 'conversations', conversations, more: typeof more === 'string' ? more : null })
        }
      } finally {
        loading.delete('')
      }
    },
    markRead(conversation, seen) {
      const known = state.conversations.get(conversation)
      const upTo = seen ?? known?.last?.seq
      if (known === undefined || upTo === undefined) return
      if (upTo <= Math.max(known.readUpTo, readSent.get(conversation) ?? 0)) return
      readSent.set(conversation, upTo)
      requests.request({ type: 'read', conversation, upTo }).catch(() => readSent.delete(conversation))
    },
    async start(number) {
      const { conversation } = await requests.request({ type: 'start', number })
      if (conversation === undefined) throw new TypeError('start was answered without a conversation')
      dispatch({ type: 'conversations', conversations: [conversation] })
      return conversation
    },
    search: (text, after = null) => searchFrom(requests.request, text, after),
    async deleteMessage(conversation, id, everyone) {
      await requests.request({ type: 'delete', conversation, id, for: everyone ? 'all' : 'me' })
    },
    async block(account, on) {
      await requests.request({ type: 'block', account, on })
    },
    typing(conversation, on) {
      const last = typingSentAt.get(conversation)
      if (on ? last !== undefined && Date.now() - last < TYPING_EVERY_MS : last === undefined) return
      if (on) typingSentAt.set(conversation, Date.now())
      else typingSentAt.delete(conversation)
      transmit?.(JSON.stringify({ type: 'typing', conversation, on }))
    },

    attachmentOf: files.attachmentOf,
    restore(kept, attachments, upload) {
      if (state !== EMPTY_STATE) return
      const outgoing = new Map(kept.outgoing)
      for (const [id, attachment] of attachments) {
        const message = outgoing.get(id)
        if (message === undefined) continue
        files.add(id, attachment, upload)
        outgoing.set(id, { ...message, file: fileOf(attachment) })
      }
      state = { ...kept, outgoing }
      tell()
      for (const message of kept.outgoing.values()) if (message.state === 'sending') transmitOutgoing(message.id)
      askForMissing()
    },
    know: (account) => dispatch({ type: 'account', account }),
    async refresh(ids) {
      const { conversations = [] } = await requests.request({ type: 'conversations', ids: ids.slice(0, 50) })
      dispatch({ type: 'conversations', conversations })
    },

    receive(frame) {
      take(frame)
      for (const observer of observers) observer(frame)
    },
    ready(send) {
      transmit = send
      requests.ready(send)
      // A file whose upload found no network waits for the next one; what was refused does not.
      for (const { id, file } of state.outgoing.values()) if (file?.failure === 'failed') stream.sendAgain(id)
    },
    lost() {
      transmit = null
      typingSentAt.clear()
      requests.lost()
    },
    wipe() {
      transmit = null
      for (const timer of typingTimers.values()) clearTimeout(timer)
      for (const kept of [typingTimers, typingSentAt, readSent, loading]) kept.clear()
      history.reset()
      state = EMPTY_STATE
      files.keepOnly(state.outgoing)
      requests.reset()
      tell()
    },
  }
  return stream

  function take(frame: StreamFrame): void {
    switch (frame.type) {
      case 'snapshot':
        readSent.clear()
        dispatch({ type: 'snapshot', frame })
        break
      case 'event':
        if (isGap(state, frame.cursor)) {
          dispatch({ type: 'gap' })
          return options.onGap()
        }
        dispatch({ type: 'event', cursor: frame.cursor, event: frame.event })
        askForMissing()
        break
      case 'typing':
        showTyping(frame.conversation, frame.on)
        break
      case 'ok':
      case 'error':
        requests.answer(frame)
        break
    }
  }

  function transmitOutgoing(id: string): void {
    const message = state.outgoing.get(id)
    if (message === undefined) return
    if (message.file !== undefined && files.mediaOf(id) === null) {
      void uploadThenTransmit(id)
      return
    }
    requests.request(sendOf(message, files.mediaOf(id))).then(
      (answer) =>
        dispatch(answer.message ? { type: 'sent', message: answer.message } : { type: 'outgoing-dropped', id }),
      (error: unknown) => {
        // The upload was given up meanwhile: the next try begins with it.
        if (isRequestError(error) && UPLOAD_LOST.has(error.code)) files.forgetMedia(id)
        dispatch({ type: 'outgoing-state', id, state: 'failed' })
      },
    )
  }

  async function uploadThenTransmit(id: string): Promise<void> {
    dispatch({ type: 'outgoing-file', id, progress: 0 })
    const line = state.outgoing.get(id)?.conversation ?? ''
    const failure = await files.upload(id, line, (progress) => dispatch({ type: 'outgoing-file', id, progress }))
    if (failure === null) return transmitOutgoing(id)
    dispatch({ type: 'outgoing-file', id, progress: 0, failure })
    dispatch({ type: 'outgoing-state', id, state: 'failed' })
  }

  function askForMissing(): void {
    const asked = [...state.missing].filter((id) => !loading.has(`ids:${id}`)).slice(0, 50)
    if (asked.length === 0) return
    for (const id of asked) loading.add(`ids:${id}`)
    requests
      .request({ type: 'conversations', ids: asked })
      .then(
        ({ conversations = [] }) => dispatch({ type: 'conversations', conversations, asked }),
        () => undefined,
      )
      .finally(() => {
        for (const id of asked) loading.delete(`ids:${id}`)
      })
  }

  function showTyping(conversation: string, on: boolean): void {
    clearTimeout(typingTimers.get(conversation))
    typingTimers.delete(conversation)
    if (on)
      typingTimers.set(
        conversation,
        setTimeout(() => showTyping(conversation, false), TYPING_SHOWN_MS),
      )
    dispatch({ type: 'typing', conversation, on })
  }

  function dispatch(action: StreamAction): void {
    const next = reduce(state, action)
    if (next === state) return
    state = next
    files.keepOnly(state.outgoing)
    tell()
  }

  function tell(): void {
    for (const listener of listeners) listener(state)
  }
}

function sendOf({ id, conversation, text, replyTo }: Outgoing, media: string | null): RequestBody {
  return {
    type: 'send',
    id,
    conversation,
    ...(text === '' && media !== null ? {} : { text }),
    ...(media === null ? {} : { media }),
    ...(replyTo === undefined ? {} : { replyTo }),
  }
}
