/** `/try`: both pages in one window, linked with one press and a real approval. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import type { FrameLocator, Page } from 'playwright-core'
import { useServer } from '../support/outside/servers.ts'
import { storedIn } from './companion.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SCAN = { name: 'Scan the code with this phone' }
const SESSION = 'tandem.phone.session'

const server = useServer({ vars: { DEMO: 'on', ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('links the computer by one press, an approval on the phone, and carries messages both ways', async () => {
  const context = await windows.profile({ ...COMPUTER, viewport: { width: 1280, height: 860 } })
  const { page, computer, phone } = await open(await windows.page(context))
  await phone.getByRole('heading', { name: 'Sign in' }).waitFor()
  await judge(page)

  // One press: the visitor is signed in, the code on the screen is read, and the phone asks.
  await page.getByRole('button', SCAN).click()
  await phone.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  await computer.getByRole('heading', { name: 'Check your phone' }).waitFor()
  await page.getByText('Check the details, then approve.').waitFor()
  await expectNoToken(page)
  // Nothing is linked before the person says so.
  await phone.getByRole('button', { name: 'Approve' }).click()
  await phone.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
  const steps = page.getByRole('list', { name: 'Steps' })
  const step = (words: string) => steps.getByRole('listitem').filter({ hasText: words })
  await page.getByText('Linked. Press Done on the phone.').waitFor()
  await step('Done: Approve it').waitFor()
  await phone.getByRole('button', { name: 'Done' }).click()
  await page.getByText('Open a chat on either side, and write.').waitFor()
  expect(await step('Say hello').getAttribute('aria-current')).toBe('step')

  // The computer writes, the phone has it; the phone writes, the computer has it.
  await chat(computer, 'Robin').click()
  await write(computer, 'Hello from the computer')
  await computer.getByRole('button', { name: 'That’s me, send' }).click()
  await chat(phone, 'Robin').click()
  await phone.getByText('Hello from the computer').last().waitFor()
  await page.getByText('There on both sides at once.').waitFor()
  await step('Done: Say hello').waitFor()
  await write(phone, 'Hello from the phone')
  await computer.getByText('Hello from the phone').last().waitFor()

  // Reloaded, both are still who they were: each page keeps what is its own.
  expect((await storedIn(page)).records).toBeGreaterThan(1)
  await page.reload()
  await chat(computer, 'Robin').waitFor()
  await chat(phone, 'Robin').waitFor()

  // Start again unlinks the computer, whose stores are emptied, and leaves the phone signed in.
  await page.getByRole('button', { name: 'Start again' }).click()
  await page.getByRole('button', SCAN).and(page.locator(':enabled')).waitFor()
  expect(await chat(computer, 'Robin').count()).toBe(0)
  expect(await page.evaluate((key) => localStorage.getItem(key), SESSION)).not.toBeNull()
  await page.getByRole('button', SCAN).click()
  await phone.getByRole('button', { name: 'Decline' }).click()
  await computer.getByText('Declined on the phone').first().waitFor()
})

it('shows one side at a time where it is narrow, and the one that is to be used next', async () => {
  const { page, computer, phone } = await open(await windows.page(await windows.profile(PHONE)))
  await judge(page)
  const sides = page.getByRole('group', { name: 'What is shown' })
  const pressed = (name: string) => sides.getByRole('button', { name, pressed: true })
  await pressed('This computer').waitFor()
  expect(await phone.getByRole('heading', { name: 'Sign in' }).isVisible()).toBe(false)
  await page.getByRole('button', SCAN).click()
  await pressed('The phone').waitFor()
  await phone.getByRole('button', { name: 'Approve' }).click()
  // What happens on the side that is not seen is told there, until it is looked at.
  await sides.getByRole('button', { name: 'This computer New here' }).waitFor()
  await phone.getByRole('button', { name: 'Done' }).click()
  await pressed('This computer').waitFor()
  await chat(computer, 'Robin').waitFor()
  expect(await sides.getByText('New here').count()).toBe(0)
  await sides.getByRole('button', { name: 'The phone' }).click()
  await chat(phone, 'Robin').waitFor()
})

interface Sides {
  page: Page
  computer: FrameLocator
  phone: FrameLocator
}

/** Waits until the code can be scanned. */
async function open(page: Page): Promise<Sides> {
  await page.goto(`${server.origin}/try`)
  await page.getByRole('button', SCAN).and(page.locator(':enabled')).waitFor()
  return { page, computer: page.frameLocator('#try-computer'), phone: page.frameLocator('#try-phone') }
}

function chat(side: FrameLocator, name: string) {
  return side.getByRole('list', { name: 'Chats' }).getByRole('button', { name })
}

async function write(side: FrameLocator, words: string): Promise<void> {
  const box = side.getByRole('textbox', { name: 'Write a message' })
  await box.fill(words)
  await box.press('Enter')
}

/** S16: neither an address of a frame nor the history of the window holds the code's secret. */
async function expectNoToken(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { entries } = await session.send('Page.getNavigationHistory')
  const addresses = [...page.frames().map((frame) => frame.url()), ...entries.map(({ url }) => url)]
  expect(addresses.map((address) => new URL(address).hash)).toEqual(addresses.map(() => ''))
  expect(addresses).toContain(`${server.origin}/try/phone`)
}

async function judge(page: Page): Promise<void> {
  // Evaluated by the debugger, which the page's Content-Security-Policy does not bind.
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: (options: object) => Promise<{ violations: { id: string }[] }> }
    }
    return (await axe.run({ resultTypes: ['violations'], iframes: false })).violations.map(({ id }) => id)
  })
  expect(violations).toEqual([])
  const [needed, given] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth]
  })
  expect(needed).toBeLessThanOrEqual(given)
}
