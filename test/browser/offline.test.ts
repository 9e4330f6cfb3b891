/** What a linked browser keeps between visits, how it goes on from it, and that it all goes when the device ends. */
import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { approve, asPhone, message, openPhone, scan, signIn, type Person } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { chatRow, openCompanion, seeChats, seeCode, storedIn, type CompanionPage } from './companion.ts'
import { openPhone as openPhonePage } from './phone.ts'
import { COMPUTER, OFFLINE, PHONE, useWindows } from './windows.ts'

const server = useServer({ vars: { ROTATE_SECONDS: '120', DEMO: 'on' } })
const windows = useWindows()

it('shows the chats of the last visit without a connection, and goes on from there: what was written meanwhile goes out once', async () => {
  const context = await windows.profile(COMPUTER)
  const network = await holdSockets(context)
  const { companion, person } = await linked(context)
  const { page } = companion
  const friend = await signIn(server)
  const { socket } = await openPhone(friend)
  const { conversation } = await socket.ok({ type: 'start', number: person.number })
  await socket.ok(message(conversation.id, 'Before'))
  await chatRow(page, 'Before').click()
  const field = page.getByLabel('Write a message')
  await field.fill('First')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
  await thread(page).getByText('First').waitFor()
  await field.fill('Half a thought')
  await chatRow(page, 'Robin').click()
  await chatRow(page, 'Draft: Half a thought').waitFor()

  network.cut()
  await page.reload()
  await chatRow(page, 'Draft: Half a thought').click()
  await thread(page).getByText('Before').waitFor()
  await page.getByText(/Connecting…|Connection lost\. Trying again in \d+ s\./).waitFor()
  expect(await field.inputValue()).toBe('Half a thought')
  await field.fill('Written alone')
  await page.keyboard.press('Enter')
  await thread(page).getByText('Written alone').waitFor()
  const file = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('kept') }
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByRole('dialog', { name: 'Send 1 file' }).getByRole('button', { name: 'Send', exact: true }).click()
  await thread(page).getByText('notes.txt').waitFor()
  // Without any network, as in a train: the page itself is there, too, and nothing of the person is among its files.
  windows.allowErrors(OFFLINE)
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await context.setOffline(true)
  await page.reload()
  await page.getByText('You’re offline. Messages will be sent').waitFor()
  for (const path of await keptAddresses(page)) {
    expect(path).toMatch(/^\/(?:(?:css|build)\/[\w/.-]+|[\w-]+\.(?:js|svg))?$/)
  }
  await context.setOffline(false)
  await chatRow(page, friend.account.name).click()
  await thread(page).getByRole('listitem').filter({ hasText: 'Written alone' }).getByText('Sending').waitFor()

  const missed = await openPhone(friend)
  await missed.socket.ok(message(conversation.id, 'Meanwhile'))
  network.mend()
  const tryNow = page.getByRole('button', { name: 'Try now' })
  await tryNow.click()
  await thread(page).getByText('Meanwhile').waitFor()
  await thread(page)
    .getByRole('listitem')
    .filter({ hasText: 'Written alone' })
    .getByText(/Sent|Delivered/)
    .waitFor()
  await tryNow.waitFor({ state: 'detached' })
  await thread(page).getByRole('link', { name: 'Download notes.txt' }).waitFor()
  const { messages } = await missed.socket.ok({ type: 'history', conversation: conversation.id })
  const texts = (messages as { text?: string }[]).map(({ text }) => text)
  expect(texts.filter((text) => text === 'Written alone')).toHaveLength(1)
  // From the cursor on: nothing was told again.
  const resumed = companion.sockets.filter(({ received }) => received.some(({ type }) => type === 'resumed')).at(-1)!
  expect(resumed.url.searchParams.get('cursor')).toMatch(/^\d+$/)
  expect(resumed.received.map(({ type }) => type)).not.toContain('snapshot')
  await socket.close()
  await missed.socket.close()
})

it('keeps what the window knows that is used, when two windows of one browser take turns', async () => {
  const context = await windows.profile(COMPUTER)
  const network = await holdSockets(context)
  const { companion: first, person } = await linked(context)
  await chatRow(first.page, 'Robin').waitFor()
  const second = await openCompanion(windows, context, server)
  await seeChats(second.page)
  await first.page.getByRole('heading', { name: 'Tandem is open in another window' }).waitFor()
  expect(await first.page.getByRole('region', { name: 'Chats' }).count()).toBe(0)
  await say(await signIn(server), person, 'To the second')
  await chatRow(second.page, 'To the second').waitFor()
  await first.page.getByRole('button', { name: 'Use here' }).click()
  await chatRow(first.page, 'To the second').waitFor()
  await say(await signIn(server), person, 'To the first')
  await chatRow(first.page, 'To the first').waitFor()
  await second.page.getByRole('heading', { name: 'Tandem is open in another window' }).waitFor()
  await second.page.close()
  await expect.poll(() => storedWords(first.page)).toContain('To the first')
  network.cut()
  await first.page.reload()
  await chatRow(first.page, 'To the first').waitFor()
  await chatRow(first.page, 'To the second').waitFor()
})

it('leaves nothing of the account when the phone unlinks it: no frame with chats, no store, no picture in the cache', async () => {
  const context = await windows.profile(COMPUTER)
  await context.addInitScript(watchForUnlinking)
  const { companion, person } = await linked(context)
  const { page } = companion
  windows.allowErrors(/ERR_CACHE_MISS/)
  await chatRow(page, 'Mara Lindqvist').click()
  await page.getByLabel('Write a message').fill('A secret draft')
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('radio', { name: 'Dark' }).check()
  await page.getByRole('switch', { name: 'Sound for new messages' }).uncheck()
  await page.keyboard.press('Escape')
  const picture = await page.locator('img.avatar').first().getAttribute('src')
  expect(await isCached(page, picture!)).toBe(true)
  await expect.poll(() => page.evaluate(() => indexedDB.databases())).toHaveLength(2)
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  expect(await keptAddresses(page)).toContain('/')

  const device = companion.sockets[0]!.received.find(({ type }) => type === 'linked')!.device.id as string
  await asPhone(person, `/v1/devices/${device}`, { method: 'DELETE' })
  await page.getByRole('heading', { name: 'This browser was unlinked' }).waitFor()
  await page.getByText('Messages stored here are deleted.').waitFor()
  expect(await page.evaluate(() => (window as unknown as Watched).framesWithChats)).toBe(0)
  expect(await page.evaluate(() => (window as unknown as Watched).unlinkedAt)).toBeGreaterThan(0)
  expect(await page.title()).toBe('Tandem')
  // The theme says nothing of the account and stays, for whoever links next.
  await expect.poll(() => storedIn(page)).toEqual({ records: 0, local: 1, session: 0 })
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(['tandem.theme'])
  await expect
    .poll(() => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)))
    .not.toContain('tandem.companion')
  await expect.poll(() => page.evaluate(() => caches.keys())).toEqual([])
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
  await expect.poll(() => isCached(page, picture!)).toBe(false)
})

it('stores nothing of the chats and drafts with "Keep me signed in" off', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  const { page } = companion
  await seeCode(companion)
  await page.getByLabel('Keep me signed in on this browser').uncheck()
  await link(companion, await signIn(server))
  await chatRow(page, 'Robin').click()
  await page.getByLabel('Write a message').fill('Not for the disk')
  await chatRow(page, 'Mara Lindqvist').click()
  await chatRow(page, 'Draft: Not for the disk').waitFor()
  // Longer than from a change to its writing.
  await page.waitForTimeout(600)
  expect(await storedIn(page)).toEqual({ records: 0, local: 0, session: 0 })
})

it('says that the phone will still list it when it signs out without a connection, and deletes everything all the same', async () => {
  const context = await windows.profile(COMPUTER)
  const { companion } = await linked(context)
  const { page } = companion
  windows.allowErrors(OFFLINE)
  await expect.poll(async () => (await storedIn(page)).records).toBeGreaterThan(5)
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('dialog', { name: 'Settings' }).getByRole('radio', { name: 'Dark' }).waitFor()
  await page.getByRole('dialog', { name: 'Settings' }).getByRole('button', { name: 'Sign out' }).click()
  const question = page.getByRole('dialog', { name: 'Sign out of this browser?' })
  await question.getByText('your phone will still list this browser: unlink it there').waitFor()
  await question.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'You signed out' }).waitFor()
  await expect.poll(() => storedIn(page)).toEqual({ records: 0, local: 0, session: 0 })
})

it('shows the chats of the last visit on the phone, too, with what was being written, and leaves nothing when it signs out', async () => {
  const context = await windows.profile(PHONE)
  const network = await holdSockets(context)
  const { page, number } = await openPhonePage(windows, context, server)
  const { socket } = await openPhone(await signIn(server))
  const { conversation } = await socket.ok({ type: 'start', number })
  await socket.ok(message(conversation.id, 'To the phone'))
  await chatRow(page, 'To the phone').click()
  await thread(page).getByText('To the phone').waitFor()
  await page.getByLabel('Write a message').fill('Half a thought')
  await page.getByRole('button', { name: 'Back to chats' }).click()
  await chatRow(page, 'Draft: Half a thought').waitFor()

  network.cut()
  await page.reload()
  await chatRow(page, 'Draft: Half a thought').click()
  await thread(page).getByText('To the phone').waitFor()
  await socket.ok(message(conversation.id, 'Meanwhile'))
  network.mend()
  await page.evaluate(() => window.dispatchEvent(new Event('online')))
  await thread(page).getByText('Meanwhile').waitFor()
  await page.getByRole('button', { name: 'Back to chats' }).click()
  await page.getByRole('button', { name: 'Profile' }).click()
  await page.getByRole('button', { name: 'Sign out of this phone' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await expect.poll(() => storedIn(page)).toEqual({ records: 0, local: 0, session: 0 })
  await socket.close()
})

interface Watched {
  unlinkedAt: number
  framesWithChats: number
}

/** In the page: counts the frames that show chats after the socket said that the device is gone. */
function watchForUnlinking(): void {
  const watched = window as unknown as Watched
  watched.unlinkedAt = 0
  watched.framesWithChats = 0
  const Native = window.WebSocket
  window.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      // Before the page's own listener.
      this.addEventListener('message', ({ data }) => {
        if (String(data).includes('"unlinked"')) watched.unlinkedAt = performance.now()
      })
    }
  }
  const look = (): void => {
    if (watched.unlinkedAt > 0 && document.querySelector('.chat-row, .message, .thread-header') !== null) {
      watched.framesWithChats++
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** A network on which new sockets can be made to fail. */
async function holdSockets(context: BrowserContext): Promise<{ cut: () => void; mend: () => void }> {
  let whole = true
  await context.routeWebSocket(/\/v1\/(account\/)?socket/, async (socket) => {
    if (whole) socket.connectToServer()
    else await socket.close({ code: 1012 })
  })
  return {
    cut: () => void (whole = false),
    mend: () => void (whole = true),
  }
}

/** The last messages of the chats that the companion keeps. */
function storedWords(page: Page): Promise<(string | undefined)[]> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('tandem.companion')
      opening.addEventListener('success', () => resolve(opening.result))
    })
    const reading = database.transaction('records').objectStore('records').getAll()
    await new Promise((resolve) => reading.addEventListener('success', resolve))
    database.close()
    return (reading.result as { last?: { text?: string } }[]).map((record) => record?.last?.text)
  })
}

/** The paths of all that is kept in caches, with whatever query they have. */
function keptAddresses(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)))
    const keys = await Promise.all(opened.map((cache) => cache.keys()))
    return keys.flat().map(({ url }) => url.slice(location.origin.length))
  })
}

function isCached(page: Page, url: string): Promise<boolean> {
  return page.evaluate(
    (address) =>
      fetch(address, { cache: 'only-if-cached', mode: 'same-origin' }).then(
        ({ ok }) => ok,
        () => false,
      ),
    url,
  )
}

function thread(page: Page) {
  return page.getByRole('list', { name: /^Messages with / })
}

async function linked(context: BrowserContext): Promise<{ companion: CompanionPage; person: Person }> {
  const [companion, person] = await Promise.all([openCompanion(windows, context, server), signIn(server)])
  await link(companion, person)
  return { companion, person }
}

async function link(companion: CompanionPage, person: Person): Promise<void> {
  const { token } = await seeCode(companion)
  expect((await scan(person, token)).status).toBe(200)
  expect((await approve(person, token)).status).toBe(200)
  await seeChats(companion.page)
}

/** Writes from one person's phone to another's number. */
async function say(from: Person, to: Person, words: string): Promise<void> {
  const { socket } = await openPhone(from)
  const { conversation } = await socket.ok({ type: 'start', number: to.number })
  await socket.ok(message(conversation.id, words))
  await socket.close()
}
