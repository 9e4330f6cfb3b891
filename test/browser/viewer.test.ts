/** Looking at photos over the whole window, and hearing one thing at a time. */
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import { linkedPage, photo, sendMedia, wave } from './chat.ts'
import { useWindows } from './windows.ts'

const server = useServer()
const windows = useWindows()

it('photos have their place before they come, and are looked at by keys, buttons, wheel and fingers', async () => {
  const { page, friend, conversation } = await linkedPage(windows, server)
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  await page.route('**/v1/media/**', async (route) => {
    await held
    await route.continue()
  })
  const ids: string[] = []
  for (const [name, width, height] of [
    ['tall.png', 300, 900],
    ['wide.png', 1600, 800],
    ['small.png', 200, 150],
  ] as const) {
    const announced = { contentType: 'image/png', name, width, height }
    ids.push(await sendMedia(server, friend, conversation, await photo(width, height), announced, `The ${name}`))
  }
  const thumbnails = page.getByRole('button', { name: 'Open the photo' })
  await expect.poll(() => thumbnails.count()).toBe(3)
  const before = await sizes(thumbnails)
  expect(before).toEqual(['200x399', '320x160', '200x150'])
  // Their words wrap where they end.
  expect(await bubblesBesidePictures(page)).toEqual([])
  letGo()
  for (const image of await thumbnails.locator('img').all()) {
    await expect
      .poll(() => image.evaluate((element: HTMLImageElement) => element.complete && element.naturalWidth))
      .toBeTruthy()
  }
  expect(await sizes(thumbnails)).toEqual(before)

  // From one to the next, and no further than there are.
  await thumbnails.nth(1).focus()
  await page.keyboard.press('Enter')
  const viewer = page.getByRole('dialog', { name: /Photo from/ })
  await seesWhole(viewer, 'wide.png')
  await viewer.getByText('The wide.png').waitFor()
  await viewer.getByText('2 of 3').waitFor()
  await page.keyboard.press('ArrowRight')
  await seesWhole(viewer, 'small.png')
  await page.keyboard.press('ArrowRight')
  await viewer.getByText('3 of 3').waitFor()
  expect(await viewer.getByRole('button', { name: 'Next photo' }).count()).toBe(0)
  await viewer.getByRole('button', { name: 'Previous photo' }).click()
  await seesWhole(viewer, 'wide.png')

  // Larger and smaller: keys, buttons, wheel, two presses. The arrow keys move what is larger than the window.
  const picture = viewer.locator('.viewer-picture')
  expect(await placing(picture)).toEqual({ x: 0, y: 0, scale: 1 })
  await page.keyboard.press('+')
  expect((await placing(picture)).scale).toBeCloseTo(1.5)
  await page.keyboard.press('ArrowRight')
  expect((await placing(picture)).x).toBeLessThan(0)
  await seesWhole(viewer, 'wide.png')
  await viewer.getByRole('button', { name: 'Zoom out' }).click()
  expect(await placing(picture)).toEqual({ x: 0, y: 0, scale: 1 })
  await viewer.getByRole('button', { name: 'Zoom in' }).click()
  await page.keyboard.press('0')
  await page.mouse.move(400, 400)
  await page.mouse.wheel(0, -300)
  await expect.poll(async () => (await placing(picture)).scale).toBeGreaterThan(2)
  const zoomed = await placing(picture)
  await page.mouse.down()
  await page.mouse.move(500, 420)
  await page.mouse.up()
  expect((await placing(picture)).x).toBeCloseTo(zoomed.x + 100)
  await page.mouse.dblclick(640, 400)
  await expect.poll(() => placing(picture)).toEqual({ x: 0, y: 0, scale: 1 })

  await pinch(page, 60, 240)
  await expect.poll(async () => (await placing(picture)).scale).toBeCloseTo(4)
  await page.keyboard.press('0')

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    viewer.getByRole('link', { name: 'Download' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('wide.png')
  await page.keyboard.press('Escape')
  await viewer.waitFor({ state: 'detached' })
  await expect.poll(() => thumbnails.nth(1).evaluate((element) => element === document.activeElement)).toBe(true)

  // Taken back while it is looked at: gone at once.
  await thumbnails.last().click()
  await seesWhole(viewer, 'small.png')
  await friend.ok({ type: 'delete', conversation, id: ids[2], for: 'all' })
  await viewer.waitFor({ state: 'detached' })

  // One that cannot be had keeps its place, or what its words need.
  windows.allowErrors(/ERR_FAILED/)
  await page.unrouteAll()
  await page.route('**/v1/media/**', (route) => route.abort())
  const lost = page.locator('.media-failed')
  for (const [count, width, height] of [
    [1, 640, 480],
    [2, 1600, 160],
  ] as const) {
    const announced = { contentType: 'image/png', name: 'lost.png', width, height }
    await sendMedia(server, friend, conversation, await photo(width, height), announced, 'Lost')
    await expect.poll(() => lost.count()).toBe(count)
  }
  expect((await sizes(lost))[0]).toBe('320x240')
  const [place, again] = await Promise.all([
    lost.last().boundingBox(),
    lost.last().getByRole('button', { name: 'Try again' }).boundingBox(),
  ])
  expect(again!.y + again!.height).toBeLessThanOrEqual(place!.y + place!.height)
  await page.unrouteAll()
  await lost.last().getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => lost.count()).toBe(1)
})

it('one sound is heard at a time, from where one wants, and no more once it is taken back', async () => {
  const { page, friend, conversation } = await linkedPage(windows, server)
  const ids: string[] = []
  for (const name of ['first.wav', 'second.wav']) {
    const announced = { contentType: 'audio/wav', name, duration: 20 }
    ids.push(await sendMedia(server, friend, conversation, wave(20), announced))
  }
  const [first, second] = ['first.wav', 'second.wav'].map((name) => page.getByRole('group', { name }))
  await first!.getByRole('button', { name: 'Play' }).click()
  await first!.getByRole('button', { name: 'Pause' }).waitFor()
  await first!.getByRole('slider').press('ArrowRight')
  await first!.getByRole('slider').press('ArrowRight')
  await expect.poll(() => position(first!)).toBeGreaterThanOrEqual(10)
  // Where the other is to begin is said before it plays.
  await second!.getByRole('slider').fill('15')
  await second!.getByRole('button', { name: 'Play' }).click()
  await second!.getByRole('button', { name: 'Pause' }).waitFor()
  await first!.getByRole('button', { name: 'Play' }).waitFor()
  await expect.poll(() => position(second!)).toBeGreaterThanOrEqual(15)
  expect(await second!.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/^0:1\d of 0:20$/)
  await friend.ok({ type: 'delete', conversation, id: ids[1], for: 'all' })
  await second!.waitFor({ state: 'detached' })
  await first!.getByRole('button', { name: 'Play' }).waitFor()
})

async function seesWhole(viewer: Locator, name: string): Promise<void> {
  const image = viewer.getByRole('img', { name, exact: true })
  await image.waitFor()
  await expect
    .poll(() => image.evaluate((element: HTMLImageElement) => element.complete && element.naturalWidth))
    .toBeTruthy()
}

/** Bubbles that leave more beside their picture than their own edge. */
function bubblesBesidePictures(page: Page): Promise<(string | null)[]> {
  return page
    .locator('.bubble:has(media-picture)')
    .evaluateAll((bubbles) =>
      bubbles
        .filter((bubble) => bubble.clientWidth - (bubble.querySelector('.media-link')?.clientWidth ?? 0) > 12)
        .map(({ textContent }) => textContent),
    )
}

async function sizes(of: Locator): Promise<string[]> {
  const boxes = await Promise.all((await of.all()).map((one) => one.boundingBox()))
  return boxes.map((box) => `${Math.round(box!.width)}x${Math.round(box!.height)}`)
}

/** How a picture lies, of its computed transform. */
async function placing(picture: Locator): Promise<{ x: number; y: number; scale: number }> {
  return picture.evaluate((element) => {
    const { a, e, f } = new DOMMatrix(getComputedStyle(element).transform)
    return { x: e, y: f, scale: a }
  })
}

/** Two fingers on the middle of the window, so far apart before and after. */
async function pinch(page: Page, from: number, to: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const fingers = (apart: number): { id: number; x: number; y: number }[] =>
    [-1, 1].map((side) => ({ id: side + 1, x: 640 + (side * apart) / 2, y: 428 }))
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(from) })
  for (let step = 1; step <= 6; step++) {
    const touchPoints = fingers(from + ((to - from) * step) / 6)
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints })
  }
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}

async function position(player: Locator): Promise<number> {
  return Number(await player.getByRole('slider').inputValue())
}
