/** What is a person's own: finding messages, deleting them, blocking, taking everything away, deleting the account. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { message, openPhone as dialPhone, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { chatRow } from './companion.ts'
import { judgeByAxe } from './judge.ts'
import { openPhone, signInOn } from './phone.ts'
import { PHONE, useWindows } from './windows.ts'

const server = useServer({ vars: { DEMO: 'off' } })
const phones = useWindows()

it('a person finds a message, deletes it, blocks who wrote it, exports everything, and deletes the account', async () => {
  const { page, number } = await openPhone(phones, await phones.profile(PHONE), server)
  const friend = await signIn(server)
  const { socket } = await dialPhone(friend)
  const { conversation } = await socket.ok({ type: 'start', number })
  await socket.ok(message(conversation.id, '我们明天在北京大学见面'))
  for (let i = 0; i < 70; i++) await socket.ok(message(conversation.id, `later ${i}`))
  const row = chatRow(page, friend.account.name)
  await row.getByText('later 69').waitFor()

  // Found by two characters inside a run, far back; Enter goes to it.
  await page.getByRole('searchbox', { name: 'Search messages' }).fill('京大')
  const found = page.getByRole('list', { name: 'Messages found' }).getByRole('button')
  await found.filter({ hasText: '北京大学' }).press('Enter')
  const sought = page
    .getByRole('list', { name: /^Messages with / })
    .getByRole('listitem')
    .filter({ hasText: '北京大学' })
  await expect
    .poll(() => sought.evaluate((element) => element === document.activeElement), { timeout: 10_000 })
    .toBe(true)

  // Deleted for me by the keyboard alone.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Delete' }).press('Enter')
  const menu = page.getByRole('dialog', { name: 'Delete this message?' })
  await menu.waitFor()
  expect(await menu.getByRole('button').allInnerTexts()).toEqual(['Delete for me', 'Cancel'])
  await menu.getByRole('button', { name: 'Delete for me' }).press('Enter')
  await page.getByText('This message was deleted').waitFor()

  // Blocked in the chat, let in again in the profile.
  await page.getByRole('button', { name: 'Chat: more' }).click()
  await judgeByAxe(page, 'what can be done with a chat')
  await page.getByRole('menuitem', { name: 'Block' }).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click()
  await page.getByText('You blocked this person.').waitFor()
  await page.getByRole('button', { name: 'Unblock' }).waitFor()
  await judgeByAxe(page, 'a chat with somebody who is blocked')
  await page.getByRole('button', { name: 'Back to chats' }).click()
  await page.getByRole('button', { name: 'Profile' }).click()
  await page.getByRole('button', { name: `Unblock ${friend.account.name}` }).click()
  await page.getByRole('heading', { name: 'Blocked' }).waitFor({ state: 'detached' })

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export my data' }).click()
  expect((await download).suggestedFilename()).toBe('tandem-export.zip')

  await deleteAccount(page)
  await page.getByRole('button', { name: 'Continue' }).waitFor()
  await socket.event('conversation', (event) => event.conversation.peer.gone === true)
  expect((await socket.ask(message(conversation.id, 'hello?'))).code).toBe('not_found')

  // The number opens a new account.
  await signInOn(page, number)
  await page.getByText('No chats yet').waitFor()
})

async function deleteAccount(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Delete account' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' })
  const confirm = dialog.getByRole('button', { name: 'Delete account' })
  expect(await confirm.isDisabled()).toBe(true)
  await dialog.getByLabel('Type DELETE to go on').fill('delete')
  await confirm.click()
}
