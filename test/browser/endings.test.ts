/** How a linking ends when it does not end in the chats; what both screens say then, and how each goes on. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Frame } from '../support/outside/socket.ts'
import { useServer } from '../support/outside/servers.ts'
import { openCompanion, seeChats, seeCode, type CompanionPage } from './companion.ts'
import { approveOn, openPhone } from './phone.ts'
import { COMPUTER, PHONE, refused, useWindows } from './windows.ts'

/** Nobody knows where anybody is, so a phone with another address is far, and must type the number on the screen. */
const server = useServer({ cf: {}, vars: { ROTATE_SECONDS: '120' } })
const hasty = useServer({ vars: { HOLD_SECONDS: '4' } })
const windows = useWindows()

const ELSEWHERE = { 'CF-Connecting-IP': '203.0.113.9' }

it('says on both screens how a linking ended, and goes on: declined, in use by another phone, freed on the screen, taken back, closed', async () => {
  const { companion, phone } = await openBoth(server)
  const main = companion.page.getByRole('main')
  windows.allowErrors(refused(409))
  windows.allowErrors(refused(410))

  // Another phone is told that the code is in use; the first one declines.
  const first = await scanned(companion, phone)
  const other = await openPhone(windows, await windows.profile(PHONE), server)
  await other.page.goto(first.url)
  await other.page.getByRole('heading', { name: 'Another phone is using this code' }).waitFor()
  await other.page.close()
  await phone.getByRole('button', { name: 'Decline' }).click()
  await phone.getByRole('heading', { name: 'Declined' }).waitFor()
  await main.getByText('Declined on the phone').waitFor()
  await main.getByText('Nothing was linked. Here is a new code.').waitFor()
  expect((await seeCode(companion)).token).not.toBe(first.token)

  // The screen frees itself from a stranger's phone, which links nothing.
  const second = await scanned(companion, phone)
  await companion.page.getByRole('button', { name: 'Not you? Get a new code' }).click()
  expect((await seeCode(companion)).token).not.toBe(second.token)
  expect(await main.getByText('That took too long').count()).toBe(0)
  await phone.getByRole('button', { name: 'Approve' }).click()
  await phone.getByRole('heading', { name: 'The other screen was closed' }).waitFor()
  await companion.code.waitFor()
  await phone.getByRole('button', { name: 'Back to chats' }).click()
  await phone.getByRole('button', { name: 'Link a device' }).waitFor()

  // The same screen can be linked by the right phone afterwards, which takes it back.
  await scanned(companion, phone)
  await approveOn(phone)
  await seeChats(companion.page)
  await phone.getByRole('button', { name: 'That wasn’t me' }).click()
  await phone.getByRole('heading', { name: 'Unlinked' }).waitFor()
  await companion.page.getByRole('heading', { name: 'This browser was unlinked' }).waitFor()
  await companion.page.getByRole('button', { name: 'Link again' }).click()

  await scanned(companion, phone)
  await companion.page.close()
  await phone.getByRole('button', { name: 'Approve' }).click()
  await phone.getByRole('heading', { name: 'The other screen was closed' }).waitFor()
})

it('says on both screens that the time ran out while the phone was deciding', async () => {
  const { companion, phone } = await openBoth(hasty)
  const { token } = await scanned(companion, phone)
  await phone.getByRole('heading', { name: 'This code has changed' }).waitFor()
  await companion.page.getByRole('main').getByText('That took too long').waitFor()
  await companion.page.getByRole('main').getByText('Nothing was linked. Scan the new code to try again.').waitFor()
  expect((await seeCode(companion)).token).not.toBe(token)
  await phone.getByRole('button', { name: 'Scan again' }).waitFor()
})

it('asks for the number on the screen where it must match, takes a wrong one with words, and burns the code at the third', async () => {
  const { companion, phone } = await openBoth(server)
  await phone.setExtraHTTPHeaders(ELSEWHERE)
  const { token } = await scanned(companion, phone)
  windows.allowErrors(refused(403))
  await companion.page.getByRole('main').getByText('Type this number on your phone').waitFor()
  const right = companion.sockets.at(-1)!.received.findLast(({ type }) => type === 'scanned')!.match as string
  await companion.page.getByRole('main').getByText(right, { exact: true }).waitFor()
  const field = phone.getByLabel('Type the number shown on the screen')
  const approve = phone.getByRole('button', { name: 'Approve' })

  // Without it nothing is sent, and the words say what is missing.
  await approve.click()
  await phone.getByRole('alert').getByText('First type the two digits that the other screen shows.').waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  expect(await approve.getAttribute('aria-describedby')).toBe('match-label')
  const wrong = right === '10' ? '11' : '10'
  for (const words of ['2 tries left', '1 try left']) {
    await field.fill(wrong)
    expect(await approve.getAttribute('aria-describedby')).toBeNull()
    await approve.click()
    await phone.getByRole('alert').getByText(words).waitFor()
  }
  await field.fill(wrong)
  await approve.click()
  await phone.getByRole('heading', { name: 'Too many wrong numbers' }).waitFor()
  expect((await seeCode(companion)).token).not.toBe(token)

  await phone.goto((await companion.qr()).url)
  const next = await companion.page
    .locator('bdi')
    .filter({ hasText: /^\d\d$/ })
    .textContent()
  await field.fill(next!)
  await approveOn(phone)
  await seeChats(companion.page)
})

/** A browser that shows a code, and a phone. */
async function openBoth(at: { origin: string }): Promise<{ companion: CompanionPage; phone: Page }> {
  const [companion, { page: phone }] = await Promise.all([
    windows.profile(COMPUTER).then((context) => openCompanion(windows, context, at)),
    windows.profile(PHONE).then((context) => openPhone(windows, context, at)),
  ])
  return { companion, phone }
}

/** The phone scans the code that is shown: both wait for the person's answer. @returns the code's frame */
async function scanned(companion: CompanionPage, phone: Page): Promise<Frame> {
  const qr = await seeCode(companion)
  await phone.goto(qr.url)
  await phone.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  await companion.page.getByRole('heading', { name: /^(Check|Type this number on) your phone$/ }).waitFor()
  return qr
}
