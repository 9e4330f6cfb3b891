/** The phone's page as a person uses it. */
import type { BrowserContext, Page } from 'playwright-core'
import { randomNumber } from '../support/outside/people.ts'
import type { Windows } from './windows.ts'

/** Signs in on the page that is shown, with the code that it echoes. @returns the number */
export async function signInOn(page: Page, number = randomNumber()): Promise<string> {
  await page.getByLabel('Phone number').fill(number)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Fill it in' }).click()
  await page.getByRole('heading', { name: 'Enter the code' }).waitFor({ state: 'detached' })
  return number
}

/** A phone that is signed in and shows its first screen. */
export async function openPhone(
  windows: Windows,
  context: BrowserContext,
  server: { origin: string },
): Promise<{ page: Page; number: string }> {
  const page = await windows.page(context)
  await page.goto(`${server.origin}/phone`)
  const number = await signInOn(page)
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  return { page, number }
}

/** Approves on the screen that asks; the button wakes a second after it appears. */
export async function approveOn(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
}
