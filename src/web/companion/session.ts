/**
 * The companion's page before anything is drawn: whether a code can be shown at all, the socket, and the code's picture.
 * No words and no Lit in it, so that the socket opens while what draws is still on its way.
 */
import { createCompanionClient, type CompanionClient } from '../../client/companion-client.ts'
import { createDeviceStorage, createMemoryCell, openIndexedDbCell, type RecordCell } from '../../client/device-key.ts'
import type { HealthAnswer } from '../../protocol/http.ts'
import { createPictures, type Pictures } from './code-picture.ts'
import { createKeptChats, type KeptChats } from './kept-chats.ts'

/** Why no code can be shown at all, found out before any socket is opened. */
export type Gate = 'insecure' | 'unsupported' | 'storage' | 'onphone' | 'setup'

export class Session {
  gate: Gate | null = null
  client: CompanionClient | null = null
  offline = !navigator.onLine
  /** What goes on after "Link anyway" and "Show a code anyway". */
  proceed: () => void = () => undefined
  readonly pictures: Pictures = createPictures(() => this.#tell())
  readonly kept: KeptChats = createKeptChats()
  #cell: RecordCell | null = null
  #listeners = new Set<() => void>()

  constructor() {
    // Before anything is awaited: a network that goes meanwhile says so once.
    for (const event of ['online', 'offline']) addEventListener(event, () => this.#setOffline(!navigator.onLine))
  }

  subscribe(listener: () => void): void {
    this.#listeners.add(listener)
  }

  async begin(): Promise<void> {
    const gate = firstGate()
    if (gate !== null) return this.#hold(gate)
    if (isPhone() && !(await this.#hasRecord())) return this.#hold('onphone', () => void this.#open())
    await this.#open()
  }

  async #open(): Promise<void> {
    this.#cell ??= await openIndexedDbCell(indexedDB).catch(() => null)
    if (this.#cell === null) return this.#hold('storage', () => this.#connect(createMemoryCell(), false))
    this.#connect(this.#cell, true)
  }

  #connect(cell: RecordCell, keep: boolean): void {
    this.gate = null
    const client = createCompanionClient({
      address: `${location.origin.replace(/^http/, 'ws')}/v1/socket`,
      dial: (url, protocol) => new WebSocket(url, protocol),
      storage: createDeviceStorage(cell),
      keep,
      hidden: document.visibilityState === 'hidden',
      ...this.kept.hooks,
    })
    this.kept.attach(client)
    this.client = client
    client.subscribe(({ view }) => {
      this.pictures.follow(view.name === 'code' ? view.code.image : null)
      this.#tell()
    })
    client.stream.subscribe(() => this.#tell())
    this.#tell()
    void client.start()
    void this.#checkSetup()
    document.addEventListener('visibilitychange', () => client.setHidden(document.visibilityState === 'hidden'))
    // Coming back to a window that was only covered is no change of visibility.
    addEventListener('focus', () => client.state.view.name === 'idle' && client.wake())
  }

  #setOffline(offline: boolean): void {
    this.offline = offline
    if (!offline) this.client?.online()
    this.#tell()
  }

  #hold(gate: Gate, proceed: () => void = () => undefined): void {
    this.gate = gate
    this.proceed = proceed
    this.#tell()
  }

  async #checkSetup(): Promise<void> {
    const response = await fetch('/v1/health').catch(() => null)
    if (response?.ok !== true) return
    const health = (await response.json().catch(() => null)) as HealthAnswer | null
    if (health?.setup?.includes('identity')) this.#hold('setup')
  }

  /** A phone that was linked as a companion all the same goes on as one. */
  async #hasRecord(): Promise<boolean> {
    this.#cell = await openIndexedDbCell(indexedDB).catch(() => null)
    if (this.#cell === null) return false
    const record = await createDeviceStorage(this.#cell)
      .load(Date.now())
      .catch(() => null)
    return record !== null
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function firstGate(): Gate | null {
  if (!isSecureContext) return 'insecure'
  const able = 'WebSocket' in window && 'subtle' in crypto && 'toSpliced' in Array.prototype && 'randomUUID' in crypto
  return able && typeof HTMLDialogElement === 'function' ? null : 'unsupported'
}

/** The code belongs on a second screen (S25). Tablets may be one. */
function isPhone(): boolean {
  const { userAgentData } = navigator as Navigator & { userAgentData?: { mobile: boolean } }
  return userAgentData?.mobile ?? /iPhone|iPod|Android.+Mobile/.test(navigator.userAgent)
}
