/** The code that is typed, on the phone's page, with nothing but a keyboard: from a screen that only speaks the protocol. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openBrowser, spell } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { openPhone } from './phone.ts'
import { PHONE, refused, useWindows } from './windows.ts'

const server = useServer({ vars: { ROTATE_SECONDS: '120', CONFIRM: 'proximity' } })
const windows = useWindows('ask')

it('links by a typed code with the keyboard alone: the code, the number on the screen, and Approve', async () => {
  const [{ socket }, { page }] = await Promise.all([openBrowser(server), phone()])
  const { code } = await spell(socket)
  await press(page, 'Link a device')
  await press(page, 'Enter code')
  // The dialog opens with the cursor in its field. Nobody types the hyphen.
  await page.locator('dialog[open] input[name=code]:focus').waitFor()
  await page.keyboard.type(String(code).replace('-', '').toLowerCase())
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  // Whatever the operator chose, a typed code needs the number.
  const { match } = await socket.first('scanned')
  const approve = page.getByRole('button', { name: 'Approve' })
  await expect.poll(() => approve.isEnabled()).toBe(true)
  const field = page.getByLabel('Type the number shown on the screen')
  await tabTo(page, 'match')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('First type the two digits that the other screen shows.').waitFor()
  expect(await field.evaluate((input) => input === document.activeElement)).toBe(true)
  await page.keyboard.type(String(match))
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Decline')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Approve')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
  const { device } = await socket.first('linked')
  // The heading has the focus; the next stop is the way on.
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Done')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Linked devices' }).waitFor()
  // Linked here by this very phone: nobody is told of a new device.
  expect(await page.getByText('New device linked').count()).toBe(0)
  expect(device.id).toBeTruthy()
  await socket.close()
})

it('asks for the code again where it is not right, without the camera, and waits after five wrong ones', async () => {
  const { page } = await phone()
  windows.allowErrors(refused(410))
  windows.allowErrors(refused(429))
  await press(page, 'Link a device')
  await press(page, 'Enter code')
  await page.keyboard.type('nothing')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText('That isn’t a Tandem code').waitFor()
  for (let tries = 0; tries < 5; tries++) {
    await page
      .getByRole('dialog')
      .getByRole('textbox')
      .fill(`ABCD-111${tries + 1}`)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'That code isn’t right' }).waitFor()
    await press(page, 'Enter the code again')
    await page.getByRole('dialog', { name: 'Enter code' }).waitFor()
    expect(await page.locator('video').evaluate((video: HTMLVideoElement) => video.srcObject)).toBeNull()
  }
  await page.keyboard.type('ABCD-1119')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Too many tries' }).waitFor()
  await page.getByText(/^Try again in (9|10):\d\d\.$/).waitFor()
  expect(await page.getByRole('button', { name: 'Enter the code again' }).isDisabled()).toBe(true)
  await press(page, 'Cancel')
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
})

async function phone(): Promise<{ page: Page }> {
  return openPhone(windows, await windows.profile(PHONE), server)
}

/** Presses a button by the keyboard. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).first().waitFor()
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}

/** Tabs on until what has the focus is called so, or has that id. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press('Tab')
    if ((await focused(page)) === name) return
  }
  throw new Error(`the keyboard does not reach "${name}"`)
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: element } = document
    return element?.textContent?.trim() || element?.getAttribute('aria-label') || element?.id || ''
  })
}
