/** Every screen for everybody: axe finds nothing serious in either theme, and nothing scrolls sideways at 320 pixels. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openPhone as dialPhone, approve, message, scan, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { chatRow, openCompanion, seeChats, seeCode } from './companion.ts'
import { approveOn, signInOn } from './phone.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const IMPACTS = ['serious', 'critical']
/** The narrowest window that WCAG 2.2 (1.4.10) wants to do without scrolling sideways: 1280 pixels at 400 %. */
const NARROW = { width: 320, height: 640 }

const server = useServer({ vars: { ROTATE_SECONDS: '120', DEMO: 'on' } })
const distant = useServer({ vars: { ROTATE_SECONDS: '120', CONFIRM: 'always' } })
const windows = useWindows('ask')

for (const colorScheme of ['light', 'dark'] as const) {
  it(`holds on the companion’s screens in the ${colorScheme} theme`, async () => {
    const companion = await openCompanion(windows, await windows.profile({ ...COMPUTER, colorScheme }), server)
    const { page } = companion
    const { token } = await seeCode(companion)
    await judge(page, 'the code')
    const person = await signIn(server)
    await scan(person, token)
    await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
    await judge(page, 'a scanned code')
    await approve(person, token)
    await seeChats(page)
    await judge(page, 'the chats')
    await chatRow(page, 'Mara Lindqvist').click()
    await page.getByText('The train at 8:40').waitFor()
    await judge(page, 'an open chat')
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByRole('dialog', { name: 'New chat' }).waitFor()
    await judge(page, 'a new chat')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('dialog', { name: 'Settings' }).waitFor()
    await judge(page, 'the settings')
    await page.getByRole('dialog', { name: 'Settings' }).getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('dialog', { name: 'Sign out of this browser?' }).waitFor()
    await judge(page, 'the question before signing out')
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You signed out' }).waitFor()
    await judge(page, 'signed out')
  })

  it(`holds on the phone’s screens in the ${colorScheme} theme`, async () => {
    const page = await windows.page(await windows.profile({ ...PHONE, colorScheme }))
    await page.goto(`${distant.origin}/phone`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('Country').waitFor()
    await judge(page, 'signing in')
    const companion = await openCompanion(windows, await windows.profile({ ...COMPUTER, colorScheme }), distant)
    const qr = await seeCode(companion)
    const number = await signInOn(page)
    const friend = await signIn(distant)
    const { socket } = await dialPhone(friend)
    const { conversation } = await socket.ok({ type: 'start', number })
    await socket.ok(message(conversation.id, 'Hello'))
    await socket.close()
    await chatRow(page, 'Hello').waitFor()
    await judge(page, 'the first screen')
    await page.getByRole('searchbox', { name: 'Search messages' }).fill('Hello')
    await page.getByRole('list', { name: 'Messages found' }).getByRole('button').waitFor()
    await judge(page, 'a search')
    await page.getByRole('list', { name: 'Messages found' }).getByRole('button').click()
    await page.getByRole('button', { name: 'Message: more' }).click()
    await judge(page, 'what can be done with a message')
    await page.keyboard.press('Escape')
    await judge(page, 'a chat')
    await page.getByRole('button', { name: 'Back to chats' }).click()
    await page.getByRole('button', { name: 'Profile' }).click()
    await page.getByRole('button', { name: 'Delete account' }).click()
    await judge(page, 'deleting the account')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await judge(page, 'the profile')
    await page.getByRole('button', { name: 'Back' }).click()
    await page.getByRole('button', { name: 'Link a device' }).click()
    await page.getByRole('heading', { name: 'Camera is switched off for this site' }).waitFor()
    await judge(page, 'no camera')
    await page.getByRole('button', { name: 'Enter code' }).first().click()
    await page.getByRole('dialog').getByRole('textbox').fill(qr.url)
    await judge(page, 'entering a code')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Approve' }).isEnabled(), { timeout: 10_000 }).toBe(true)
    await judge(page, 'the question')
    await companion.page.getByRole('main').getByText('Type this number on your phone').waitFor()
    await judge(companion.page, 'the number to match')
    const match = await companion.page
      .locator('bdi')
      .filter({ hasText: /^\d\d$/ })
      .textContent()
    await page.getByLabel('Type the number shown on the screen').fill(match!)
    await approveOn(page)
    await judge(page, 'linked')
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Linked devices' }).click()
    await page.getByRole('button', { name: /Chrome on Linux/ }).click()
    await judge(page, 'the devices')
    await page.getByRole('button', { name: 'Unlink all' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Unlink all' }).click()
    await page.getByRole('heading', { name: 'No linked devices' }).waitFor()
    await judge(page, 'no devices')
    await companion.page.getByRole('heading', { name: 'This browser was unlinked' }).waitFor()
    await judge(companion.page, 'unlinked')
  })
}

/** Fails for what axe calls serious or critical, and for a page that is wider than a narrow window. */
async function judge(page: Page, screen: string): Promise<void> {
  // Evaluated by the debugger, which the page's Content-Security-Policy does not bind.
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }
    const results = await axe.run({ resultTypes: ['violations'] })
    return results.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html) }))
  })
  const { width, height } = page.viewportSize()!
  expect(
    violations.filter(({ impact }) => IMPACTS.includes(impact ?? '')),
    `axe on ${screen}`,
  ).toEqual([])
  await page.setViewportSize(NARROW)
  const [needed, given] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth]
  })
  expect(needed, `the width of ${screen} at ${NARROW.width} pixels`).toBeLessThanOrEqual(given)
  await page.setViewportSize({ width, height })
}

interface AxeResults {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[]
}
