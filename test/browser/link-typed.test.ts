/** Linked without a camera, a mouse or eyes: by the keyboard, and by what a screen reader is told. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import { openCompanion, seeChats, seeCode } from './companion.ts'
import { openPhone } from './phone.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

/** More stops than any of the screens has. */
const STOPS = 40

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('links with a typed code and the number, by keyboard and what is said aloud alone', async () => {
  const [companion, { page: phone }] = await Promise.all([
    windows.profile(COMPUTER).then((context) => openCompanion(windows, context, server)),
    windows.profile(PHONE).then((context) => openPhone(windows, context, server)),
  ])
  const { page } = companion
  await seeCode(companion)
  await press(page, 'Can’t scan? Use a code instead')
  const [, code] = await heard(
    page,
    /^Enter this code on your phone: ((?:[1-9A-Z] ?){4}, (?:[1-9A-Z] ?){4})\. Good for 5 minutes\.$/,
  )
  await press(page, 'More time')
  await expect.poll(() => companion.sockets[0]!.received.filter(({ type }) => type === 'spelled').length).toBe(2)

  await press(phone, 'Link a device')
  await phone.getByRole('heading', { name: 'No camera found' }).waitFor()
  await press(phone, 'Enter code')
  await phone.getByRole('dialog', { name: 'Enter code' }).waitFor()
  await tabTo(phone, 'textbox')
  await phone.keyboard.type(code!.replaceAll(/[ ,]/g, '').toLowerCase())
  await phone.keyboard.press('Enter')
  await phone.getByRole('heading', { name: 'Link this browser?' }).waitFor()

  const [, match] = await heard(page, /^Type this number on your phone: (\d\d)$/)
  await tabTo(phone, 'textbox')
  await phone.keyboard.type(match!)
  await expect.poll(() => phone.getByRole('button', { name: 'Approve' }).isEnabled()).toBe(true)
  await press(phone, 'Approve')
  await phone.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
  await seeChats(page)
})

it('comes with the code to scan where it was asked for before that', async () => {
  const page = await windows.page(await windows.profile(COMPUTER))
  const connected = Promise.withResolvers<void>()
  await page.routeWebSocket(/\/v1\/socket/, async (socket) => {
    await connected.promise
    socket.connectToServer()
  })
  await page.goto(`${server.origin}/`)
  await page.getByRole('button', { name: 'Can’t scan? Use a code instead' }).click()
  await page.getByText('Getting a code…').first().waitFor()
  connected.resolve()
  await page.getByRole('heading', { name: 'Enter this code on your phone' }).waitFor()
  await page.getByText('Good for 5 minutes').first().waitFor()
})

/** Goes to a button by Tab, and presses it by Enter. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).first().waitFor()
  await tabTo(page, 'button', name)
  await page.keyboard.press('Enter')
}

/** Presses Tab until the focus is where it is wanted. @throws Error when it never comes there */
async function tabTo(page: Page, role: 'button' | 'textbox', name?: string): Promise<void> {
  const wanted = page.getByRole(role, name === undefined ? {} : { name })
  for (let stop = 0; stop <= STOPS; stop++) {
    const there = await wanted.evaluateAll((elements) => elements.some((element) => element === document.activeElement))
    if (there) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never comes to the ${role} ${name ?? ''}`)
}

/** Waits until the live region says something. @returns what was matched */
async function heard(page: Page, words: RegExp): Promise<RegExpExecArray> {
  let found: RegExpExecArray | null = null
  await expect
    .poll(async () => (found = words.exec((await page.getByRole('status').first().textContent())?.trim() ?? '')))
    .not.toBeNull()
  return found!
}
