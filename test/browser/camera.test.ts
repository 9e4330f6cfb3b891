/**
 * The phone's camera: what it finds that is no code of ours, its light, its end; and where it cannot be used, refused, not
 * there, busy, each with its words and its ways on.
 */
import type { Locator, Page } from 'playwright-core'
import QRCode from 'qrcode-svg'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import { openPhone, signInOn } from './phone.ts'
import { GAVE_UP, PHONE, useWindows } from './windows.ts'

const server = useServer()
/** A camera, and a person who is asked; nobody answers for them, so a headless browser says no. */
const asking = useWindows('ask')
const blind = useWindows('none')

it('says that the camera is switched off for this site where it is refused, and offers a picture or a code', async () => {
  const { page } = await openPhone(asking, await asking.profile(PHONE), server)
  await page.getByRole('button', { name: 'Link a device' }).click()
  await page.getByRole('heading', { name: 'Camera is switched off for this site' }).waitFor()
  await seeWaysOn(page)
})

it('says that there is no camera, and offers a picture or a code', async () => {
  const { page } = await openPhone(blind, await blind.profile(PHONE), server)
  await page.getByRole('button', { name: 'Link a device' }).click()
  await page.getByRole('heading', { name: 'No camera found' }).waitFor()
  await seeWaysOn(page)
})

it('says that another app uses the camera, and tries again when asked', async () => {
  const { page } = await openPhone(asking, await asking.profile(PHONE), server)
  // No browser can be started with a camera that another program holds: the refusal is the one that browsers give.
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('Could not start video source', 'NotReadableError')
    }
  })
  await page.getByRole('button', { name: 'Link a device' }).click()
  await page.getByRole('heading', { name: 'Another app is using the camera' }).waitFor()
  await page.getByText('Close it and try again.').waitFor()
  await page.evaluate(() => Reflect.deleteProperty(navigator.mediaDevices, 'getUserMedia'))
  await page.context().grantPermissions(['camera'])
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Point at the code on the other screen').waitFor()
})

it('keeps the keyboard on a tool when the notice takes the place of the bar, with the dialog open or not', async () => {
  const { page } = await openPhone(asking, await asking.profile(PHONE), server)
  // The refusal comes when the test says so: after the person has reached the bar, or while the dialog is open.
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () =>
      new Promise((_, reject) => {
        addEventListener('refuse', () => reject(new DOMException('Permission denied', 'NotAllowedError')))
      })
  })
  const refuse = (): Promise<boolean> => page.evaluate(() => dispatchEvent(new Event('refuse')))
  const enter = page.getByRole('button', { name: 'Enter code' })
  const denied = page.getByRole('heading', { name: 'Camera is switched off for this site' })
  const hasFocus = (): Promise<boolean> => enter.evaluate((button) => button === document.activeElement)

  await page.getByRole('button', { name: 'Link a device' }).click()
  await enter.focus()
  await refuse()
  await denied.waitFor()
  expect(await hasFocus()).toBe(true)

  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Link a device' }).click()
  await enter.click()
  await page.getByRole('dialog').waitFor()
  await refuse()
  // What lies under the open dialog is not shown.
  await page.getByText('Camera is switched off for this site').waitFor({ state: 'attached' })
  await page.keyboard.press('Escape')
  await expect.poll(hasFocus).toBe(true)
})

it('says that the camera needs a secure address, and offers a picture or a code', async () => {
  const { page } = await openPhone(asking, await asking.profile(PHONE), server)
  // A browser that finds the address insecure has no cameras at all.
  await page.evaluate(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }))
  await page.getByRole('button', { name: 'Link a device' }).click()
  await page.getByRole('heading', { name: 'This page needs https' }).waitFor()
  await seeWaysOn(page)
})

it('loads the decoder on the scan screen only, says after eight seconds what may help, and names a code that is not ours', async () => {
  const context = await asking.profile({ ...PHONE, permissions: ['camera'] })
  const page = await asking.page(context)
  const decoders: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('.wasm')) decoders.push(request.url())
  })
  await page.clock.install()
  await page.goto(`${server.origin}/phone`)
  await signInOn(page)
  await page.getByRole('button', { name: 'Linked devices' }).click()
  await page.getByRole('heading', { name: 'No linked devices' }).waitFor()
  await page.getByRole('button', { name: 'Back' }).click()
  expect(decoders).toEqual([])
  const scan = page.getByRole('button', { name: 'Link a device' })
  const decoder = page.waitForResponse(/\.wasm$/)
  await scan.click()
  expect((await decoder).ok()).toBe(true)
  const video = page.locator('video')
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState)).toBe(4)
  const hint = page.getByRole('status')
  expect(await hint.innerText()).toBe('Point at the code on the other screen')
  asking.allowErrors(GAVE_UP)
  await page.clock.runFor(8_100)
  await expect.poll(() => hint.innerText()).toBe('Move closer or further away, or make the code larger on the screen.')

  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a picture' }).click()
  const foreign = await pictureOf('https://example.com/')
  await (await choosing).setFiles({ name: 'code.png', mimeType: 'image/png', buffer: foreign })
  await expect.poll(() => hint.innerText()).toBe('That isn’t a Tandem code')
  await page.clock.runFor(3_100)
  await expect.poll(() => hint.innerText()).toBe('Move closer or further away, or make the code larger on the screen.')
  expect(decoders).toHaveLength(1)
})

it('switches the light of a camera that has one, and shows no switch for one that has none', async () => {
  const context = await asking.profile({ ...PHONE, permissions: ['camera'] })
  const { page } = await openPhone(asking, context, server)
  await page.getByRole('button', { name: 'Link a device' }).click()
  await page.getByRole('button', { name: 'Enter code' }).waitFor()
  const light = page.getByRole('button', { name: 'Light' })
  expect(await light.count()).toBe(0)
  await page.getByRole('button', { name: 'Close' }).click()
  // Chromium's test camera is a computer's: the light is put before it.
  await page.evaluate(() => {
    const applied: unknown[] = []
    Object.assign(window, { applied })
    MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true }) as MediaTrackCapabilities
    MediaStreamTrack.prototype.applyConstraints = async (constraints) => void applied.push(constraints?.advanced)
  })
  await page.getByRole('button', { name: 'Link a device' }).click()
  await light.click()
  await expect.poll(() => light.getAttribute('aria-pressed')).toBe('true')
  await light.click()
  await expect.poll(() => light.getAttribute('aria-pressed')).toBe('false')
  const applied = await page.evaluate(() => (window as unknown as { applied: unknown[] }).applied)
  expect(applied).toEqual([[{ torch: true }], [{ torch: false }]])
})

it('frames what it looks at: 256 pixels at 40 % of the height, smaller where there is less, and never under the bar', async () => {
  const context = await asking.profile({ ...PHONE, permissions: ['camera'], reducedMotion: 'reduce' })
  const { page } = await openPhone(asking, context, server)
  await page.getByRole('button', { name: 'Link a device' }).click()
  const enter = page.getByRole('button', { name: 'Enter code' })
  await enter.waitFor()
  const frame = page.locator('.scan-frame')
  const boxes = async () => {
    const [seen, tool, hint, close] = await Promise.all([
      frame.boundingBox(),
      enter.boundingBox(),
      page.getByRole('status').boundingBox(),
      page.getByRole('button', { name: 'Close' }).boundingBox(),
    ])
    return { seen: seen!, tool: tool!, hint: hint!, close: close! }
  }
  const { seen, tool, hint } = await boxes()
  expect([seen.width, seen.height]).toEqual([256, 256])
  const middle = (seen.y + seen.height / 2) / PHONE.viewport.height
  expect(middle).toBeGreaterThan(0.37)
  expect(middle).toBeLessThan(0.43)
  expect(hint.y + hint.height).toBeLessThanOrEqual(seen.y)
  expect(tool.height).toBeGreaterThanOrEqual(44)

  // The smallest phone, and one that is held across; each also with text twice as large, or from right to left.
  for (const [width, height, size, dir] of [
    [320, 568, '100%', 'ltr'],
    [320, 568, '100%', 'rtl'],
    [360, 740, '200%', 'ltr'],
    [740, 360, '100%', 'ltr'],
    [740, 360, '100%', 'rtl'],
  ] as const) {
    const name = `${width} × ${height}, ${size}, ${dir}`
    await page.setViewportSize({ width, height })
    await page.evaluate((style) => Object.assign(document.documentElement.style, style), { fontSize: size })
    await page.evaluate((value) => void (document.documentElement.dir = value), dir)
    const now = await boxes()
    expect(now.seen.width, name).toBeGreaterThan(180)
    expect(now.seen.width, name).toBe(now.seen.height)
    expect(apart(now.seen, now.tool) && apart(now.seen, now.hint) && apart(now.seen, now.close), name).toBe(true)
    expect(now.tool.y + now.tool.height, name).toBeLessThanOrEqual(height)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(width)
  }
})

it('stops the camera when the screen is left', async () => {
  const context = await asking.profile({ ...PHONE, permissions: ['camera'] })
  const { page } = await openPhone(asking, context, server)
  await page.getByRole('button', { name: 'Link a device' }).click()
  const video = page.locator('video')
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.videoWidth)).toBeGreaterThan(0)
  const track = await video.evaluateHandle((element: HTMLVideoElement) => {
    return (element.srcObject as MediaStream).getVideoTracks()[0]!
  })
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  await expect.poll(() => track.evaluate(({ readyState }) => readyState)).toBe('ended')
})

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>

function apart(a: Box, b: Box): boolean {
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
}

function pictureOf(content: string): Promise<Buffer> {
  return sharp(Buffer.from(new QRCode({ content, padding: 4, width: 300, height: 300 }).svg()))
    .png()
    .toBuffer()
}

async function seeWaysOn(page: Page): Promise<void> {
  await page.getByText(/use a picture or a code/i).waitFor()
  const problem = page.getByRole('alert')
  await problem.getByRole('button', { name: 'Choose a picture' }).waitFor()
  await problem.getByRole('button', { name: 'Enter code' }).click()
  await page.getByRole('dialog', { name: 'Enter code' }).getByRole('textbox').waitFor()
}
