/** The messages of a conversation: where it opens, what counts as read, that what is read stays where it is. */
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import { chatRow, eventually } from './companion.ts'
import {
  conversationOf,
  manyMessages,
  PEER,
  scriptService,
  type ScriptedConversation,
  type ScriptedService,
} from './scripted-service.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

const server = useServer()
const windows = useWindows()

it('opens where reading began, counts as read what rested on the screen, and leads to the newest', async () => {
  const messages = manyMessages('mara', 400)
  const unread = messages.filter(({ seq, from }) => seq > 300 && from === PEER).length
  const { page, service } = await open([{ ...conversationOf('mara', 'Mara', messages), readUpTo: 300, unread }])
  await chatRow(page, 'Mara').click()
  const line = page.getByText(`${unread} unread messages`)
  await line.waitFor()
  const first = messages.find(({ seq, from }) => seq > 300 && from === PEER)!
  const [lineBox, firstBox, listBox] = await Promise.all([box(line), box(bubble(page, first.seq)), box(scroller(page))])
  expect(firstBox.y).toBeGreaterThan(lineBox.y)
  expect(lineBox.y - listBox.y).toBeLessThan(listBox.height / 2)

  // Read is what can be read, and no more; nothing while nobody looks.
  const { upTo } = await eventually('a mark', () => service.asked.find(({ type }) => type === 'read'))
  expect(upTo).toBe((await seenIn(page)).at(-1))
  expect(upTo).toBeLessThan(330)
  await setVisibility(page, 'hidden')
  await wheel(page, 600)
  const further = (await seenIn(page)).at(-1)!
  expect(further).toBeGreaterThan(upTo)
  await page.waitForTimeout(600)
  expect(service.asked.filter(({ type }) => type === 'read')).toHaveLength(1)
  await setVisibility(page, 'visible')
  await eventually('another mark', () => service.asked.find(({ type, upTo: to }) => type === 'read' && to >= further))

  // What is below is counted on the way down.
  const left = messages.filter(({ seq, from }) => seq > further && from === PEER).length
  await page.getByRole('button', { name: `Go to the newest message, ${left} unread` }).waitFor()
  service.say('mara', 'Are you there?')
  const down = page.getByRole('button', { name: `Go to the newest message, ${left + 1} unread` })
  await down.click()
  await page.getByText('Are you there?').last().waitFor()
  await down.waitFor({ state: 'detached' })
  await eventually('the last mark', () => service.asked.find(({ type, upTo: to }) => type === 'read' && to === 401))
  await chatRow(page, 'Mara').getByText('unread').waitFor({ state: 'detached' })
  expect(await atEnd(page)).toBe(true)

  // What comes while one looks is read as it comes: not even for a moment is it counted. While nobody looks, it is.
  const counted = await watchCounts(page)
  service.say('mara', 'Still there?')
  await eventually('its mark', () => service.asked.find(({ type, upTo: to }) => type === 'read' && to === 402))
  await page.waitForTimeout(300)
  expect(await counted()).toEqual([])
  await setVisibility(page, 'hidden')
  service.say('mara', 'Hello?')
  await chatRow(page, 'Mara').getByText('1 unread').waitFor()
  expect(await counted()).toEqual(['(1) Tandem', '1 unread'])
})

it('has a shape while its messages come, and greets where nothing was said yet', async () => {
  const page = await windows.page(await windows.profile(COMPUTER))
  const service = await scriptService(page, [
    conversationOf('mara', 'Mara', manyMessages('mara', 40)),
    conversationOf('robin', 'Robin', []),
  ])
  await page.goto(`${server.origin}/`)
  const goOn = service.hold()
  await chatRow(page, 'Mara').click()
  const shape = page.locator('.talk-ghosts')
  await shape.waitFor()
  await page.getByText('Loading messages…').waitFor({ state: 'attached' })
  goOn()
  await page
    .getByText(/^40\. /)
    .last()
    .waitFor()
  expect(await shape.count()).toBe(0)
  await chatRow(page, 'Robin').click()
  await page.getByText('Write the first message.').waitFor()
})

it('keeps what is being read where it is, whatever loads, arrives, shrinks or is resized around it', async () => {
  const messages = manyMessages('mara', 1_000)
  // Pictures of a known size among them, which come late.
  for (const message of messages.filter(({ seq }) => seq % 23 === 0)) {
    const media = { contentType: 'image/png', bytes: 68, width: 400, height: 300, expiresAt: Date.now() + 3_600_000 }
    message.media = { id: `m${message.seq}`, url: `/v1/media/m${message.seq}`, ...media }
  }
  const { page, service } = await open([conversationOf('mara', 'Mara', messages)])
  const pictures = Promise.withResolvers<void>()
  await page.route('**/v1/media/**', async (route) => {
    await pictures.promise
    await route.fulfill({ contentType: 'image/png', body: PIXEL })
  })
  await chatRow(page, 'Mara').click()
  await bubble(page, 1_000).waitFor()

  // Older messages are held back until the motion has come to its end at the beginning of what is there.
  const release = service.hold()
  await wheel(page, -8_000)
  const reading = (await seenIn(page))[2]!
  const watched = await watch(bubble(page, reading))
  release()
  await expect.poll(async () => (await rowsIn(page))[0]).toBeLessThan(reading - 10)
  expect(await watched.moved()).toBeLessThanOrEqual(1)

  service.say('mara', 'One that arrives below')
  await page.getByRole('button', { name: 'Go to the newest message, 1 unread' }).waitFor()
  expect(await watched.moved()).toBeLessThanOrEqual(1)

  // One above what is seen shrinks.
  const above = (await rowsIn(page)).filter((seq) => seq < reading - 4)
  const long = messages.findLast(({ seq, text = '' }) => above.includes(seq) && text.length > 200)!
  service.takeBack('mara', long.id)
  await page
    .getByText(`${long.seq}. `, { exact: false })
    .first()
    .waitFor({ state: 'detached', timeout: 1_000 })
    .catch(() => undefined)
  await expect.poll(() => bubble(page, long.seq).count()).toBe(0)
  expect(await watched.moved()).toBeLessThanOrEqual(1)

  pictures.resolve()
  const image = page.getByRole('list', { name: 'Messages with Mara' }).locator('img').first()
  await expect.poll(() => image.evaluate((picture: HTMLImageElement) => picture.naturalWidth)).toBeGreaterThan(0)
  expect(await watched.moved()).toBeLessThanOrEqual(1)
  await watched.stop()

  // A narrower window wraps the lines anew: the first of which anything is seen ends where it ended.
  const first = await firstSeenIn(page)
  const end = await endOf(page, first)
  for (const width of [900, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    await expect.poll(async () => Math.abs((await endOf(page, first)) - end)).toBeLessThan(2)
  }

  // At the end it stays there, whatever the room.
  await page.getByRole('button', { name: /Go to the newest message/ }).click()
  await page.getByText('One that arrives below').last().waitFor()
  for (const height of [500, 800]) {
    await page.setViewportSize({ width: 1280, height })
    await expect.poll(() => atEnd(page)).toBe(true)
  }
  service.say('mara', 'And the next')
  await page.getByText('And the next').last().waitFor()
  await expect.poll(() => atEnd(page)).toBe(true)

  // Words that run the other way: the time has the bubble's end, in their only line and below their last.
  for (const words of ['סבבה', 'נתראה ליד הסירות '.repeat(12)]) {
    service.say('mara', words)
    const last = page.locator('.bubble', { hasText: words.trim() }).last()
    const [around, time] = [await box(last), await box(last.locator('.meta'))]
    expect(Math.abs(around.x + around.width - time.x - time.width)).toBeLessThan(14)
  }
})

it('shows one’s own message at once, and it is the same row, once, when the server has it', async () => {
  const { page, service } = await open([conversationOf('mara', 'Mara', manyMessages('mara', 100))])
  await chatRow(page, 'Mara').click()
  await bubble(page, 100).waitFor()
  await page.evaluate(() => {
    const copies: number[] = []
    const moved: string[] = []
    Object.assign(window, { copies, moved })
    const list = document.querySelector('.messages ol')!
    list.addEventListener('animationstart', (event) => moved.push((event as AnimationEvent).animationName))
    new MutationObserver(() => {
      copies.push([...list.children].filter(({ textContent }) => textContent.includes('Off we go')).length)
    }).observe(list, { childList: true, subtree: true, characterData: true })
  })
  // It comes so slowly that it is still coming when the service has it: it must not begin to come again.
  const debug = await page.context().newCDPSession(page)
  await debug.send('Animation.enable')
  await debug.send('Animation.setPlaybackRate', { playbackRate: 0.02 })
  const release = service.hold()
  await write(page, 'Off we go')
  await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
  const list = page.getByRole('list', { name: 'Messages with Mara' })
  const row = list.getByRole('listitem').filter({ hasText: 'Off we go' })
  await row.getByText('Sending').waitFor()
  const element = await row.elementHandle()
  const shape = await layoutOf(row)
  release()
  await row.getByText('Sent', { exact: true }).waitFor()
  expect(await row.evaluate((now, then) => now === then, element)).toBe(true)
  expect(await layoutOf(row)).toEqual(shape)
  expect(await atEnd(page)).toBe(true)
  const copies = await page.evaluate(() => (window as unknown as { copies: number[] }).copies)
  expect(new Set(copies)).toEqual(new Set([1]))
  expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual(['arrives'])
})

it('comes back to the place that was left, and is read by keyboard without losing the focus', async () => {
  const { page, service } = await open([
    conversationOf('mara', 'Mara', manyMessages('mara', 600)),
    conversationOf('robin', 'Robin', manyMessages('robin', 20)),
  ])
  await chatRow(page, 'Mara').click()
  await bubble(page, 600).waitFor()
  await wheel(page, -3_000)
  const [seen] = await seenIn(page)
  const { y } = await box(bubble(page, seen!))
  await chatRow(page, 'Robin').click()
  await bubble(page, 20).waitFor()
  expect(await atEnd(page)).toBe(true)
  await chatRow(page, 'Mara').click()
  await bubble(page, seen!).waitFor()
  await expect.poll(async () => Math.abs((await box(bubble(page, seen!))).y - y)).toBeLessThan(2)

  // End and Home on the list itself; then from message to message.
  await scroller(page).focus()
  await page.keyboard.press('End')
  await bubble(page, 600).waitFor()
  await expect.poll(() => atEnd(page)).toBe(true)
  await page.keyboard.press('ArrowUp')
  await expect.poll(() => focused(page)).toBe(600)
  for (let step = 0; step < 25; step++) await page.keyboard.press('ArrowUp')
  await expect.poll(() => focused(page)).toBe(575)
  await bubbleInView(page, 575)
  // Pages up and down are the browser's own; the row with the focus stays in the page, wherever it is.
  await expect
    .poll(async () => {
      await page.keyboard.press('PageUp')
      return (await seenIn(page))[0]
    })
    .toBeLessThan(530)
  expect(await focused(page)).toBe(575)
  await page.keyboard.press('ArrowUp')
  await expect.poll(() => focused(page)).toBe(574)
  await bubbleInView(page, 574)
  await page.keyboard.press('Enter')
  await page.getByRole('menu', { name: 'This message' }).getByRole('menuitem', { name: 'Reply' }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => focused(page)).toBe(574)
  await page.keyboard.press('End')
  await expect.poll(() => focused(page)).toBe(600)
  expect((await rowsIn(page)).length).toBeLessThanOrEqual(150)

  // A snapshot in between (away for long): the place is found again.
  await wheel(page, -4_000)
  const [reading] = await seenIn(page)
  service.snapshot()
  await bubble(page, reading!).waitFor()
  await bubbleInView(page, reading!)
})

it('goes to a message far back without all that came since, and closes the gap from both sides', async () => {
  const messages = manyMessages('mara', 5_000)
  messages[1_199]!.text = '1200. the lighthouse keeper'
  const { page, service } = await open([conversationOf('mara', 'Mara', messages)], PHONE)
  await page.getByRole('searchbox', { name: 'Search messages' }).fill('lighthouse')
  await page
    .getByRole('list', { name: 'Messages found' })
    .getByRole('button', { name: /lighthouse/ })
    .click()
  await bubble(page, 1_200).waitFor()
  await bubbleInView(page, 1_200)
  await expect.poll(() => focused(page)).toBe(1_200)
  expect(service.asked.filter(({ type }) => type === 'history').length).toBeLessThan(20)
  // On from there in both directions, over the ends of what was loaded.
  for (const [by, end] of [
    [-2_500, 1_100],
    [2_500, 1_420],
  ] as const) {
    // Three hundred messages, page by page, with a rest after each turn of the wheel.
    await expect
      .poll(
        async () => {
          await wheel(page, by)
          return (await seenIn(page))[0]! * Math.sign(by)
        },
        { timeout: 25_000 },
      )
      .toBeGreaterThan(end * Math.sign(by))
  }
  // The row that was gone to has the focus, and is kept wherever one goes.
  const rows = (await rowsIn(page)).filter((seq) => seq !== 1_200)
  expect(rows).toEqual(Array.from(rows, (_, index) => rows[0]! + index))
  await page.getByRole('button', { name: 'Go to the newest message' }).click()
  await bubble(page, 5_000).waitFor()
  expect(await atEnd(page)).toBe(true)
})

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A linked companion whose service is a script. */
/** @returns gives every count that the list or the title showed since, however briefly, in no order */
async function watchCounts(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const counts = new Set<string>()
    const look = (): void => {
      if (document.title !== 'Tandem') counts.add(document.title)
      for (const { textContent } of document.querySelectorAll('.chat-row .badge .visually-hidden'))
        counts.add(textContent)
    }
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
    return counts
  })
  return () => seen.evaluate((counts) => [...counts].toSorted())
}

async function open(
  conversations: ScriptedConversation[],
  screen: typeof COMPUTER | typeof PHONE = COMPUTER,
): Promise<{ page: Page; service: ScriptedService }> {
  const page = await windows.page(await windows.profile(screen))
  const service = await scriptService(page, conversations)
  await page.goto(`${server.origin}/`)
  await page.getByRole('list', { name: 'Chats' }).waitFor()
  return { page, service }
}

function scroller(page: Page): Locator {
  return page.getByRole('group', { name: /^Messages with/ })
}

/** The words of a message of {@link manyMessages}. */
function bubble(page: Page, seq: number): Locator {
  return scroller(page).getByText(new RegExp(`^${seq}\\. `))
}

async function bubbleInView(page: Page, seq: number): Promise<void> {
  await expect.poll(() => seenIn(page)).toContain(seq)
}

async function box(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const found = await locator.boundingBox()
  if (found === null) throw new Error('it is not on the page')
  return found
}

/** Where it stands in its list and how large it is, whatever moves it meanwhile. */
function layoutOf(locator: Locator): Promise<number[]> {
  return locator.evaluate((element: HTMLElement) => [element.offsetTop, element.offsetWidth, element.offsetHeight])
}

/** The numbers of the messages in the page, in order. */
function rowsIn(page: Page): Promise<number[]> {
  return scroller(page).evaluate((list) =>
    [...list.querySelectorAll('.words')].map(({ textContent }) => Number.parseInt(textContent, 10)).filter(Boolean),
  )
}

/** The numbers of the messages that are seen whole. */
function seenIn(page: Page): Promise<number[]> {
  return scroller(page).evaluate((list) => {
    const view = list.getBoundingClientRect()
    return [...list.querySelectorAll('.bubble')]
      .filter((element) => {
        const { top, bottom } = element.getBoundingClientRect()
        return top >= view.top && bottom <= view.bottom
      })
      .map(({ textContent }) => Number.parseInt(textContent.trim(), 10))
      .filter(Boolean)
  })
}

/** The number of the first message of which anything is on the screen. */
function firstSeenIn(page: Page): Promise<number> {
  return scroller(page).evaluate((list) => {
    const { top } = list.getBoundingClientRect()
    const first = [...list.querySelectorAll('.bubble')].find((element) => element.getBoundingClientRect().bottom > top)!
    return Number.parseInt(first.textContent.trim(), 10)
  })
}

/** How far below the top of its list a message ends. */
async function endOf(page: Page, seq: number): Promise<number> {
  const [{ y: top }, { y, height }] = await Promise.all([box(scroller(page)), box(bubble(page, seq))])
  return y + height - top
}

function atEnd(page: Page): Promise<boolean> {
  return scroller(page).evaluate(
    ({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2,
  )
}

/** The number of the message that has the focus. */
function focused(page: Page): Promise<number> {
  return page.evaluate(() => Number.parseInt(document.activeElement?.querySelector('.words')?.textContent ?? '', 10))
}

/** Turns the wheel over the list and waits until it rests. */
async function wheel(page: Page, by: number): Promise<void> {
  const { x, y, width, height } = await box(scroller(page))
  await page.mouse.move(x + width / 2, y + height / 2)
  for (let turned = 0; turned < Math.abs(by); turned += 500) await page.mouse.wheel(0, Math.sign(by) * 500)
  await scroller(page).evaluate(async (list) => {
    for (let still = 0, last = NaN; still < 30; last = list.scrollTop) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      still = list.scrollTop === last ? still + 1 : 0
    }
  })
}

/** Notes where an element is painted, in every frame. */
async function watch(locator: Locator): Promise<{ moved: () => Promise<number>; stop: () => Promise<void> }> {
  const notes = await locator.evaluateHandle((element) => {
    const state = { tops: [] as number[], on: true }
    const note = () => {
      // A new observer tells where its target was when the frame was laid out and settled: what a task finds before the
      // next frame, or the page's own callbacks within it, is not painted.
      const observer = new IntersectionObserver(([entry]) => {
        observer.disconnect()
        state.tops.push(element.isConnected ? entry!.boundingClientRect.top : NaN)
        if (state.on) requestAnimationFrame(note)
      })
      observer.observe(element)
    }
    note()
    return state
  })
  return {
    moved: async () => {
      const tops = await notes.evaluate(async (state) => {
        for (let frames = 0; frames < 4; frames++) await new Promise((resolve) => requestAnimationFrame(resolve))
        return state.tops
      })
      expect(tops.length).toBeGreaterThan(0)
      return Math.max(...tops.map((top) => Math.abs(top - tops[0]!)))
    },
    stop: async () => void (await notes.evaluate((state) => (state.on = false))),
  }
}

async function write(page: Page, words: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Write a message' }).fill(words)
  await page.getByRole('textbox', { name: 'Write a message' }).press('Enter')
}

/** A headless browser keeps every page visible: it is told what a browser would tell it. */
async function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}
