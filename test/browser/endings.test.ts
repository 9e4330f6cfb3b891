/** How a linking ends when it does not end in the chats; what both screens say then, and how each goes on. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Frame } from '../support/outside/socket.ts'
import { useServer } from '../support/outside/servers.ts'
import { openCompanion, seeChats, seeCode, type CompanionPage } from './companion.ts'
import { approveOn, openPhone } from './phone.ts'
import { COMPUTER, PHONE, refused, useWindows } from './windows.ts'

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const hasty = useServer({ vars: { HOLD_SECONDS: '4' } })
const strict = useServer({ vars: { CONFIRM: 'always' } })
const windows = useWindows()

it('says on both screens that the phone declined, and shows a fresh code', async () => {
  const { companion, phone, qr } = await scanned(server)
  await phone.getByRole('button', { name: 'Decline' }).click()
  await phone.getByRole('heading', { name: 'Declined' }).waitFor()
  await companion.page.getByRole('main').getByText('Declined on the phone').waitFor()
  await companion.page.getByRole('main').getByText('Nothing was linked. Here is a new code.').waitFor()
  expect((await seeCode(companion)).token).not.toBe(qr.token)
})

it('frees a screen that a stranger’s phone holds with "Get a new code", and that phone links nothing', async () => {
  const { companion, phone, qr } = await scanned(server)
  windows.allowErrors(refused(410))
  await companion.page.getByRole('button', { name: 'Not you? Get a new code' }).click()
  expect((await seeCode(companion)).token).not.toBe(qr.token)
  expect(await companion.page.getByRole('main').getByText('That took too long').count()).toBe(0)
  await phone.getByRole('button', { name: 'Approve' }).click()
  await phone.getByRole('heading', { name: 'The other screen was closed' }).waitFor()
  await companion.code.waitFor()
  // The same screen can be linked by the right phone afterwards.
  await phone.goto((await companion.qr()).url)
  await approveOn(phone)
  await seeChats(companion.page)
})

it('says on both screens that the time ran out while the phone was deciding', async () => {
  const { companion, phone, qr } = await scanned(hasty)
  await phone.getByRole('heading', { name: 'This code has changed' }).waitFor()
  await companion.page.getByRole('main').getByText('That took too long').waitFor()
  await companion.page.getByRole('main').getByText('Nothing was linked. Scan the new code to try again.').waitFor()
  expect((await seeCode(companion)).token).not.toBe(qr.token)
  await phone.getByRole('button', { name: 'Scan again' }).waitFor()
})

it('tells a second phone that another one is using the code', async () => {
  const { phone, qr } = await scanned(server)
  const other = await openPhone(windows, await windows.profile(PHONE), server)
  windows.allowErrors(refused(409))
  await other.page.goto(qr.url)
  await other.page.getByRole('heading', { name: 'Another phone is using this code' }).waitFor()
  await approveOn(phone)
})

it('asks for the number on the screen where it must match, takes a wrong one with words, and burns the code at the third', async () => {
  const { companion, phone, qr } = await scanned(strict)
  windows.allowErrors(refused(403))
  await companion.page.getByRole('main').getByText('Type this number on your phone').waitFor()
  const right = (await companionFrame(companion, 'scanned')).match as string
  await companion.page.getByRole('main').getByText(right, { exact: true }).waitFor()
  const field = phone.getByLabel('Type the number shown on the screen')
  const wrong = right === '10' ? '11' : '10'
  for (const words of ['2 tries left', '1 try left']) {
    await field.fill(wrong)
    await phone.getByRole('button', { name: 'Approve' }).click()
    await phone.getByText(words).waitFor()
  }
  await field.fill(wrong)
  await phone.getByRole('button', { name: 'Approve' }).click()
  await phone.getByRole('heading', { name: 'Too many wrong numbers' }).waitFor()
  expect((await seeCode(companion)).token).not.toBe(qr.token)

  await phone.goto((await companion.qr()).url)
  const next = await companion.page
    .locator('bdi')
    .filter({ hasText: /^\d\d$/ })
    .textContent()
  await field.fill(next!)
  await approveOn(phone)
  await seeChats(companion.page)
})

it('takes an approval back with "That wasn’t me"', async () => {
  const { companion, phone } = await scanned(server)
  await approveOn(phone)
  await seeChats(companion.page)
  await phone.getByRole('button', { name: 'That wasn’t me' }).click()
  await phone.getByRole('heading', { name: 'Unlinked' }).waitFor()
  await companion.page.getByRole('heading', { name: 'This browser was unlinked' }).waitFor()
  await companion.page.getByRole('button', { name: 'Link again' }).click()
  await seeCode(companion)
})

it('says on the phone that the other screen was closed', async () => {
  const { companion, phone } = await scanned(server)
  windows.allowErrors(refused(410))
  await companion.page.close()
  await phone.getByRole('button', { name: 'Approve' }).click()
  await phone.getByRole('heading', { name: 'The other screen was closed' }).waitFor()
})

/** A browser whose code a phone has scanned, both waiting for the person's answer. */
async function scanned(at: { origin: string }): Promise<{ companion: CompanionPage; phone: Page; qr: Frame }> {
  const [companion, { page: phone }] = await Promise.all([
    windows.profile(COMPUTER).then((context) => openCompanion(windows, context, at)),
    windows.profile(PHONE).then((context) => openPhone(windows, context, at)),
  ])
  const qr = await seeCode(companion)
  await phone.goto(qr.url)
  await phone.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  await companionFrame(companion, 'scanned')
  return { companion, phone, qr }
}

async function companionFrame(companion: CompanionPage, type: string): Promise<Frame> {
  await expect.poll(() => companion.sockets.at(-1)?.received.some((frame) => frame.type === type)).toBe(true)
  return companion.sockets.at(-1)!.received.findLast((frame) => frame.type === type)!
}
