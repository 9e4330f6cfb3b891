/** The settings of the pages: theme and language everywhere, and what comes with an account where there is one. */
import { expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { approve, scan, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { openCompanion, seeChats, seeCode } from './companion.ts'
import { COMPUTER, useWindows } from './windows.ts'

const LIGHT = 'rgb(244, 245, 242)'
const DARK = 'rgb(14, 19, 18)'

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('has a theme of the person’s own before the first paint, stored only where it is not the system’s', async () => {
  const context = await windows.profile({ ...COMPUTER, colorScheme: 'light' })
  const companion = await openCompanion(windows, context, server)
  const { page } = companion
  await seeCode(companion)
  expect(await ground(page)).toBe(LIGHT)
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  await page.getByRole('button', { name: 'Settings' }).click()
  expect(await dialog.getByRole('radio', { name: 'System' }).isChecked()).toBe(true)
  // Before there is an account there is nothing else to set.
  expect(await dialog.getByRole('switch').count()).toBe(0)
  expect(await dialog.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
  await dialog.getByRole('combobox', { name: 'Language' }).waitFor()

  // By the keyboard alone: to the choice, to another, and out of it to where one was.
  await dialog.getByRole('radio', { name: 'System' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  expect(await ground(page)).toBe(DARK)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Settings')
  expect(await page.evaluate(() => localStorage.getItem('tandem.theme'))).toBe('dark')

  // The scripts of the page do not run, and it is dark all the same: a file before them has seen to it.
  await context.route('**/build/companion.js', (route) => route.fulfill({ body: '', contentType: 'text/javascript' }))
  for (const path of ['/', '/phone', '/setup']) {
    await page.goto(server.origin + path)
    expect(await ground(page)).toBe(DARK)
  }
  await context.unroute('**/build/companion.js')
  // Another window follows, and the default leaves nothing behind.
  await companion.open()
  const other = await openCompanion(windows, context, server)
  await page.getByRole('button', { name: 'Settings' }).click()
  await dialog.getByRole('radio', { name: 'Light' }).check()
  await expect.poll(() => ground(other.page)).toBe(LIGHT)
  await dialog.getByRole('radio', { name: 'System' }).check()
  expect(await page.evaluate(() => localStorage.length)).toBe(0)
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await ground(page)).toBe(DARK)
})

it('has sound, notifications and signing out beside the chats, and closes by a click beside it', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  const { page } = companion
  const { token } = await seeCode(companion)
  const person = await signIn(server)
  await scan(person, token)
  await approve(person, token)
  await seeChats(page)
  await page.getByRole('button', { name: 'Settings' }).click()
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  const sound = dialog.getByRole('switch', { name: 'Sound for new messages' })
  expect(await sound.isChecked()).toBe(true)
  await sound.uncheck()
  expect(await page.evaluate(() => localStorage.getItem('tandem.sound'))).toBe('off')
  // This browser refuses: it says so, and the switch shows what is.
  const notify = dialog.getByRole('switch', { name: 'Notify me on this computer' })
  await notify.click()
  await dialog.getByText('Notifications are switched off for this site.').waitFor()
  expect(await notify.isChecked()).toBe(false)
  expect(await dialog.getByRole('switch', { name: 'Hide message text' }).count()).toBe(0)
  for (const control of await dialog.getByRole('button').all()) {
    const box = await control.boundingBox()
    expect(Math.min(box!.width, box!.height)).toBeGreaterThanOrEqual(44)
  }
  await page.mouse.click(5, 5)
  await dialog.waitFor({ state: 'hidden' })
})

function ground(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor)
}
