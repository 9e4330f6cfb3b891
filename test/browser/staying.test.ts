/** What a companion goes through over time: rest, other windows, a lost network, a service that goes away, sign-out. */
import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { approve, message, openPhone, scan, signIn, type Person } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { chatRow, eventually, openCompanion, seeChats, seeCode, storedIn, type CompanionPage } from './companion.ts'
import { COMPUTER, OFFLINE, useWindows } from './windows.ts'

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const restless = useServer({ vars: { ROTATE_SECONDS: '2', ROTATIONS: '2', GRACE_SECONDS: '1' } })
/** Ended and started again by its tests. */
const mortal = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('rests after the last code, says how to go on, and goes on', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), restless)
  const { page, sockets } = companion
  await seeCode(companion)
  await page.getByRole('main').getByText('This page will rest soon.').waitFor()
  await page.getByRole('heading', { name: 'Still there?' }).waitFor()
  await page.getByRole('main').getByText('We stopped showing codes to keep your account safe.').waitFor()
  expect(await companion.code.count()).toBe(0)
  const before = (await companion.qr()).token
  await page.getByRole('button', { name: 'Show a new code' }).click()
  await companion.code.waitFor()
  expect((await companion.qr()).token).not.toBe(before)
  expect(sockets).toHaveLength(1)
})

it('keeps showing codes when asked before it rests', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), restless)
  await companion.page.getByRole('button', { name: 'Keep showing codes' }).click()
  await eventually('a third code', () => companion.sockets[0]!.received.filter(({ type }) => type === 'qr')[2])
  expect(companion.sockets[0]!.received.some(({ type }) => type === 'idle')).toBe(false)
})

it('rests while its tab is hidden and goes on by itself when one returns to it', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), restless)
  const { page, sockets } = companion
  await seeCode(companion)
  await setVisibility(page, 'hidden')
  await eventually('the rest', () => sockets[0]!.received.find(({ type }) => type === 'idle'))
  expect(sockets[0]!.sent.map(({ type }) => type)).toContain('sleep')
  const codes = sockets[0]!.received.filter(({ type }) => type === 'qr').length
  await setVisibility(page, 'visible')
  await companion.code.waitFor()
  await expect.poll(() => sockets[0]!.received.filter(({ type }) => type === 'qr').length).toBeGreaterThan(codes)
  expect(sockets).toHaveLength(1)
})

it('shows a code of its own again when it is reloaded before it is linked, and the old one is worth nothing', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  const { token } = await seeCode(companion)
  await companion.open()
  await eventually('another code', () => {
    return companion.sockets.slice(1).find(({ received }) => received.some(({ type }) => type === 'qr'))
  })
  expect((await seeCode(companion)).token).not.toBe(token)
  expect((await scan(await signIn(server), token)).status).toBe(410)
})

it('leaves the chats to the newer window of the same browser, and takes them back when asked', async () => {
  const context = await windows.profile(COMPUTER)
  const { companion: first } = await linked(context, server)
  const second = await openCompanion(windows, context, server)
  await seeChats(second.page)
  await first.page.getByRole('heading', { name: 'Tandem is open in another window' }).waitFor()
  await first.page.getByRole('button', { name: 'Use here' }).click()
  await seeChats(first.page)
  await second.page.getByRole('heading', { name: 'Tandem is open in another window' }).waitFor()
  // Neither fights for it.
  expect(first.sockets).toHaveLength(2)
  expect(second.sockets).toHaveLength(1)
})

it('says that the connection is lost when the service goes away, keeps the chats, and catches up by itself', async () => {
  const { companion, person } = await linked(await windows.profile(COMPUTER), mortal)
  const { page } = companion
  windows.allowErrors(/WebSocket connection to .* failed/)
  const friend = await signIn(mortal)
  await say(friend, person, 'Before')
  await chatRow(page, 'Before').waitFor()
  await mortal.kill()
  await page.getByText(/Connection lost\. Trying again in \d+ s\./).waitFor()
  await chatRow(page, 'Before').waitFor()
  await mortal.restart()
  await say(friend, person, 'Afterwards')
  await chatRow(page, 'Afterwards').waitFor({ timeout: 25_000 })
  await page.getByText('Connection lost').waitFor({ state: 'detached' })
  await chatRow(page, '2 unread').waitFor()
})

it('says that the connection is lost while it has no code to show, and shows one when the service is back', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), mortal)
  const { page } = companion
  // The icons may still be on their way when the service goes.
  windows.allowErrors(/WebSocket connection to .* failed|icons\.svg/)
  const { token } = await seeCode(companion)
  await mortal.kill()
  await page.getByRole('heading', { name: /^(Connection lost|Something went wrong on our side)$/ }).waitFor()
  expect(await companion.code.count()).toBe(0)
  await mortal.restart()
  // Pressed, unless the page has come back by itself meanwhile.
  await page.getByRole('button', { name: 'Try now' }).or(companion.code).click()
  expect((await seeCode(companion)).token).not.toBe(token)
})

it('says when it is offline, keeps the chats on the screen, and goes on by itself', async () => {
  const context = await windows.profile(COMPUTER)
  const { companion, person } = await linked(context, server)
  const { page } = companion
  windows.allowErrors(OFFLINE)
  const friend = await signIn(server)
  await say(friend, person, 'Before')
  await chatRow(page, 'Before').waitFor()
  await context.setOffline(true)
  await page.getByText('You’re offline. Messages will be sent when you’re back.').waitFor()
  await chatRow(page, 'Before').waitFor()
  await context.setOffline(false)
  await page.getByText('You’re offline.').waitFor({ state: 'detached' })
  await say(friend, person, 'Afterwards')
  await chatRow(page, 'Afterwards').waitFor({ timeout: 25_000 })
})

it('stores nothing with "Keep me signed in" off, and asks for a scan again after a reload', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  const { page } = companion
  await seeCode(companion)
  await page.getByLabel('Keep me signed in on this browser').uncheck()
  await link(companion, await signIn(server))
  expect(await storedIn(page)).toEqual({ records: 0, local: 0, session: 0 })
  const device = companion.sockets[0]!.received.find(({ type }) => type === 'linked')!.device.id
  await companion.open()
  const { device: next } = await seeCode(companion)
  expect(next).not.toBe(device)
  expect(companion.sockets[1]!.url.searchParams.has('key')).toBe(true)
})

it('signs out after asking, and leaves nothing in the browser', async () => {
  const { companion, person } = await linked(await windows.profile(COMPUTER), server)
  const { page } = companion
  await say(await signIn(server), person, 'Hello')
  await chatRow(page, 'Hello').waitFor()
  const signOut = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('dialog', { name: 'Settings' }).getByRole('button', { name: 'Sign out' }).click()
  }
  await signOut()
  const question = page.getByRole('dialog', { name: 'Sign out of this browser?' })
  await question.getByText('Messages stored here will be deleted.').waitFor()
  await question.getByRole('button', { name: 'Cancel' }).click()
  await chatRow(page, 'Hello').waitFor()
  await signOut()
  await question.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'You signed out' }).waitFor()
  await expect.poll(() => storedIn(page)).toEqual({ records: 0, local: 0, session: 0 })
  await page.getByRole('button', { name: 'Link again' }).click()
  await seeCode(companion)
})

/** A companion in `context` linked by a phone that is no page. */
async function linked(
  context: BrowserContext,
  at: { origin: string },
): Promise<{ companion: CompanionPage; person: Person }> {
  const [companion, person] = await Promise.all([openCompanion(windows, context, at), signIn(at)])
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

/**
 * A headless browser keeps every page visible, whatever is in front of it: the page is told what a browser would tell
 * it, by the property and the event.
 */
async function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true })
    Object.defineProperty(document, 'hidden', { value: value === 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}
