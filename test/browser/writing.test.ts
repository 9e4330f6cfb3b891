/** Writing in a chat: answers, the menu of a message, links, emoji, drafts, the end of what fits. */
import { randomUUID } from 'node:crypto'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import type { Frame } from '../support/outside/socket.ts'
import { befriend, linkedPage, photo, sendMedia, sendWords } from './chat.ts'
import { chatRow } from './companion.ts'
import { openPhone } from './phone.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

const server = useServer()
const windows = useWindows()

it('a message is answered from its menu, by the keyboard or a double click, and the answer shows what it answers', async () => {
  const context = await windows.profile(COMPUTER)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const chat = await linkedPage(windows, server, context)
  const { page, friend, conversation } = chat
  const asked = await sendWords(chat, 'Tea or coffee?')

  // By the keyboard alone: the menu, its items, and where the keyboard is afterwards.
  const more = message(page, 'Tea or coffee?').getByRole('button', { name: 'Message: more' })
  await more.focus()
  await page.keyboard.press('Enter')
  const menu = page.getByRole('menu', { name: 'This message' })
  expect(await menu.getByRole('menuitem').allInnerTexts()).toEqual(['Reply', 'Copy text', 'Delete'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('Tea or coffee?')
  await page.getByRole('status').getByText('Copied').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await menu.waitFor({ state: 'detached' })
  await hasFocus(more)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  const bar = page.getByRole('group', { name: /Reply to/ })
  await bar.getByText('Tea or coffee?').waitFor()
  await hasFocus(field(page))
  await page.keyboard.press('Escape')
  await bar.waitFor({ state: 'detached' })

  // By a double click; and it goes out with what it answers.
  await message(page, 'Tea or coffee?').getByText('Tea or coffee?').dblclick()
  await bar.waitFor()
  await page.keyboard.type('Tea')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
  const answer = await friend.event('message', fromPeer)
  expect(answer.message).toMatchObject({ text: 'Tea', replyTo: asked })
  await bar.waitFor({ state: 'detached' })
  await message(page, 'Tea')
    .getByRole('button', { name: /In reply to.*Tea or coffee/ })
    .waitFor()

  // A photo, and one that is answered by a file.
  await sendMedia(server, friend, conversation, await photo(40, 30), { contentType: 'image/png', name: 'pot.png' })
  await message(page, 'Photo')
    .or(page.locator('.message:has(media-picture)'))
    .first()
    .getByRole('button', { name: 'Message: more' })
    .click()
  expect(await menu.getByRole('menuitem').allInnerTexts()).toEqual(['Reply', 'Delete'])
  await menu.getByRole('menuitem', { name: 'Reply' }).click()
  await bar.getByText('Photo').waitFor()
  await page
    .locator('chat-composer input[type=file]')
    .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') })
  await page.getByRole('dialog').getByRole('textbox', { name: 'Add a caption' }).fill('The leaves')
  await page.keyboard.press('Enter')
  const file = await friend.event('message', fromPeer)
  expect(file.message).toMatchObject({ text: 'The leaves', media: { name: 'a.txt' }, replyTo: expect.any(String) })

  // What was answered and is then taken back is not told any more.
  await sendWords(chat, 'I meant you', answer.message.id)
  await page.getByRole('button', { name: /In reply to You Tea/ }).waitFor()
  await friend.ok({ type: 'delete', conversation, id: asked, for: 'all' })
  const quote = message(page, 'Tea').getByRole('button', { name: /In reply to/ })
  await quote.getByText('This message was deleted').waitFor()
  // Whoever shows the messages is told where to go.
  const told = page.evaluate(
    () => new Promise((resolve) => addEventListener('message-goto', (event) => resolve((event as CustomEvent).detail))),
  )
  await quote.click()
  expect(await told).toBe(asked)
})

it('addresses are links that tell the other side nothing, and nothing else of a text is more than text', async () => {
  const chat = await linkedPage(windows, server)
  const { page } = chat
  await sendWords(chat, 'See https://example.org/a?b=1. <b>javascript:alert(1)</b> www.example.net!')
  const links = message(page, 'See').getByRole('link')
  await links.first().waitFor()
  expect(await links.allInnerTexts()).toEqual(['https://example.org/a?b=1', 'www.example.net'])
  for (const link of await links.all()) {
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
    expect(await link.getAttribute('target')).toBe('_blank')
  }
  expect(await message(page, 'See').locator('.words').textContent()).toBe(
    'See https://example.org/a?b=1. <b>javascript:alert(1)</b> www.example.net!',
  )
  expect(await page.locator('.words b').count()).toBe(0)
  await sendWords(chat, '👍🏽😀')
  const [large, plain] = [await sizeOf(message(page, '👍🏽😀')), await sizeOf(message(page, 'hello'))]
  expect(large).toBeGreaterThan(plain * 2)
})

it('emoji are found by name or category and put where the caret is, by the keyboard alone', async () => {
  const { page, friend } = await linkedPage(windows, server)
  await field(page).fill('Good  night')
  await field(page).evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(5, 5))
  await page.getByRole('button', { name: 'Emoji', exact: true }).press('Enter')
  const picker = page.getByRole('dialog', { name: 'Emoji' })
  await hasFocus(picker.getByRole('searchbox', { name: 'Search emoji' }))
  await picker.getByRole('button', { name: 'grinning face', exact: true }).waitFor()
  await page.keyboard.type('qqzz')
  await picker.getByText('No emoji found for “qqzz”').waitFor()
  await picker.getByRole('searchbox').fill('crescent moon')
  await picker.getByRole('group', { name: 'Found' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await hasFocus(picker.getByRole('button', { name: 'crescent moon', exact: true }))
  await page.keyboard.press('Enter')
  expect(await field(page).inputValue()).toBe('Good 🌙 night')

  await picker.getByRole('button', { name: 'Food and drink' }).click()
  const food = picker.getByRole('group', { name: 'Food and drink' })
  await food.getByRole('button').first().focus()
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp']) await page.keyboard.press(key)
  await hasFocus(food.getByRole('button').first())
  expect(await food.locator('[tabindex="0"]').count()).toBe(1)
  await picker.getByLabel('Skin tone').selectOption({ index: 3 })
  await picker.getByRole('searchbox').fill('thumbs up')
  await picker.getByRole('button', { name: 'thumbs up', exact: true }).click()
  await hasFocus(field(page))
  expect(await field(page).inputValue()).toBe('Good 🌙👍🏽 night')
  await page.keyboard.press('Escape')
  await picker.waitFor({ state: 'detached' })

  // The ones that were used come first the next time.
  await page.getByRole('button', { name: 'Emoji', exact: true }).click()
  await picker.getByRole('group', { name: 'Recently used' }).waitFor()
  expect(await picker.getByRole('group', { name: 'Recently used' }).getByRole('button').allInnerTexts()).toEqual([
    '👍🏽',
    '🌙',
  ])
  await page.getByRole('heading', { level: 2 }).first().click()
  await picker.waitFor({ state: 'detached' })
  await field(page).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
  expect((await friend.event('message', fromPeer)).message.text).toBe('Good 🌙👍🏽 night')
})

it('a draft stays with its chat, grows with its lines, and says when it comes to its end', async () => {
  const chat = await linkedPage(windows, server)
  const { page } = chat
  const low = await heightOf(field(page))
  await field(page).pressSequentially('One')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('two')
  expect(await field(page).inputValue()).toBe('One\ntwo')
  expect(await heightOf(field(page))).toBeGreaterThan(low + 15)

  await page.setViewportSize({ width: 400, height: 700 })
  await page.getByRole('button', { name: 'Back to chats' }).click()
  await chatRow(page, 'Draft: One').click()
  expect(await field(page).inputValue()).toBe('One\ntwo')

  // A file that falls beside the chat does not open in the page's stead.
  expect(await dropBeside(page)).toEqual([true, true])

  await field(page).fill('x'.repeat(16_000))
  await page.getByRole('status').getByText('384 characters left').waitFor()
  expect(await heightOf(field(page))).toBeLessThan(200)
  await field(page).fill('ä'.repeat(8_193))
  await page.getByRole('alert').getByText('This message is too long.').waitFor()
  await page.keyboard.press('Enter')
  expect(await field(page).inputValue()).toHaveLength(8_193)
  await field(page).fill('')
  await page.getByRole('alert').waitFor({ state: 'detached' })
})

it('on a touch screen a message is answered by pulling it aside, Enter begins a line, and the menu lies at the foot', async () => {
  const { page, number } = await openPhone(
    windows,
    await windows.profile({ ...PHONE, hasTouch: true, isMobile: true }),
    server,
  )
  const { friend, conversation } = await befriend(server, number)
  await chatRow(page, 'hello').tap()
  const bar = page.getByRole('group', { name: /Reply to/ })
  const bubble = message(page, 'hello').locator('.bubble')
  await bubble.waitFor()
  await pull(page, bubble, 30, 0)
  await pull(page, bubble, 20, 90)
  expect(await bar.count()).toBe(0)
  await pull(page, bubble, 100, 4)
  await bar.getByText('hello').waitFor()
  expect(await bubble.evaluate((element: HTMLElement) => element.style.translate)).toBe('')
  // Not a tap: right after a scroll Chromium takes one for the end of that.
  await bar.getByRole('button', { name: 'Cancel the reply' }).click()
  await bar.waitFor({ state: 'detached' })
  await field(page).fill('One')
  await field(page).press('Enter')
  await page.keyboard.type('two')
  await page.getByRole('button', { name: 'Send', exact: true }).tap()
  expect((await friend.event('message', fromPeer)).message.text).toBe('One\ntwo')
  await friend.ok({ type: 'send', id: randomUUID(), conversation, text: 'Good' })
  await message(page, 'Good').getByRole('button', { name: 'Message: more' }).tap()
  const menu = page.getByRole('menu')
  await expect.poll(() => placeOf(menu)).toEqual({ left: 0, bottom: 740, width: 360 })
  await page.touchscreen.tap(180, 100)
  await menu.waitFor({ state: 'detached' })
})

function field(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Write a message' })
}

/** The message that has these very words. */
function message(page: Page, words: string): Locator {
  return page
    .locator('.message')
    .filter({ has: page.locator('.words', { hasText: words }) })
    .last()
}

function fromPeer({ message: { from } }: Frame): boolean {
  return from !== 'me'
}

async function hasFocus(locator: Locator): Promise<void> {
  await expect.poll(() => locator.evaluate((element) => element === document.activeElement)).toBe(true)
}

/** Drops a file on the page itself. @returns whether the browser was kept from what it does with one */
function dropBeside(page: Page): Promise<boolean[]> {
  return page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['x'], 'x.txt'))
    return ['dragover', 'drop'].map(
      (name) => !document.body.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer })),
    )
  })
}

async function placeOf(locator: Locator): Promise<{ left: number; bottom: number; width: number }> {
  const { x, y, width, height } = (await locator.boundingBox())!
  return { left: Math.round(x), bottom: Math.round(y + height), width: Math.round(width) }
}

/** Of a message's letters, in pixels. */
function sizeOf(locator: Locator): Promise<number> {
  return locator.locator('.words').evaluate((words) => parseFloat(getComputedStyle(words).fontSize))
}

async function heightOf(locator: Locator): Promise<number> {
  return (await locator.boundingBox())!.height
}

/** A finger that goes so far aside and down, in steps as a screen tells them. */
async function pull(page: Page, from: Locator, aside: number, down: number): Promise<void> {
  const { x, y } = (await from.boundingBox())!
  const session = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', part: number): Promise<unknown> => {
    const point = { x: x + 10 + aside * part, y: y + 10 + down * part }
    return session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [point] })
  }
  await touch('touchStart', 0)
  for (let step = 1; step <= 8; step++) await touch('touchMove', step / 8)
  await touch('touchEnd', 1)
}
