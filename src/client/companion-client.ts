/**
 * The browser's side of the link: one state for the page to draw, and what the person can do about it. It dials,
 * resumes or starts anew, follows the codes and the scan, and after linking feeds the stream from the same socket.
 * No DOM: the page tells it what is visible and draws {@link CompanionState}.
 */
import { CLOSE, reactionTo } from '../protocol/close-codes.ts'
import { SUBPROTOCOL, type ServerFrame } from '../protocol/frames.ts'
import { REQUEST_TIMEOUT_MS } from '../protocol/limits.ts'
import type { AccountCard, DeviceCard, UnlinkReason } from '../protocol/model.ts'
import { createConnection, type ConnectionState, type SocketLike } from './connection.ts'
import {
  createDeviceKey,
  isResumable,
  publicKeyParameter,
  signResume,
  type DeviceRecord,
  type DeviceStorage,
} from './device-key.ts'
import type { CompanionState, CompanionView } from './companion-state.ts'
import { createLinkViews, type CodeFrame } from './link-views.ts'
import { parseServerFrame } from './server-frame.ts'
import { isStreamFrame } from './stream-client.ts'
import { createStream, type Stream } from './stream.ts'

export interface CompanionClientOptions {
  /** `wss://host/v1/socket` */
  address: string
  dial: (url: string, protocol: string) => SocketLike
  /** What outlives the page. */
  storage: DeviceStorage
  keep: boolean
  hidden: boolean
  /** Puts back what was kept of a linked device's chats: they are shown before there is a socket. */
  restore?: (device: string, stream: Stream) => Promise<DeviceCard | null>
  /** A linked device is forgotten: called in the very task in which that is known. */
  onForget?: () => void
  onFrame?: (frame: ServerFrame) => void
  random?: () => number
}

export interface CompanionClient {
  readonly state: CompanionState
  readonly stream: Stream
  subscribe: (listener: (state: CompanionState) => void) => () => void
  start: () => Promise<void>
  /** New codes, whatever stands in their place; dials if there is no socket: "Get a new code", "Link again", "Use here". */
  wake: () => void
  /** A code to type instead of one to scan; again: more time for it. */
  spell: () => void
  /** Dials now instead of waiting; nothing on an open socket. */
  tryNow: () => void
  /** The network is back or was changed: whatever is dialling now dials again. */
  online: () => void
  /** The chats do not come: asks for them on a new socket. Nothing once they are there. */
  again: () => void
  setHidden: (hidden: boolean) => void
  setKeep: (keep: boolean) => void
  /** The account shown is the person's own. */
  confirm: () => void
  /** Signs out: at the service if it answers, and here in any case. */
  unlink: () => Promise<void>
}

export function createCompanionClient(options: CompanionClientOptions): CompanionClient {
  const { address, storage } = options
  const { host } = new URL(address)
  const listeners = new Set<(state: CompanionState) => void>()
  let record: DeviceRecord | null = null
  /** How the present socket was opened. */
  let form: 'new' | 'resume' = 'new'
  let dials = 0
  let hidden = options.hidden
  let typedTimer: ReturnType<typeof setTimeout> | undefined

  const views = createLinkViews()
  const stream = createStream({ onGap: () => connection.fail() })
  const connection = createConnection({
    dial,
    onMessage(text) {
      const frame = parseServerFrame(text)
      if (frame === null) return
      take(frame)
      options.onFrame?.(frame)
    },
    onState: follow,
    // A fresh key cannot be "not a linked device": such an answer is a fault of the service.
    reactTo: (code) =>
      code === CLOSE.notLinked && form === 'new' && state.view.name !== 'linked' ? 'retry' : reactionTo(code),
    ...(options.random ? { random: options.random } : {}),
  })
  let state: CompanionState = {
    view: { name: 'connecting' },
    connection: connection.state,
    keep: options.keep,
    linked: false,
    confirmed: false,
  }

  return {
    get state() {
      return state
    },
    stream,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async start() {
      record = await storage.load(Date.now()).catch(() => null)
      if (record?.linked) {
        change({ linked: true, confirmed: record.confirmed })
        await showKept(record)
      }
      connection.connect()
    },
    wake,
    spell() {
      if (views.spell(connection.state.name === 'open' && state.view.name !== 'connecting')) sendSpell()
    },
    tryNow: connection.connect,
    online() {
      if (connection.state.name === 'connecting' || connection.state.name === 'waiting') connection.reconnect()
    },
    again() {
      if (stream.state.cursor === null) connection.reconnect()
    },
    setHidden(next) {
      hidden = next
      if (hidden) rest()
      else if (state.view.name === 'code' || state.view.name === 'idle') wake()
    },
    setKeep(keep) {
      change({ keep })
      if (!keep) void storage.clear(record?.device ?? null).catch(() => undefined)
      else if (record !== null) save()
    },
    confirm() {
      change({ confirmed: true })
      if (record === null) return
      record.confirmed = true
      save()
    },
    async unlink() {
      if (connection.state.name === 'open') {
        const answered = stream.request({ type: 'unlink' }).catch(() => undefined)
        await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, REQUEST_TIMEOUT_MS / 4))])
      }
      if (state.view.name !== 'unlinked') end('companion')
    },
  }

  async function dial(): Promise<SocketLike> {
    const mine = ++dials
    if (record !== null && isResumable(record, Date.now())) {
      form = 'resume'
      const cursor = stream.state.cursor
      const query = `device=${record.device}${cursor === null ? '' : `&cursor=${cursor}`}`
      return options.dial(`${address}?${query}`, SUBPROTOCOL)
    }
    form = 'new'
    const key = await createDeviceKey()
    const parameter = await publicKeyParameter(key)
    // Only the newest dial may say which key is ours.
    if (mine === dials) record = { key, device: null, linked: false, at: Date.now(), confirmed: false }
    return options.dial(`${address}?key=${parameter}`, SUBPROTOCOL)
  }

  async function showKept({ device: id }: DeviceRecord): Promise<void> {
    if (id === null) return
    const device = await options.restore?.(id, stream).catch(() => null)
    const { account } = stream.state
    if (device && account !== null) show({ name: 'linked', device, account, resumed: true })
  }

  function take(frame: ServerFrame): void {
    if (state.view.name === 'linked' && isStreamFrame(frame)) {
      if (frame.type === 'unlinked') return end(frame.reason)
      if (frame.type === 'error' && frame.ref === undefined && frame.retryAfter !== undefined) {
        connection.setRetryAfter(frame.retryAfter)
      }
      return stream.receive(frame)
    }
    switch (frame.type) {
      case 'qr':
      case 'idle':
      case 'scanned':
      case 'declined':
      case 'spelled':
        return takeCode(frame)
      case 'challenge':
        return void prove(frame.nonce)
      case 'linked':
      case 'resumed':
        return enterAccount(frame.device, frame.account, frame.type === 'resumed')
      case 'unlinked':
        return end(frame.reason)
      case 'error':
        if (frame.retryAfter !== undefined) connection.setRetryAfter(frame.retryAfter)
        return show(views.refuse(state.view))
    }
  }

  function takeCode(frame: CodeFrame): void {
    if (frame.type === 'qr') remember({ device: frame.device })
    else if (frame.type === 'scanned') remember({})
    show(views.take(frame, state.view, Date.now()))
    if (frame.type !== 'qr') return
    if (hidden) rest()
    else if (views.wished()) sendSpell()
  }

  function sendSpell(): void {
    connection.send('{"type":"spell"}')
  }

  async function prove(nonce: string): Promise<void> {
    if (form !== 'resume' || record?.device == null) return
    const mine = dials
    const signature = await signResume(record.key, host, record.device, nonce)
    if (mine === dials) connection.send(JSON.stringify({ type: 'prove', signature }))
  }

  function enterAccount(device: DeviceCard, account: AccountCard, resumed: boolean): void {
    remember({ device: device.id, linked: true })
    change({ view: { name: 'linked', device, account, resumed }, linked: true })
    stream.know(account)
    stream.ready((text) => void connection.send(text))
  }

  /** What the page draws follows the socket: a code is worth nothing once the socket that it stood for is gone. */
  function follow(next: ConnectionState): void {
    if (next.name !== 'open') stream.lost()
    if (next.name === 'stopped') return stopped(next)
    const stays = next.name === 'open' || next.name === 'closed' || state.view.name === 'linked'
    change(stays ? { connection: next } : { connection: next, view: { name: 'connecting' } })
  }

  function stopped(next: ConnectionState & { name: 'stopped' }): void {
    switch (next.reaction) {
      case 'start-anew':
        forget()
        change({ connection: next, view: { name: 'connecting' }, linked: false, confirmed: false })
        return connection.connect()
      case 'unlinked':
        return end(null)
      case 'when-looked-at':
        return change({ connection: next, view: { name: 'idle' } })
      case 'until-asked':
        return change({ connection: next, view: { name: 'elsewhere' } })
      case 'stop':
        return change({
          connection: next,
          view: next.code === CLOSE.originNotAllowed ? { name: 'origin' } : { name: 'fault', code: next.code },
        })
    }
  }

  function wake(): void {
    const { view } = state
    if (connection.state.name !== 'open') return connection.connect()
    if (view.name === 'linked') return
    connection.send('{"type":"wake"}')
    show(views.wake(view))
  }

  function rest(): void {
    if (state.view.name === 'code') connection.send('{"type":"sleep"}')
  }

  /** The device is gone: everything goes in this very task, so that no paint shows it any more. */
  function end(reason: UnlinkReason | null): void {
    forget()
    connection.close()
    change({ view: { name: 'unlinked', reason }, linked: false, confirmed: false })
  }

  function forget(): void {
    const device = record?.device ?? null
    const linked = record?.linked === true
    record = null
    stream.wipe()
    void storage.clear(device).catch(() => undefined)
    if (linked) options.onForget?.()
  }

  function remember(part: Partial<DeviceRecord>): void {
    if (record === null) return
    record = { ...record, ...part, at: Date.now() }
    save()
  }

  function save(): void {
    // A browser that cannot keep the key goes on without: the person scans again after closing the page.
    if (state.keep && record?.device != null) storage.save(record).catch(() => change({ keep: false }))
  }

  function show(view: CompanionView | null): void {
    if (view !== null) change({ view })
  }

  /** A code to type is worth nothing after its time, whatever the service says when. */
  function watchTyped(view: CompanionView): void {
    clearTimeout(typedTimer)
    if (view.name !== 'typed') return
    typedTimer = setTimeout(() => show({ name: 'idle' }), view.expiresAt - Date.now())
  }

  function change(part: Partial<CompanionState>): void {
    if (part.view && part.view !== state.view) watchTyped(part.view)
    state = { ...state, ...part }
    for (const listener of listeners) listener(state)
  }
}
