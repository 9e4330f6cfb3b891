/** The code over time: there at once on a slow network, always whole on the screen, larger when pressed, kept by the person. */
import type { CDPSession, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { findTool, readWithZbar } from '../support/outside/chromium.ts'
import { useServer } from '../support/outside/servers.ts'
import { openScripted, qr, scanned } from './scripted.ts'
import { COMPUTER, useWindows } from './windows.ts'

/** A telephone line's worth: 400 ms to the service, 400 kbit/s each way. */
const SLOW = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 }
const SWAPS = 20

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('says on a slow network after a second that a code is coming, and shows it within four', async () => {
  const context = await windows.profile(COMPUTER)
  const page = await windows.page(context)
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', SLOW)
  await page.addInitScript(takeTimes)
  await page.goto(`${server.origin}/`, { waitUntil: 'commit' })
  await page.getByRole('img', { name: 'Code that links this browser to your phone' }).waitFor()
  const { said, shown } = await page.evaluate(() => (window as unknown as { times: Times }).times)
  expect(said).toBeGreaterThan(500)
  // Two round trips, for the page and its styles, are nearly a second; the rest is for a busy machine.
  expect(said).toBeLessThan(2_000)
  expect(shown).toBeLessThan(4_000)
})

it('opens its socket before the scripts that draw are there', async () => {
  const page = await windows.page(await windows.profile(COMPUTER))
  const drawing = Promise.withResolvers<void>()
  await page.route(/\/chunks\/companion-page-/, async (route) => {
    await drawing.promise
    await route.continue()
  })
  const socket = page.waitForEvent('websocket')
  await page.goto(`${server.origin}/`, { waitUntil: 'commit' })
  await (await socket).waitForEvent('framereceived', ({ payload }) => String(payload).includes('"qr"'))
  drawing.resolve()
  await page.getByRole('img', { name: 'Code that links this browser to your phone' }).waitFor()
})

it.skipIf(findTool('zbarimg') === undefined)(
  'holds a code that a decoder reads in every frame around twenty swaps',
  async () => {
    const { page, say } = await openScripted(windows, await windows.profile(COMPUTER), server)
    const swap = async (rotation: number): Promise<void> => {
      await say(qr(rotation, { rotations: 60 }))
      await page.locator(`img[src="/scripted/token-${rotation}.svg"]`).waitFor()
    }
    await swap(1)
    const frames = await screencast(await page.context().newCDPSession(page), async () => {
      for (let rotation = 2; rotation <= SWAPS + 1; rotation++) {
        await swap(rotation)
        // Until it has been painted.
        await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))))
      }
    })
    const read = await Promise.all(frames.map((frame) => readWithZbar(frame)))
    for (const codes of read) expect(codes).toEqual([expect.stringMatching(/token-\d+\.svg$/)])
    expect(new Set(read.flat()).size).toBeGreaterThanOrEqual(SWAPS)
  },
)

it('is enlarged by a press, in whole pixels on white, goes on rotating, and is made small by a press or Escape', async () => {
  const { page, say } = await openScripted(
    windows,
    await windows.profile({ ...COMPUTER, colorScheme: 'dark', deviceScaleFactor: 1.5 }),
    server,
  )
  await say(qr(1))
  const small = page.getByRole('button', { name: 'Make the code larger' })
  await small.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Code that links this browser to your phone' })
  await dialog.waitFor()
  for (const rotation of [1, 2]) {
    if (rotation > 1) await say(qr(rotation))
    const picture = dialog.locator(`img[src="/scripted/token-${rotation}.svg"]`)
    await picture.waitFor()
    const { width } = (await picture.boundingBox())!
    expect(width).toBeGreaterThan(600)
    const modules = await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)
    expect((width * 1.5) / modules).toBeCloseTo(Math.round((width * 1.5) / modules), 2)
  }
  expect(await dialog.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(255, 255, 255)')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await small.locator('img').waitFor()
  expect(await small.evaluate((element) => element === document.activeElement)).toBe(true)
  await small.click()
  await dialog.getByRole('button', { name: 'Make the code smaller' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await small.click()
  // A phone was faster.
  await say(scanned('47'))
  await page.getByText('47', { exact: true }).waitFor()
  expect(await dialog.count()).toBe(0)
})

it('stays for as long as the person wants: ten budgets in a row by the keyboard, and the picture is never absent', async () => {
  const { page, say, sent } = await openScripted(windows, await windows.profile(COMPUTER), server)
  await say(qr(1))
  await page.getByRole('button', { name: 'Make the code larger' }).locator('img').waitFor()
  await watchAbsence(page)
  const keep = page.getByRole('button', { name: 'Keep showing codes' })
  for (let budget = 1; budget <= 10; budget++) {
    for (const rotation of [2, 3, 4, 5]) {
      await say(qr(rotation))
      await page.locator(`img[src="/scripted/token-${rotation}.svg"]`).waitFor()
    }
    await keep.focus()
    await page.keyboard.press('Enter')
    await keep.waitFor({ state: 'detached' })
    await expect.poll(() => sent.filter(({ type }) => type === 'wake').length).toBe(budget)
    // The focus is not lost with the button.
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BUTTON')
  }
  expect(await page.evaluate(() => (window as unknown as { absent: number }).absent)).toBe(0)
})

it('moves nothing but a ring for the last five seconds of a code, and not even that where motion is unwanted', async () => {
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    const context = await windows.profile({ ...COMPUTER, reducedMotion })
    const { page, say } = await openScripted(windows, context, server, (opened) => opened.clock.install())
    await say(qr(1))
    await page.locator('img[src="/scripted/token-1.svg"]').waitFor()
    const moving = (): Promise<string[]> =>
      page.evaluate(() =>
        document
          .getAnimations()
          .filter(({ playState }) => playState === 'running')
          .map(({ effect }) => String(effect?.getTiming().duration)),
      )
    expect(await moving()).toEqual([])
    // The page's clock goes on meanwhile: three seconds are left for a busy machine, and four after that.
    await page.clock.fastForward(12_000)
    expect(await page.locator('.ring').count()).toBe(0)
    await page.clock.fastForward(4_000)
    await page.locator('.ring').waitFor({ state: 'attached' })
    expect(await moving()).toEqual(reducedMotion === 'reduce' ? [] : ['5000'])
    await say(qr(2))
    await page.locator('.ring').waitFor({ state: 'detached' })
    expect(await moving()).toEqual([])
  }
})

interface Times {
  said: number
  shown: number
}

/** In the page: when the words and the code could be seen, from the moment that the page was asked for. */
function takeTimes(): void {
  const times: Times = { said: 0, shown: 0 }
  Object.assign(window, { times })
  const look = (): void => {
    const words = document.querySelector('.waiting .caption')
    const fading = words?.closest('#starting')
    const seen =
      words?.textContent?.trim() === 'Getting a code…' && (!fading || Number(getComputedStyle(fading).opacity) > 0.5)
    if (seen) times.said ||= performance.now()
    if (document.querySelector<HTMLImageElement>('.code-box img')?.complete) times.shown ||= performance.now()
    if (times.shown === 0) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** The frames that Chromium paints during `meanwhile`. */
async function screencast(session: CDPSession, meanwhile: () => Promise<unknown>): Promise<Buffer[]> {
  const frames: Buffer[] = []
  session.on('Page.screencastFrame', ({ data, sessionId }) => {
    frames.push(Buffer.from(data, 'base64'))
    void session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined)
  })
  await session.send('Page.startScreencast', { format: 'png' })
  await meanwhile()
  await session.send('Page.stopScreencast')
  return frames
}

/** Counts the frames in which no picture stands on the page. */
async function watchAbsence(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.assign(window, { absent: 0 })
    const look = (): void => {
      const picture = document.querySelector<HTMLImageElement>('.code-box img')
      const stands = picture?.complete && picture.getBoundingClientRect().width > 100
      if (!stands) (window as unknown as { absent: number }).absent++
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
}
