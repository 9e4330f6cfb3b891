/** The phone's page as a person uses it. */
import type { BrowserContext, Page } from 'playwright-core'
import { randomNumber, signIn } from '../support/outside/people.ts'
import type { Windows } from './windows.ts'

/** Where the page keeps its session. */
const SESSION = 'tandem.phone.session'

/** Signs in on the page that is shown, with the code that it echoes. @returns the number */
export async function signInOn(page: Page, number = randomNumber()): Promise<string> {
  await page.getByLabel('Phone number').fill(number)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Fill it in' }).click()
  await page.getByRole('heading', { name: 'Enter the code' }).waitFor({ state: 'detached' })
  return number
}

/** A phone that signed in some time ago and shows its first screen. Signing in itself: `signInOn`. */
export async function openPhone(
  windows: Windows,
  context: BrowserContext,
  server: { origin: string },
): Promise<{ page: Page; number: string }> {
  const [page, person] = await Promise.all([windows.page(context), signIn(server)])
  const { accessToken, refreshToken, account, expiresAt, number } = person
  const session = JSON.stringify({ accessToken, refreshToken, account, renewAt: expiresAt - 60_000 })
  // For one visit only: what the page itself stores later, or removes, must stay so.
  const debug = await context.newCDPSession(page)
  await debug.send('Page.enable')
  const { identifier } = await debug.send('Page.addScriptToEvaluateOnNewDocument', {
    source: `localStorage.setItem(${JSON.stringify(SESSION)}, ${JSON.stringify(session)})`,
  })
  await page.goto(`${server.origin}/phone`)
  await debug.send('Page.removeScriptToEvaluateOnNewDocument', { identifier })
  await debug.detach()
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  return { page, number }
}

/** Approves on the screen that asks; the button wakes a second after it appears. */
export async function approveOn(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
}
