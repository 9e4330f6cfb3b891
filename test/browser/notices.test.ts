/** What the chats tell beside themselves: sound, title, system notifications, new devices, and words for who listens. */
import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { approve, asPhone, link as linkAnother, message, openPhone, scan, signIn } from '../support/outside/people.ts'
import type { Person } from '../support/outside/people.ts'
import type { TestSocket } from '../support/outside/socket.ts'
import { useServer } from '../support/outside/servers.ts'
import { chatRow, openCompanion, seeChats, seeCode, type CompanionPage } from './companion.ts'
import { COMPUTER, OFFLINE, useWindows } from './windows.ts'

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('sounds after the first gesture, at most once in two seconds, and not for the chat that is open', async () => {
  const context = await windows.profile(COMPUTER)
  await context.addInitScript(countSounds)
  const { page } = await linked(context)
  const { ada, bob, say } = await correspondents(page)
  const sounds = (): Promise<number> => page.evaluate(() => (window as unknown as Stage).sounds)

  await say(ada, 'Before any gesture')
  await chatRow(page, 'Before any gesture').waitFor()
  expect(await sounds()).toBe(0)
  expect(await page.title()).toBe('(1) Tandem')
  await chatRow(page, 'Before any gesture').click()
  await expect.poll(() => page.title()).toBe('Tandem')
  await say(ada, 'To the open chat')
  await thread(page).getByText('To the open chat').waitFor()
  expect(await sounds()).toBe(0)
  await say(bob, 'One')
  await say(bob, 'Two')
  await chatRow(page, 'Two').getByText('2 unread').waitFor()
  expect(await sounds()).toBe(1)
  // The open chat's message is read once it has rested on the screen.
  await expect.poll(() => page.title()).toBe('(2) Tandem')
  // Two seconds later by the page's own clock.
  await page.evaluate(() => {
    const { now } = Date
    Date.now = () => now() + 2_100
  })
  await say(bob, 'Three')
  await chatRow(page, 'Three').waitFor()
  expect(await sounds()).toBe(2)
})

it('notifies of messages only once asked by a click, hides their words on wish, leads to the chat, and closes what was read', async () => {
  const context = await windows.profile(COMPUTER)
  await context.addInitScript(standInForNotifications)
  const { page, person } = await linked(context)
  const { ada, bob, say } = await correspondents(page)
  const shown = (): Promise<Shown[]> => page.evaluate(() => (window as unknown as Stage).shown.map((one) => one.card))
  const asked = (): Promise<number> => page.evaluate(() => (window as unknown as Stage).asked)

  await setVisibility(page, 'hidden')
  await say(ada, 'Nobody is told')
  await chatRow(page, 'Nobody is told').waitFor()
  expect([await asked(), await shown()]).toEqual([0, []])
  await page.getByRole('button', { name: 'Settings' }).click()
  expect(await asked()).toBe(0)
  await page.getByRole('switch', { name: 'Notify me on this computer' }).click()
  await page.getByRole('switch', { name: 'Hide message text' }).waitFor()
  expect(await asked()).toBe(1)
  await page.keyboard.press('Escape')

  await say(ada, 'In words')
  await expect.poll(shown).toMatchObject([{ body: 'In words', open: true }])
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('switch', { name: 'Hide message text' }).check()
  await page.keyboard.press('Escape')
  await say(bob, 'Without words')
  await expect.poll(shown).toMatchObject([{ body: 'In words' }, { body: 'New message', open: true }])

  // A click on it leads to the chat; what is read elsewhere needs no telling.
  await setVisibility(page, 'visible')
  await page.evaluate(() => (window as unknown as Stage).shown[1]!.dispatchEvent(new Event('click')))
  await thread(page).getByText('Without words').waitFor()
  const { socket, snapshot } = await openPhone(person)
  const unread = (snapshot.conversations as { id: string; unread: number; last: { seq: number } }[]).find(
    ({ unread: n }) => n === 2,
  )!
  await socket.ok({ type: 'read', conversation: unread.id, upTo: unread.last.seq })
  await expect.poll(shown).toMatchObject([{ open: false }, { open: false }])

  // None is left on the screen by who signs out.
  await setVisibility(page, 'hidden')
  await say(ada, 'The last')
  await expect.poll(async () => (await shown()).at(-1)).toMatchObject({ open: true })
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  const question = page.getByRole('dialog', { name: 'Sign out of this browser?' })
  await question.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'You signed out' }).waitFor()
  expect((await shown()).filter(({ open }) => open)).toEqual([])
  expect(await page.evaluate(() => localStorage.length)).toBe(0)
  await socket.close()
})

it('tells of a device that was linked until the person has seen it, also after a reload, and says everything once to who listens', async () => {
  const context = await windows.profile(COMPUTER)
  await context.addInitScript(listenIn)
  const { page, person } = await linked(context)
  windows.allowErrors(OFFLINE)
  const { ada, say } = await correspondents(page)
  await say(ada, 'Hello')
  await chatRow(page, 'Hello').waitFor()
  const first = await linkAnother(person)
  const bar = page.getByRole('complementary', { name: 'New device linked' })
  await bar.getByText('Not you? Unlink it on your phone.').waitFor()
  await context.setOffline(true)
  await page.getByText('You’re offline.').waitFor()
  await context.setOffline(false)
  await page.getByText('You’re offline.').waitFor({ state: 'detached' })
  const name = first.linked.device.name as string
  await expect
    .poll(() => page.evaluate(() => (window as unknown as Stage).said))
    .toEqual([
      expect.stringMatching(/^\+[\d\u00a0]+: Hello$/),
      `New device linked: ${name}`,
      'Offline',
      'Connected again',
    ])

  await page.reload()
  await bar.getByText(name).waitFor()
  // The newest is told first; one that is unlinked again needs no telling.
  const second = await linkAnother(person)
  await asPhone(person, `/v1/devices/${second.device}`, { method: 'DELETE' })
  await bar.getByRole('button', { name: 'OK' }).click()
  await bar.waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => (window as unknown as Stage).said.at(-1))).toContain('New device linked')
  await page.waitForTimeout(500)
  await page.reload()
  await seeChats(page)
  await chatRow(page, 'Hello').waitFor()
  expect(await bar.count()).toBe(0)
  await first.socket.close()
})

interface Shown {
  title: string
  body: string
  open: boolean
}

interface Stage {
  sounds: number
  asked: number
  shown: (EventTarget & { card: Shown })[]
  said: string[]
}

/** In the page: a loudspeaker that counts. */
function countSounds(): void {
  const stage = window as unknown as Stage
  stage.sounds = 0
  HTMLMediaElement.prototype.play = async () => void stage.sounds++
}

/** In the page: the system's notifications, which a browser without a screen does not have. */
function standInForNotifications(): void {
  const stage = window as unknown as Stage
  stage.asked = 0
  stage.shown = []
  class StandIn extends EventTarget {
    static permission = 'default'
    static async requestPermission(): Promise<string> {
      stage.asked++
      StandIn.permission = 'granted'
      return 'granted'
    }
    card: Shown
    constructor(title: string, { body = '' }: NotificationOptions = {}) {
      super()
      this.card = { title, body, open: true }
      stage.shown.push(this)
    }
    close(): void {
      this.card.open = false
    }
  }
  Object.assign(window, { Notification: StandIn })
}

/** In the page: writes down what its live region says. */
function listenIn(): void {
  const stage = window as unknown as Stage
  stage.said = []
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const region = (target instanceof Element ? target : target.parentElement)?.closest('[aria-live]')
      const words = region?.textContent?.trim()
      if (words && stage.said.at(-1) !== words) stage.said.push(words)
    }
  }).observe(document, { subtree: true, childList: true, characterData: true })
}

async function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true })
    Object.defineProperty(document, 'hidden', { value: value === 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}

function thread(page: Page) {
  return page.getByRole('list', { name: /^Messages with / })
}

interface Correspondent {
  person: Person
  socket: TestSocket
  conversation: string
}

/** Two people who write to whoever is linked on the page. */
async function correspondents(page: Page): Promise<{
  ada: Correspondent
  bob: Correspondent
  say: (from: Correspondent, words: string) => Promise<void>
}> {
  const number = (await page.getByRole('heading', { level: 1 }).textContent())!.replace(/^Account: |[^+\d]/g, '')
  const [ada, bob] = await Promise.all(
    [0, 1].map(async (): Promise<Correspondent> => {
      const person = await signIn(server)
      const { socket } = await openPhone(person)
      const { conversation } = await socket.ok({ type: 'start', number })
      return { person, socket, conversation: conversation.id }
    }),
  )
  return {
    ada: ada!,
    bob: bob!,
    say: async ({ socket, conversation }, words) => void (await socket.ok(message(conversation, words))),
  }
}

async function linked(context: BrowserContext): Promise<CompanionPage & { person: Person }> {
  const [companion, person] = await Promise.all([openCompanion(windows, context, server), signIn(server)])
  const { token } = await seeCode(companion)
  expect((await scan(person, token)).status).toBe(200)
  expect((await approve(person, token)).status).toBe(200)
  await seeChats(companion.page)
  return { ...companion, person }
}
