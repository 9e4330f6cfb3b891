/** Linked devices on the phone: what they are, renamed, unlinked in two taps, unlinked all; by keyboard, and said aloud. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { link, openBrowser, signIn, type LinkedBrowser } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { judgeByAxe } from './judge.ts'
import { openPhone } from './phone.ts'
import { PHONE, refused, useWindows } from './windows.ts'

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

/** Another network, and Firefox on Windows. */
const AFAR = {
  'CF-Connecting-IP': '203.0.113.9',
  'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
}

/** A phone at its list of devices, and so many browsers that are linked to it. */
async function openDevices(count: number): Promise<{ page: Page; browsers: LinkedBrowser[] }> {
  const { page, number } = await openPhone(windows, await windows.profile(PHONE), server)
  const person = await signIn(server, number)
  const browsers: LinkedBrowser[] = []
  while (browsers.length < count) browsers.push(await link(person, await openBrowser(server, { headers: AFAR })))
  await page.getByRole('button', { name: 'Linked devices' }).click()
  await page.getByRole('heading', { name: 'Linked devices' }).waitFor()
  return { page, browsers }
}

it('lists this phone first, then each device with what it is, where, and whether it is online', async () => {
  const { page, browsers } = await openDevices(2)
  const cards = page.getByRole('listitem')
  await expect.poll(() => cards.count()).toBe(3)
  expect(await cards.first().innerText()).toContain('This phone')
  for (const card of (await cards.all()).slice(1)) {
    expect(await card.innerText()).toMatch(/^Firefox on Windows\nOnline now\nBerlin, Germany\nLinked \d/)
  }
  // Somebody who closed it is seen as gone when the page is looked at again.
  await browsers[0]!.socket.close()
  await expect
    .poll(async () => {
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      return page.getByText('Last seen just now').count()
    })
    .toBe(1)
  await browsers[1]!.socket.close()
})

it('renames one and unlinks one by keyboard alone, says so, and keeps the focus in the page', async () => {
  const { page, browsers } = await openDevices(1)
  const card = page.getByRole('listitem').nth(1).getByRole('button').first()
  await card.focus()
  await page.keyboard.press('Enter')
  expect(await card.getAttribute('aria-expanded')).toBe('true')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Name')
  await page.keyboard.press('ControlOrMeta+A')
  const name = 'The very old laptop that stands in the kitchen and that everybody'
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
  const kept = name.slice(0, 64)
  await page.getByRole('status').getByText(`Renamed to ${kept}`).waitFor()
  await page.getByRole('button', { name: new RegExp(`^${kept}`) }).waitFor()
  expect(await card.getAttribute('aria-expanded')).toBe('false')
  expect(await card.evaluate((button) => button === document.activeElement)).toBe(true)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.viewport.width)

  await page.keyboard.press('Enter')
  const unlink = page.getByRole('button', { name: 'Unlink', exact: true })
  await unlink.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText(`Tap again to unlink ${kept}`).waitFor()
  const sure = page.getByRole('button', { name: `Tap again to unlink ${kept}`, exact: true })
  await page.keyboard.press('Enter')
  expect(await sure.count()).toBe(1)
  await judgeByAxe(page, 'an unlink that asks once more')
  // A double press is one.
  await expect
    .poll(async () => {
      await page.keyboard.press('Enter')
      return page.getByRole('heading', { name: 'No linked devices' }).count()
    })
    .toBe(1)
  await page.getByRole('status').getByText(`${kept} was unlinked`).waitFor()
  expect((await browsers[0]!.socket.ends()).code).toBe(4410)
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
})

it('says beside the field that a name is refused; asks before it unlinks all, and says when that did not work', async () => {
  const { page, browsers } = await openDevices(2)
  await page.getByRole('button', { name: 'Unlink all' }).click()
  const question = page.getByRole('dialog', { name: 'Unlink all 2 devices?' })
  await question.getByText('They sign out at once.').waitFor()
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  expect(await page.getByRole('listitem').count()).toBe(3)

  // A name that the service refuses is said beside its field, until it is another.
  windows.allowErrors(refused(400))
  const answer = { status: 400, contentType: 'application/problem+json', body: JSON.stringify({ code: 'bad_request' }) }
  await page.route('**/v1/devices/*', (route) => route.fulfill(answer))
  await page.getByRole('listitem').nth(1).getByRole('button').first().click()
  const field = page.getByLabel('Name')
  const rename = page.getByRole('button', { name: 'Rename' })
  expect(await rename.count()).toBe(0)
  await field.fill('Refused')
  await rename.click()
  await page.getByRole('alert').getByText('That name cannot be used.').waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  await field.fill('Another')
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('false')
  await page.unroute('**/v1/devices/*')

  windows.allowErrors(refused(500))
  await page.route('**/v1/devices', (route) => route.fulfill({ status: 500, body: '' }))
  await page.getByRole('button', { name: 'Unlink all' }).click()
  await question.getByRole('button', { name: 'Unlink all' }).click()
  await page.getByRole('alert').getByText('Something went wrong on our side. Try again.').waitFor()
  expect(await page.getByRole('listitem').count()).toBe(3)
  await page.unroute('**/v1/devices')

  await page.getByRole('button', { name: 'Unlink all' }).click()
  await question.getByRole('button', { name: 'Unlink all' }).click()
  await page.getByRole('heading', { name: 'No linked devices' }).waitFor()
  for (const { socket } of browsers) expect((await socket.ends()).code).toBe(4410)
})

/** The name of the field that has the focus. */
function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.innerText.trim())
}
