/**
 * The other ways from the code to the question: the system's camera app, a picture of the code, the pasted link. And
 * where there is no way in: on the phone itself, and on a service that cannot sign people in yet.
 */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openBrowser } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { openCompanion, seeChats, seeCode } from './companion.ts'
import { approveOn, openPhone, signInOn } from './phone.ts'
import { COMPUTER, PHONE, refused, useWindows } from './windows.ts'

// The camera is there, but it sees no code.
const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const bare = useServer({ configuration: 'default' })
const windows = useWindows('ask')

const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36'

it('asks about the browser within a second when the system’s camera app opens the code’s address, and takes the secret out of address bar and history before its first call', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  const { url, token } = await seeCode(companion)
  const context = await windows.profile(PHONE)
  await openPhone(windows, context, server)
  const page = await windows.page(context)
  const firstCall = await holdFirstCall(page)
  await page.goto(url)
  const { address, entries } = await firstCall()
  expect(address).toBe(`${server.origin}/phone`)
  expect(entries.length).toBeGreaterThan(0)
  for (const entry of entries) expect(entry).not.toContain(token)
  await approveOn(page)
  await seeChats(companion.page)
  expect(page.url()).toBe(`${server.origin}/phone`)

  await page.unrouteAll()
  const { socket, qr } = await openBrowser(server)
  await page.addInitScript(keepQuestionTime)
  // The same phone may scan again, and is asked the same; the middle one of three counts, other work comes and goes.
  const times: number[] = []
  for (let turn = 0; turn < 3; turn++) {
    await page.goto(qr.url)
    await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
    times.push(await page.evaluate(() => (window as unknown as { askedAfter: number }).askedAfter))
  }
  expect(times.toSorted((a, b) => a - b)[1], times.join(', ')).toBeLessThan(1_000)
  await socket.close()
})

it('signs in first on a phone that is signed out, then asks about the browser', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  const { url, token } = await seeCode(companion)
  const page = await windows.page(await windows.profile(PHONE))
  const firstCall = await holdFirstCall(page)
  await page.goto(url)
  await page.getByText('Sign in to go on with linking.').waitFor()
  expect(page.url()).toBe(`${server.origin}/phone`)
  await signInOn(page)
  for (const entry of (await firstCall()).entries) expect(entry).not.toContain(token)
  await approveOn(page)
  await seeChats(companion.page)
})

it('says that the code has changed where it did so during the sign-in, and opens the scanner', async () => {
  const { socket, qr } = await openBrowser(server)
  const page = await windows.page(await windows.profile({ ...PHONE, permissions: ['camera'] }))
  windows.allowErrors(refused(410))
  await page.goto(qr.url)
  await page.getByText('Sign in to go on with linking.').waitFor()
  await socket.close()
  await signInOn(page)
  await page.getByRole('alert').getByText('This code has changed. Point your camera at the screen again.').waitFor()
  await page.getByText('Point at the code on the other screen').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
})

it('reads the code from a picture that the person chooses, or the link where they paste it; and says so of a picture without a code and of another link', async () => {
  const [companion, { page }] = await Promise.all([
    windows.profile(COMPUTER).then((context) => openCompanion(windows, context, server)),
    windows.profile(PHONE).then((context) => openPhone(windows, context, server)),
  ])
  const { token } = await seeCode(companion)
  const [screen, nothing] = await Promise.all([companion.page.screenshot(), page.screenshot()])
  const choose = async (buffer: Buffer): Promise<void> => {
    const choosing = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose a picture' }).first().click()
    await (await choosing).setFiles({ name: 'screen.png', mimeType: 'image/png', buffer })
  }
  await page.getByRole('button', { name: 'Link a device' }).click()
  await choose(nothing)
  await page.getByText('No code found in that picture').waitFor()
  await choose(screen)
  await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  await page.getByRole('button', { name: 'Decline' }).click()
  await page.getByRole('button', { name: 'Done' }).click()

  const { url, token: next } = await seeCode(companion)
  expect(next).not.toBe(token)
  await page.getByRole('button', { name: 'Link a device' }).click()
  await page.getByRole('button', { name: 'Enter code' }).first().click()
  const field = page.getByRole('dialog', { name: 'Enter code' }).getByRole('textbox')
  await field.fill(url.replace(/^http:/, 'https:'))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('dialog').getByText('That isn’t a Tandem code').waitFor()
  await field.fill(url)
  await page.getByRole('button', { name: 'Continue' }).click()
  await approveOn(page)
  await seeChats(companion.page)
})

it('shows no code on a phone, offers to use the phone as the phone, and a code all the same', async () => {
  const context = await windows.profile({ ...PHONE, userAgent: ANDROID, isMobile: true, hasTouch: true })
  const companion = await openCompanion(windows, context, server)
  const { page, sockets } = companion
  await page.getByRole('heading', { name: 'You’re on your phone' }).waitFor()
  const there = page.getByRole('link', { name: 'Use this phone' })
  expect(await there.getAttribute('href')).toBe('/phone')
  expect(await companion.code.count()).toBe(0)
  expect(sockets).toHaveLength(0)
  await page.getByRole('button', { name: 'Show a code anyway' }).click()
  await seeCode(companion)
})

it('says that it is almost there where the service cannot sign people in yet', async () => {
  const page = await windows.page(await windows.profile(COMPUTER))
  await page.goto(bare.origin)
  await page.getByRole('heading', { name: 'Almost there' }).waitFor()
})

/** Notes, by the page's own clock, how long after its navigation the question is there. */
function keepQuestionTime(): void {
  const observer = new MutationObserver(() => {
    if (document.querySelector('phone-confirm form') === null) return
    observer.disconnect()
    Object.assign(window, { askedAfter: performance.now() })
  })
  observer.observe(document, { subtree: true, childList: true })
}

/** Stops the page's first call of the service on its way, looks where the page is, and lets it go on. @returns waits for it */
async function holdFirstCall(page: Page): Promise<() => Promise<Place>> {
  const found = Promise.withResolvers<Place>()
  const session = await page.context().newCDPSession(page)
  let first = true
  await page.route('**/v1/**', async (route) => {
    if (first) {
      first = false
      const { entries } = await session.send('Page.getNavigationHistory')
      const address = await page.evaluate(() => location.href)
      found.resolve({ address, entries: entries.map(({ url }) => url) })
    }
    await route.continue()
  })
  return () => found.promise
}

interface Place {
  address: string
  /** The tab's history. */
  entries: string[]
}
