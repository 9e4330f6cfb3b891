/** The list of chats with a thousand of them, of a service that is played by the test: nobody has so many friends. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Conversation, Message } from '../../src/protocol/model.ts'
import { useServer } from '../support/outside/servers.ts'
import { seeChats } from './companion.ts'
import { COMPUTER, useWindows } from './windows.ts'

const CHATS = 1_000
const PAGE = 125
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstellenleiterin von und zu Hohenlohe'
const NOW = Date.now()

const server = useServer()
const windows = useWindows()

it('holds a thousand chats: loads them as one goes down, lays out what is near, and leads through them by the keyboard', async () => {
  const { page } = await played(COMPUTER)
  const rows = page.getByRole('list', { name: 'Chats' }).getByRole('button')
  await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(PAGE)
  expect(await rows.count()).toBeLessThan(CHATS)
  // Tab reaches one row, the arrows the others. The chat that has no message yet stands first.
  expect(await page.locator('.chat-row[tabindex="0"]').count()).toBe(1)
  await rows.first().focus()
  await page.keyboard.press('ArrowDown')
  expect(await focused(page)).toBe('c0')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  expect(await focused(page)).toBe('c5')
  for (let count = 0; count < CHATS; count = await rows.count()) {
    await page.keyboard.press('End')
    await expect.poll(() => rows.count()).toBeGreaterThan(count)
    if ((await rows.count()) === CHATS) break
  }
  await page.keyboard.press('End')
  expect(await focused(page)).toBe(`c${CHATS - 1}`)
  expect(await page.getByText('Loading…').count()).toBe(0)
  await page.keyboard.press('Home')
  expect(await focused(page)).toBe('c5')
  // Opening one of a thousand is quick.
  const started = await page.evaluate(() => performance.now())
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Person 5' }).waitFor()
  expect(await page.evaluate((from) => performance.now() - from, started)).toBeLessThan(2_000)
  expect(await page.locator('.chat-row[data-id="c5"]').getAttribute('aria-current')).toBe('true')
})

it('shows what is last in each chat in words, marks and numbers, and nothing overflows at any width', async () => {
  const { page, send } = await played(COMPUTER)
  const row = (id: number) => page.locator(`.chat-row[data-id="c${id}"]`)
  await row(0).getByText('999+').waitFor()
  await row(1).getByText('Read', { exact: true }).waitFor()
  await row(2).getByText('Photo').waitFor()
  await row(3).getByText('This message was deleted').waitFor()
  await row(5).getByText('No messages yet').waitFor()
  send({ type: 'typing', conversation: 'c1', on: true })
  await row(1).getByText('typing…').waitFor()

  await page.getByRole('searchbox', { name: 'Search messages and chats' }).fill('donau')
  const found = page.getByRole('list', { name: 'Chats found' })
  await found.getByRole('button', { name: /Donau/ }).waitFor()
  const message = page.getByRole('list', { name: 'Messages found' }).getByRole('button')
  await message.first().waitFor()
  for (const width of [1280, 760, 320]) {
    await page.setViewportSize({ width, height: 640 })
    expect(await overflowing(page), `a search at ${width} pixels`).toEqual([])
  }
  await page.getByRole('searchbox').press('ArrowDown')
  expect(await focused(page)).toBe('c4')
  await page.getByRole('searchbox').press('Escape')
  await row(4).waitFor()
  for (const width of [320, 760, 1280, 3840]) {
    await page.setViewportSize({ width, height: 900 })
    expect(await overflowing(page), `the list at ${width} pixels`).toEqual([])
    const heights = await page.locator('.chat-row').evaluateAll((all) => all.slice(0, 8).map((one) => one.clientHeight))
    expect(new Set(heights)).toEqual(new Set([72]))
  }

  // Where there is room for one of the two, the way back leads to where one came from.
  await page.setViewportSize({ width: 320, height: 640 })
  await row(4).click()
  await page.getByRole('heading', { name: LONG }).waitFor()
  expect(await row(4).isVisible()).toBe(false)
  expect(await page.evaluate(() => document.activeElement?.closest('chat-thread') !== null)).toBe(true)
  await page.getByRole('button', { name: 'Back to chats' }).click()
  expect(await focused(page)).toBe('c4')
})

it('says that there are no chats, and offers to begin one', async () => {
  const { page } = await played(COMPUTER, 0)
  await page.getByRole('heading', { name: 'No chats yet' }).waitFor()
  await page.getByRole('main').getByRole('button', { name: 'New chat' }).last().click()
  await page.getByRole('dialog', { name: 'New chat' }).getByLabel('Phone number').waitFor()
})

/** A companion linked to an account with `count` chats. */
async function played(
  options: BrowserContextOptions,
  count = CHATS,
): Promise<{ page: Page; send: (frame: object) => void }> {
  const context = await windows.profile(options)
  let send: (frame: object) => void = () => undefined
  await context.routeWebSocket(/\/v1\/socket/, (socket) => {
    send = (frame) => socket.send(JSON.stringify(frame))
    const account = { id: 'me', name: 'Ada with quite a long name of her own', number: '+491701234567' }
    send({ type: 'linked', device: { id: 'D', name: 'Chrome', linkedAt: NOW }, account })
    send({ type: 'snapshot', cursor: 1, account, ...pageOf(0, count) })
    socket.onMessage((text) => {
      if (text === 'ping') return socket.send('pong')
      const request = JSON.parse(String(text)) as { type: string; ref?: string; after?: string }
      if (request.ref !== undefined) send({ type: 'ok', ref: request.ref, ...answerTo(request, count) })
    })
  })
  const page = await windows.page(context)
  await page.goto(server.origin)
  await seeChats(page)
  return { page, send: (frame) => send(frame) }
}

function answerTo({ type, after }: { type: string; after?: string }, count: number): object {
  if (type === 'conversations') return pageOf(Number(after), count)
  if (type === 'history') return { messages: [], more: false }
  return type === 'search' ? { messages: [{ ...words(4, `${LONG} ${LONG}`), from: 'me' }], more: null } : {}
}

function pageOf(from: number, count: number): { conversations: Conversation[]; more: string | null } {
  const conversations = Array.from({ length: Math.min(PAGE, count - from) }, (_, at) => chat(from + at))
  const next = from + conversations.length
  return { conversations, more: next < count ? String(next) : null }
}

function chat(at: number): Conversation {
  const media = { id: 'p', contentType: 'image/webp', bytes: 1, url: '/none', expiresAt: NOW + 3_600_000 }
  const last: Record<number, Message | null> = {
    1: { ...words(1, 'I wrote this'), from: 'me' },
    2: { id: 'm2', conversation: 'c2', seq: 1, from: 'p2', sentAt: sentAt(2), media },
    3: { id: 'm3', conversation: 'c3', seq: 1, from: 'p3', sentAt: sentAt(3), deleted: true },
    4: words(4, LONG),
    5: null,
  }
  return {
    id: `c${at}`,
    title: at === 4 ? LONG : `Person ${at}`,
    peer: { account: `p${at}`, deliveredUpTo: 9, readUpTo: 9 },
    unread: at === 0 ? 12_345 : at % 7 === 4 ? at : 0,
    readUpTo: 0,
    last: at in last ? last[at]! : words(at, `Words of ${at}`),
  }
}

function words(at: number, text: string): Message {
  return { id: `m${at}`, conversation: `c${at}`, seq: 1, from: `p${at}`, sentAt: sentAt(at), text }
}

/** The chat without a message stands before all others: the rest in their order. */
function sentAt(at: number): number {
  return NOW - at * 3_600_000
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.id)
}

/** What in the list is wider than the place it has, or stands beyond its row. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide: string[] = []
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) wide.push('the page')
    for (const row of [...document.querySelectorAll('.chat-row')].slice(0, 20)) {
      const box = row.getBoundingClientRect()
      if (row.scrollWidth > row.clientWidth) wide.push(row.textContent ?? '')
      for (const part of row.children) {
        const { left, right, top, bottom } = part.getBoundingClientRect()
        if (left < box.left || right > box.right + 1 || top < box.top || bottom > box.bottom + 1) {
          wide.push(`${part.className}: ${part.textContent}`)
        }
      }
    }
    return wide
  })
}
