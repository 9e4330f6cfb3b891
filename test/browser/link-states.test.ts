/** Every state of the link screen: its words by role and name, for everybody, and what a screen reader is told. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import { eventually } from './companion.ts'
import { judge, judgeByAxe } from './judge.ts'
import { ENDS, STATES, type Seen } from './link-words.ts'
import { DECLINED, IDLE, LINKED, openScripted, qr, scanned, SPELLED } from './scripted.ts'
import { COMPUTER, useWindows } from './windows.ts'

const server = useServer()
const windows = useWindows()

for (const colorScheme of ['light', 'dark'] as const) {
  it(`has every state before linking, each for everybody, in the ${colorScheme} theme`, async () => {
    const companion = await openScripted(windows, await windows.profile({ ...COMPUTER, colorScheme }), server)
    const { page } = companion
    for (const [name, enter, seen] of STATES) {
      await enter(companion)
      await see(page, seen)
      await judgeByAxe(page, name)
      if (colorScheme === 'light') await judgeWidths(page, name)
    }
  })
}

it('has every end, and every wait for the chats', async () => {
  // Two pages at a time: with more of them on a slow machine some wait so long that they say so.
  const ends = [...ENDS]
  const judgeNext = async (): Promise<void> => {
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      const [name, enter, seen] = end
      const context = await windows.profile(COMPUTER)
      // The wait before another dial is random: let it be long enough to look at.
      await context.addInitScript(() => (Math.random = () => 0.99))
      const companion = await openScripted(windows, context, server)
      await companion.say(qr(1))
      await enter(companion)
      await see(companion.page, seen)
      await judgeWidths(companion.page, name)
    }
  }
  await Promise.all([judgeNext(), judgeNext()])
})

it('says that the service fails until there is a code again, also while it dials', async () => {
  const context = await windows.profile(COMPUTER)
  await context.addInitScript(() => (Math.random = () => 0.99))
  const companion = await openScripted(windows, context, server)
  const { page, say, close, dialled } = companion
  const tryNow = page.getByRole('button', { name: 'Try now' })
  await close(1011)
  for (let failures = 1; failures < 3; failures++) {
    await see(page, { heading: 'Connection lost' })
    await tryNow.click()
    await close(1011)
  }
  const seen: Seen = {
    heading: 'Something went wrong on our side',
    words: ['We’re trying again.'],
    buttons: ['Try now'],
  }
  await see(page, seen)
  await judgeByAxe(page, 'service fails')
  await judgeWidths(page, 'service fails')
  await tryNow.click()
  await eventually('another dial', () => dialled() === 4 || undefined)
  // Longer than a wait for a code is silent.
  await page.waitForTimeout(1_500)
  await see(page, seen)
  await say(qr(1))
  await see(page, { heading: 'Use Tandem on this computer' })
})

it('says why there can be no code, before any socket is opened', async () => {
  const gates: [heading: string, words: string, prepare: () => void][] = [
    [
      'This page needs https',
      'Open it with an address that begins with https://.',
      () => Object.defineProperty(window, 'isSecureContext', { value: false }),
    ],
    [
      'This browser is too old',
      'Use a current Chrome, Edge, Firefox or Safari.',
      () => Reflect.deleteProperty(Array.prototype, 'toSpliced'),
    ],
    [
      'This browser is blocking storage',
      'You can link it, but you’ll scan again after closing this tab.',
      () =>
        Object.defineProperty(IDBFactory.prototype, 'open', {
          value() {
            throw new DOMException('', 'SecurityError')
          },
        }),
    ],
  ]
  for (const [heading, words, prepare] of gates) {
    const context = await windows.profile(COMPUTER)
    const { page, say, dialled } = await openScripted(windows, context, server, (opened) =>
      opened.addInitScript(prepare),
    )
    await see(page, { heading, words: [words] })
    await page.getByRole('status').filter({ hasText: heading }).waitFor({ state: 'attached' })
    expect(dialled()).toBe(0)
    await judge(page, heading)
    if (heading.includes('https')) {
      const open = page.getByRole('link', { name: 'Open with https' })
      expect(await open.getAttribute('href')).toBe('https://127.0.0.1/')
    }
    if (!heading.includes('storage')) continue
    await page.getByRole('button', { name: 'Link anyway' }).click()
    await say(qr(1))
    await shown(page, 1)
    expect(await page.getByLabel('Keep me signed in on this browser').isChecked()).toBe(false)
  }
})

it('says that it is offline, and shows a code when it is not', async () => {
  const context = await windows.profile(COMPUTER)
  const { page, say } = await openScripted(windows, context, server)
  await say(qr(1))
  await shown(page, 1)
  await context.setOffline(true)
  await see(page, { heading: 'You’re offline', words: ['A code will appear when you’re back online.'] })
  await context.setOffline(false)
  await shown(page, 1)
})

it('says each state aloud once, in order, and nothing when a code only rotates', async () => {
  const companion = await openScripted(windows, await windows.profile(COMPUTER), server, recordStatus)
  const { page, say } = companion
  const settle = (words: string): Promise<void> =>
    page.getByRole('status').filter({ hasText: words }).waitFor({ state: 'attached' })
  await say(qr(1))
  await settle('Use Tandem')
  for (const rotation of [2, 3, 4]) {
    await say(qr(rotation))
    await shown(page, rotation)
  }
  await say(qr(5))
  await settle('rest soon')
  await page.getByRole('button', { name: 'Keep showing codes' }).click()
  await say(qr(2))
  await shown(page, 2)
  await say(IDLE)
  await settle('Still there?')
  await say(qr(1))
  await settle('Use Tandem')
  await say(scanned())
  await settle('Check your phone')
  await page.getByRole('button', { name: 'Not you? Get a new code' }).click()
  await say(qr(1))
  await shown(page, 1)
  await say(scanned('47'))
  await settle('47')
  await say(DECLINED, qr(1))
  await settle('Declined')
  await say(qr(2))
  await shown(page, 2)
  await say(SPELLED)
  await settle('Enter this code')
  await say(scanned('12'))
  await settle('12')
  await say(LINKED)
  await settle('Linked to Ada')
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said)
  // A busy machine takes more than a second to the first code, and that is said.
  if (said[0] === 'Getting a code…') said.shift()
  expect(said).toEqual([
    'Use Tandem on this computer',
    'This page will rest soon.',
    'Still there? We stopped showing codes to keep your account safe.',
    'Use Tandem on this computer',
    'Check your phone. A phone scanned this code. Approve it there to go on.',
    'Use Tandem on this computer',
    'Type this number on your phone: 47',
    'Declined on the phone. Nothing was linked. Here is a new code.',
    'Enter this code on your phone: K 7 P Q, 2 M W X. Good for 5 minutes.',
    'Type this number on your phone: 12',
    'Linked to Ada. Loading your chats…',
  ])
})

it('counts the wait of a limited network down, and dials when it is over', async () => {
  const companion = await openScripted(windows, await windows.profile(COMPUTER), server, (page) => page.clock.install())
  const { page, say, close } = companion
  await say({ type: 'error', code: 'rate_limited', message: '', retryAfter: 95 })
  await close(4429)
  await page.getByText(/^Try again in 1:3\d\.$/).waitFor()
  await page.clock.fastForward(60_000)
  await page.getByText(/^Try again in 0:3\d\.$/).waitFor()
  await page.clock.fastForward(36_000)
  await say(qr(1))
  await shown(page, 1)
})

it('says in whole minutes how long a code to type is good, has more time for it, and goes back', async () => {
  const companion = await openScripted(windows, await windows.profile(COMPUTER), server, (page) => page.clock.install())
  const { page, say, sent } = companion
  await say(qr(1))
  const open = page.getByRole('button', { name: 'Can’t scan? Use a code instead' })
  await open.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => sent.map(({ type }) => type)).toEqual(['spell'])
  await say(SPELLED)
  await page.getByText('Good for 5 minutes.', { exact: true }).waitFor()
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Enter this code on your phone')
  await page.clock.fastForward(250_000)
  await page.getByText('Good for 1 minute.', { exact: true }).waitFor()
  await page.getByRole('status').filter({ hasText: 'Good for 1 minute.' }).waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'More time' }).click()
  await say(SPELLED)
  await page.getByText('Good for 5 minutes.', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Back to the QR code' }).click()
  await say(qr(1))
  await shown(page, 1)
  expect(sent.map(({ type }) => type)).toEqual(['spell', 'spell', 'wake'])
})

it('tells that there is no code to type just now, and keeps the one to scan', async () => {
  const { page, say } = await openScripted(windows, await windows.profile(COMPUTER), server)
  await say(qr(1))
  await page.getByRole('button', { name: 'Can’t scan? Use a code instead' }).click()
  await say({ type: 'error', code: 'rate_limited', message: '', retryAfter: 60 })
  await page.getByRole('main').getByText('No code to type right now').waitFor()
  await shown(page, 1)
})

async function see(page: Page, { heading, words = [], buttons = [] }: Seen): Promise<void> {
  const main = page.getByRole('main')
  if (heading !== undefined) await main.getByRole('heading', { name: heading }).waitFor()
  for (const text of words) await main.getByText(text, { exact: true }).waitFor()
  for (const name of buttons) await main.getByRole('button', { name }).waitFor()
}

/** Narrow; with text of twice the size (WCAG 2.2, 1.4.4) from right to left; and as wide as screens are. */
async function judgeWidths(page: Page, name: string): Promise<void> {
  const { width, height } = page.viewportSize()!
  for (const [windowWidth, size, dir] of [
    [320, '', 'ltr'],
    [360, '200%', 'rtl'],
    [3840, '', 'rtl'],
  ] as const) {
    await page.setViewportSize({ width: windowWidth, height })
    const { needed, given } = await page.evaluate(
      (set) => {
        const { style } = document.documentElement
        style.fontSize = set.size
        document.documentElement.dir = set.dir
        const { scrollWidth, clientWidth } = document.documentElement
        return { needed: scrollWidth, given: clientWidth }
      },
      { size, dir },
    )
    expect(needed, `${name} at ${windowWidth} pixels, ${size || '100%'} text, ${dir}`).toBeLessThanOrEqual(given)
  }
  await page.evaluate(() => {
    document.documentElement.style.fontSize = ''
    document.documentElement.dir = 'ltr'
  })
  await page.setViewportSize({ width, height })
}

async function shown(page: Page, rotation: number): Promise<void> {
  await page.locator(`img[src="/scripted/token-${rotation}.svg"]`).waitFor()
}

/** Writes down what the live region says. What a screen reader would not read again is not written twice. */
async function recordStatus(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const said: string[] = []
    Object.assign(window, { said })
    let last = ''
    new MutationObserver(() => {
      const words = document.querySelector('[role=status]')?.textContent?.trim() ?? ''
      if (words !== last && words !== '') said.push(words)
      last = words
    }).observe(document, { subtree: true, childList: true, characterData: true })
  })
}
