/** Signing in on the phone: a number as people have it at hand, one field for the code, and words for all that goes wrong. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { randomNumber } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { OFFLINE, PHONE, refused, useWindows, type Windows } from './windows.ts'

const server = useServer()
const windows: Windows = useWindows()

async function openSignIn(locale = 'en-GB'): Promise<Page> {
  const page = await windows.page(await windows.profile({ ...PHONE, locale }))
  await page.goto(`${server.origin}/phone`)
  await page.getByLabel('Country').waitFor()
  return page
}

/** The clipboard's way: all at once. */
async function paste(page: Page, label: string, words: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).evaluate((input: HTMLInputElement, pasted) => {
    input.focus()
    const clipboardData = new DataTransfer()
    clipboardData.setData('text', pasted)
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
    if (input.dispatchEvent(event)) document.execCommand('insertText', false, pasted)
  }, words)
}

it('begins with the country of the person’s language, and takes it from a whole number that is pasted', async () => {
  const page = await openSignIn('de-AT')
  const country = page.getByLabel('Country')
  const number = page.getByLabel('Phone number')
  expect(await country.inputValue()).toBe('AT')
  expect((await country.locator('option:checked').innerText()).trim()).toBe('Austria (+43)')

  await paste(page, 'Phone number', '+44 7400 123456')
  await expect.poll(() => country.inputValue()).toBe('GB')
  expect(await number.inputValue()).toBe('07400 123456')
  await number.fill('')
  await paste(page, 'Phone number', '0049 1511 2345678')
  await expect.poll(() => country.inputValue()).toBe('DE')

  // What is typed is spaced as it is in the country that is chosen.
  await country.selectOption('US')
  await number.fill('')
  await number.pressSequentially('4155550132')
  expect(await number.inputValue()).toBe('(415) 555-0132')
})

it('says in words what is wrong with a number, beside it, before anything is sent', async () => {
  const page = await openSignIn()
  const number = page.getByLabel('Phone number')
  const sent: string[] = []
  page.on('request', (request) => void (request.url().includes('/v1/') && sent.push(request.url())))
  for (const [typed, words] of [
    ['', 'Enter your phone number.'],
    ['12', 'Please check the number: it is too short.'],
    ['1234567890123456', 'Please check the number: it is too long.'],
  ] as const) {
    await number.fill(typed)
    await number.press('Enter')
    await page.getByRole('alert').getByText(words).waitFor()
    expect(await number.evaluate((input) => input === document.activeElement)).toBe(true)
    expect(await number.getAttribute('aria-invalid')).toBe('true')
    const described = await number.getAttribute('aria-describedby')
    expect(await page.locator(`#${described}`).innerText()).toContain(words)
  }
  await number.fill('7')
  expect(await number.getAttribute('aria-invalid')).toBe('false')
  expect(sent).toEqual([])
})

it('takes the code by itself at six digits, pasted with a space or in other digits, and another after a wait that is counted', async () => {
  const page = await openSignIn()
  await page.clock.install()
  await page.getByLabel('Phone number').fill(randomNumber())
  await page.getByRole('button', { name: 'Continue' }).click()
  const field = page.getByLabel('Code', { exact: true })
  await field.waitFor()
  for (const [name, value] of Object.entries({ autocomplete: 'one-time-code', inputmode: 'numeric', maxlength: '6' })) {
    expect(await field.getAttribute(name), name).toBe(value)
  }
  expect(await field.evaluate((input) => input === document.activeElement)).toBe(true)
  const code = await page.locator('.demo b').innerText()

  await field.fill('12')
  await field.press('Enter')
  await page.getByText('Enter all six digits.').waitFor()

  windows.allowErrors(refused(401))
  windows.allowErrors(refused(400))
  await paste(page, 'Code', code === '111 111' ? '222 222' : '111 111')
  await page.getByText('That code isn’t right.').waitFor()

  const again = page.getByRole('button', { name: 'Send a new code' })
  expect(await again.isDisabled()).toBe(true)
  expect(await again.innerText()).toMatch(/in 0:\d\d$/)
  await page.clock.runFor(61_000)
  expect(await again.innerText()).toBe('Send a new code')
  await again.click()
  await page.getByText('We sent another code.').waitFor()
  expect(await again.isDisabled()).toBe(true)

  const next = await page.locator('.demo b').innerText()
  const arabic = next.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)))
  await paste(page, 'Code', `${arabic.slice(0, 3)} ${arabic.slice(3)}`)
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
})

it('says that there is no connection, with its icon, and goes on when there is', async () => {
  const page = await openSignIn()
  const sprite = page.waitForResponse('**/icons.svg')
  await page.reload()
  await sprite
  windows.allowErrors(OFFLINE)
  await page.context().setOffline(true)
  const notice = page
    .getByRole('status')
    .filter({ hasText: 'You’re offline. You can sign in when you’re back online.' })
  await notice.waitFor()
  // Drawn, not only there: the sprite was fetched ahead.
  await expect
    .poll(() => notice.locator('use').evaluate((use: SVGUseElement) => use.getBBox().width))
    .toBeGreaterThan(0)
  await page.context().setOffline(false)
  await notice.waitFor({ state: 'detached' })
})

it('goes back to the number as it was, and says when to try again', async () => {
  const page = await openSignIn()
  const number = page.getByLabel('Phone number')
  await number.fill('+447400123456')
  await page.route('**/v1/phone/code', (route) =>
    route.fulfill({
      status: 429,
      headers: { 'retry-after': '75', 'content-type': 'application/problem+json' },
      body: JSON.stringify({ code: 'rate_limited' }),
    }),
  )
  windows.allowErrors(refused(429))
  await page.getByRole('button', { name: 'Continue' }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('Too many tries.').waitFor()
  // Counted for the eye; whoever listens is told once.
  const told = alert.locator('.visually-hidden')
  expect(await told.textContent()).toBe('Try again in 1:15.')
  await alert.getByText(/Try again in 1:1[0-4]\./).waitFor()
  expect(await told.textContent()).toBe('Try again in 1:15.')
  // The way on is shut for as long; another number may be tried at once.
  const on = page.getByRole('button', { name: 'Continue' })
  expect(await on.isDisabled()).toBe(true)
  await number.press('End')
  await number.press('Backspace')
  await number.pressSequentially('6')
  expect(await on.isEnabled()).toBe(true)
  expect(await number.getAttribute('aria-invalid')).toBe('false')

  await page.unroute('**/v1/phone/code')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('+44 7400 123456').waitFor()
  await page.getByRole('button', { name: 'Change' }).click()
  await expect.poll(() => number.inputValue()).toBe('07400 123456')
  expect(await page.getByLabel('Country').inputValue()).toBe('GB')
})
