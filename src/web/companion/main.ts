/** The companion's page: decides what can be shown at all, opens the socket, and draws the link or the chats. */
import { createCompanionClient, type CompanionClient } from '../../client/companion-client.ts'
import type { CompanionState } from '../../client/companion-state.ts'
import { createDeviceStorage, createMemoryCell, openIndexedDbCell, type RecordCell } from '../../client/device-key.ts'
import type { HealthAnswer } from '../../protocol/http.ts'
import { loadWords } from '../strings/language.ts'
import { createKeptChats } from './kept-chats.ts'
import type { Gate } from './link-notices.ts'
import { LinkScreen } from './link-screen.ts'
import type { CompanionChats } from './companion-chats.ts'

const screen = new LinkScreen()
let chats: CompanionChats | null = null
let client: CompanionClient | null = null
let cell: RecordCell | null = null
const kept = createKeptChats()

screen.offline = !navigator.onLine
void begin()

async function begin(): Promise<void> {
  // Without them the page is English, which is better than empty.
  await loadWords('common', 'link').catch(() => undefined)
  document.body.append(screen)
  const gate = firstGate()
  if (gate !== null) return hold(gate)
  if (isPhone() && !(await hasRecord())) return hold('onphone', openSocket)
  await openSocket()
}

async function openSocket(): Promise<void> {
  screen.gate = null
  cell ??= await openIndexedDbCell(indexedDB).catch(() => null)
  if (cell === null) return hold('storage', () => connect(createMemoryCell(), false))
  connect(cell, true)
}

function connect(storage: RecordCell, keep: boolean): void {
  screen.gate = null
  client = createCompanionClient({
    address: `${location.origin.replace(/^http/, 'ws')}/v1/socket`,
    dial: (url, protocol) => new WebSocket(url, protocol),
    storage: createDeviceStorage(storage),
    keep,
    hidden: document.visibilityState === 'hidden',
    ...kept.hooks,
  })
  kept.attach(client)
  screen.client = client
  client.subscribe(draw)
  client.stream.subscribe(() => draw(client!.state))
  draw(client.state)
  void client.start()
  void checkSetup()
  document.addEventListener('visibilitychange', () => client!.setHidden(document.visibilityState === 'hidden'))
  // Coming back to a window that was only covered is no change of visibility.
  addEventListener('focus', () => client!.state.view.name === 'idle' && client!.wake())
  addEventListener('online', () => setOffline(false))
  addEventListener('offline', () => setOffline(true))
}

function setOffline(offline: boolean): void {
  screen.offline = offline
  if (chats) chats.offline = offline
  if (!offline) client?.online()
}

/** Chats once there is something to show, and for as long as this browser is linked; the link screen otherwise. */
function draw(state: CompanionState): void {
  screen.state = state
  const linked = state.view.name === 'linked'
  // While a person reads and approves there is time to fetch what comes next.
  if (state.view.name === 'scanned') void loadChats().catch(() => undefined)
  if (!linked) {
    if (chats === null) return
    chats.replaceWith(screen)
    chats = null
    // Of the chats: the link screen's own stay open while codes come and go.
    closeDialogs()
    return
  }
  if (chats !== null) chats.state = state
  else if (client!.stream.state.account !== null) void showChats()
  else void loadChats().catch(() => undefined)
}

async function showChats(): Promise<void> {
  const loaded = await loadChats().catch(() => null)
  if (loaded === null) {
    screen.failed = true
    return
  }
  // The world may have moved on while the script was loading.
  const state = client!.state
  if (chats !== null || state.view.name !== 'linked' || client!.stream.state.account === null) return
  chats = new loaded.CompanionChats()
  chats.client = client!
  chats.keeper = kept.keeper
  chats.state = state
  chats.offline = screen.offline
  screen.replaceWith(chats)
}

async function loadChats(): Promise<typeof import('./companion-chats.ts')> {
  const [script] = await Promise.all([import('./companion-chats.ts'), loadWords('chats')])
  return script
}

function closeDialogs(): void {
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
}

async function checkSetup(): Promise<void> {
  const response = await fetch('/v1/health').catch(() => null)
  if (response?.ok !== true) return
  const health = (await response.json().catch(() => null)) as HealthAnswer | null
  if (health?.setup?.includes('identity')) screen.gate = 'setup'
}

function hold(gate: Gate, proceed: () => unknown = () => undefined): void {
  screen.gate = gate
  screen.onProceed = () => void proceed()
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

/** A phone that was linked as a companion all the same goes on as one. */
async function hasRecord(): Promise<boolean> {
  cell = await openIndexedDbCell(indexedDB).catch(() => null)
  return (
    cell !== null &&
    (await createDeviceStorage(cell)
      .load(Date.now())
      .catch(() => null)) !== null
  )
}
