/** The companion's page as a person sees it, and its sockets as the network does. */
import { expect } from 'vitest'
import type { BrowserContext, Locator, Page, WebSocket } from 'playwright-core'
import type { Frame } from '../support/outside/socket.ts'
import type { Windows } from './windows.ts'

export interface CompanionPage {
  page: Page
  /** Every socket that the page has opened, in order. */
  sockets: WatchedSocket[]
  /** The code's picture. */
  code: Locator
  /** The newest `qr`; waits for the first. */
  qr: () => Promise<Frame>
  /** Opens the page's address again, or the first time. */
  open: () => Promise<void>
}

export interface WatchedSocket {
  url: URL
  received: Frame[]
  sent: Frame[]
  socket: WebSocket
}

const WAIT_MS = 10_000

/** A page in `context` that shows the companion at `origin`. */
export async function openCompanion(
  windows: Windows,
  context: BrowserContext,
  server: { origin: string },
): Promise<CompanionPage> {
  const page = await windows.page(context)
  const sockets: WatchedSocket[] = []
  page.on('websocket', (socket) => {
    const watched: WatchedSocket = { url: new URL(socket.url()), received: [], sent: [], socket }
    socket.on('framereceived', ({ payload }) => keep(watched.received, payload))
    socket.on('framesent', ({ payload }) => keep(watched.sent, payload))
    sockets.push(watched)
  })
  const companion: CompanionPage = {
    page,
    sockets,
    code: page.getByRole('img', { name: 'Code that links this browser to your phone' }),
    qr: () => eventually('a code', () => sockets.at(-1)?.received.findLast(({ type }) => type === 'qr')),
    open: async () => void (await page.goto(`${server.origin}/`)),
  }
  await companion.open()
  return companion
}

/** Waits for the code's picture. @returns the newest `qr` */
export async function seeCode(companion: CompanionPage): Promise<Frame> {
  await companion.code.waitFor()
  return companion.qr()
}

/** The row of a chat in the list. */
export function chatRow(page: Page, name: string): Locator {
  return page.getByRole('list', { name: 'Chats' }).getByRole('button', { name })
}

/** Waits for the chats. */
export async function seeChats(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Chats' }).waitFor()
}

/** What this origin stores in the page's browser: databases, their records, and both storages. */
export function storedIn(page: Page): Promise<{ records: number; local: number; session: number }> {
  return page.evaluate(async () => {
    let records = 0
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase | null>((resolve) => {
        const opening = indexedDB.open(name!)
        // Deleted since it was listed: looking must not make it anew.
        opening.addEventListener('upgradeneeded', () => opening.transaction?.abort())
        opening.addEventListener('success', () => resolve(opening.result))
        opening.addEventListener('error', () => resolve(null))
      })
      if (database === null) continue
      for (const store of database.objectStoreNames) {
        const counting = database.transaction(store).objectStore(store).count()
        records += await new Promise<number>((resolve) =>
          counting.addEventListener('success', () => resolve(counting.result)),
        )
      }
      database.close()
    }
    return { records, local: localStorage.length, session: sessionStorage.length }
  })
}

/** Asks until there is an answer. @throws Error that names what did not come */
export async function eventually<T>(what: string, look: () => T | undefined, within = WAIT_MS): Promise<T> {
  let found: T | undefined
  await expect.poll(() => (found = look()), { timeout: within, interval: 20, message: what }).toBeDefined()
  return found as T
}

function keep(frames: Frame[], payload: string | Buffer): void {
  if (typeof payload === 'string' && payload.startsWith('{')) frames.push(JSON.parse(payload) as Frame)
}
