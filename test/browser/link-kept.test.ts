/** What a browser keeps of a link, and what stands on the screen between the approval and the chats. */
import { build } from 'esbuild'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { approve, scan, signIn, type Person } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { openCompanion, seeChats, seeCode, type CompanionPage } from './companion.ts'
import { judge } from './judge.ts'
import { COMPUTER, GAVE_UP, useWindows } from './windows.ts'

const CHATS = /\/chunks\/companion-chats-/
/** From `linked` to the first frame that says whose chats are coming. */
const SHOWN_MS = 100
/** A machine that was busy with other things is measured again, and held to the same. */
const TRIES = 3

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('leaves no store behind when the tab is closed with "Keep me signed in" off', async () => {
  const context = await windows.profile(COMPUTER)
  // Chats of somebody before, whose page was closed while it forgot them.
  const left = await windows.page(context)
  await left.goto(`${server.origin}/setup`)
  await left.evaluate(leaveChats)
  await left.close()
  const companion = await openCompanion(windows, context, server)
  await seeCode(companion)
  await companion.page.getByLabel('Keep me signed in on this browser').uncheck()
  const { person, token } = await scannedBy(companion)
  await approve(person, token)
  await seeChats(companion.page)
  await companion.page.close()
  // Another page of this origin, which stores nothing itself.
  const page = await windows.page(context)
  await page.goto(`${server.origin}/setup`)
  const kept = await page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    local: localStorage.length,
    session: sessionStorage.length,
    cookies: document.cookie,
  }))
  expect(kept).toEqual({ databases: [], caches: [], workers: 0, local: 0, session: 0, cookies: '' })
  const next = await openCompanion(windows, context, server)
  await seeCode(next)
  expect(next.sockets[0]!.url.searchParams.has('key')).toBe(true)
})

it('has nothing written back by a window that has not heard yet that another one signed out', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../../src/web/shared/local-store.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'local',
  })
  const context = await windows.profile(COMPUTER)
  const [first, second] = [await windows.page(context), await windows.page(context)]
  for (const page of [first, second]) {
    await page.goto(`${server.origin}/setup`)
    // By the debugger, which the page's Content-Security-Policy does not bind.
    await page.evaluate(`${outputFiles[0]!.text}; window.store = local.createLocalStore('tandem.companion')`)
  }
  for (const how of ['changes', 'last', 'whole'] as const) {
    await first.evaluate(writeDraft, how)
    await second.evaluate(() => (window as unknown as Held).store.open())
    // Writes without a pause, until long after the other window has cleared everything.
    const writing = first.evaluate(writeOn, how)
    await second.evaluate(async () => (window as unknown as Held).store.clear())
    await first.evaluate(() => void ((window as unknown as Held).enough = true))
    expect(await writing, how).toBe('gone')
    const names = await second.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
    expect(names, how).toEqual([])
  }
})

it('shows within a tenth of a second whose chats are coming, after ten seconds that it takes long, and then the chats', async () => {
  const loaded = Promise.withResolvers<void>()
  let begun = await beginWaiting(loaded.promise)
  for (let tries = 1; begun.wait >= SHOWN_MS && tries < TRIES; tries++) begun = await beginWaiting(loaded.promise)
  const { page, wait } = begun
  expect(wait).toBeLessThan(SHOWN_MS)
  windows.allowErrors(GAVE_UP)
  await page.clock.fastForward(10_000)
  await page.getByRole('main').getByText('Still loading. Your connection may be slow.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await judge(page, 'a slow beginning')
  loaded.resolve()
  await seeChats(page)
})

it('tries again on the same socket when what draws the chats could not be fetched, without another scan', async () => {
  windows.allowErrors(/Failed to load resource|dynamically imported module|modulepreload/)
  const context = await windows.profile(COMPUTER)
  await context.route(CHATS, (route) => route.abort())
  const companion = await openCompanion(windows, context, server)
  const { page, sockets } = companion
  await page.getByLabel('Keep me signed in on this browser').uncheck()
  const { person, token } = await scannedBy(companion)
  await approve(person, token)
  await page.getByRole('main').getByText('Something went wrong on our side').waitFor()
  await context.unroute(CHATS)
  await page.getByRole('button', { name: 'Try again' }).click()
  await seeChats(page)
  expect(sockets).toHaveLength(1)
})

type How = 'whole' | 'changes' | 'last'

/** In the page: `src/web/shared/local-store.ts` at work. */
interface Held {
  store: {
    open: () => Promise<unknown>
    hold: () => void
    write: (changes: Map<string, unknown>, how: How) => Promise<string>
    clear: () => Promise<void>
  }
  enough: boolean
}

/** In the page: writes a draft as one that has just been told that it may. */
async function writeDraft(how: How): Promise<void> {
  const { store } = window as unknown as Held
  store.hold()
  await store.write(new Map([['draft/c', 'Hello']]), how)
}

/** In the page: writes on and on. @returns what became of the last writing */
async function writeOn(how: How): Promise<string> {
  const held = window as unknown as Held
  held.enough = false
  for (;;) {
    const written = await held.store.write(new Map([['draft/c', 'Hello']]), how)
    if (held.enough) return written
    await new Promise((resolve) => setTimeout(resolve))
  }
}

interface Times {
  frame: number
  seen: number
}

async function scannedBy(companion: CompanionPage): Promise<{ person: Person; token: string }> {
  const [{ token }, person] = await Promise.all([seeCode(companion), signIn(server)])
  await scan(person, token)
  await companion.page.getByRole('heading', { name: 'Check your phone' }).waitFor()
  return { person, token: String(token) }
}

/** Links a browser that then waits for what draws the chats, until `loaded`. @returns `wait`: until it said so, in ms */
async function beginWaiting(loaded: Promise<void>): Promise<{ page: Page; wait: number }> {
  const context = await windows.profile(COMPUTER)
  await context.clock.install()
  await context.addInitScript(takeTimes)
  await context.route(CHATS, async (route) => {
    await loaded
    await route.continue()
  })
  const companion = await openCompanion(windows, context, server)
  const { page } = companion
  const { person, token } = await scannedBy(companion)
  await approve(person, token)
  await page.getByRole('heading', { name: `Linked to ${person.account.name}` }).waitFor()
  await page.getByRole('main').getByText('Loading your chats…').waitFor()
  const { frame, seen } = await page.evaluate(() => (window as unknown as { times: Times }).times)
  expect(frame).toBeGreaterThan(0)
  return { page, wait: seen - frame }
}

/** In the page: the database of a linked browser. */
function leaveChats(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tandem.companion', 1)
    opening.addEventListener('upgradeneeded', () => {
      opening.result.createObjectStore('records').put('Hello', 'draft/c')
    })
    opening.addEventListener('error', () => reject(opening.error ?? new Error('IndexedDB failed')))
    opening.addEventListener('success', () => {
      opening.result.close()
      resolve()
    })
  })
}

/** In the page: when `linked` came, and the first frame with the account's name painted after it. */
function takeTimes(): void {
  const times: Times = { frame: 0, seen: 0 }
  Object.assign(window, { times })
  window.WebSocket = class extends WebSocket {
    constructor(...address: ConstructorParameters<typeof WebSocket>) {
      super(...address)
      this.addEventListener('message', ({ data }) => {
        if (String(data).startsWith('{"type":"linked"')) times.frame = performance.now()
      })
    }
  }
  const look = (): void => {
    if (document.querySelector('h1')?.textContent?.includes('Linked to')) times.seen = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}
