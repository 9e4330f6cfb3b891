/**
 * How soon a code before the camera is read: twenty clips of what phones see of a screen, from the first frame of the
 * camera to the page's call about the code.
 */
import type { Page } from 'playwright-core'
import { afterAll, expect, it } from 'vitest'
import { openBrowser } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { createClipCamera, film, type Shot } from './clips.ts'
import { openPhone } from './phone.ts'
import { PHONE, refused, useWindows } from './windows.ts'

const P95_MS = 1_000
const ALL_MS = 25_000

/** A phone is held at arm's length or closer, so a code is a third to two thirds of the picture's height. */
const SHOTS: readonly ({ name: string } & Shot)[] = [
  { name: 'straight ahead', size: 0.6 },
  { name: 'close', size: 0.92 },
  { name: 'far', size: 0.3 },
  { name: 'very far', size: 0.22 },
  { name: 'turned by 30°', size: 0.6, roll: 30 },
  { name: 'turned by −30°, far', size: 0.35, roll: -30 },
  { name: 'turned by 90°', size: 0.6, roll: 90 },
  { name: 'upside down', size: 0.5, roll: 180 },
  { name: '15° from the side', size: 0.6, yaw: 15 },
  { name: '15° from below', size: 0.6, pitch: 15 },
  { name: '15° from the side and above, turned', size: 0.55, yaw: -15, pitch: -15, roll: 20 },
  { name: '30° from the side', size: 0.6, yaw: 30 },
  { name: 'out of focus', size: 0.6, blur: 3 },
  { name: 'out of focus, turned by 30°', size: 0.5, blur: 2, roll: 30 },
  { name: 'low light', size: 0.6, light: 0.2, noise: 6 },
  { name: 'lower light, out of focus', size: 0.6, light: 0.12, noise: 4, blur: 1.5 },
  { name: 'much noise', size: 0.55, noise: 22 },
  { name: 'little contrast', size: 0.6, light: 0.35, haze: 130, noise: 4 },
  { name: 'at the edge', size: 0.35, x: 0.62, y: -0.2, roll: 10 },
  { name: 'everything at once', size: 0.5, roll: 30, yaw: 15, pitch: 10, blur: 1.5, light: 0.4, noise: 8 },
]

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
let camera: Awaited<ReturnType<typeof createClipCamera>> | undefined
const phones = useWindows(
  async () => (camera = await createClipCamera(await film(await blankPicture(), { size: 0.5 }))),
)
afterAll(() => camera?.remove())

it(
  'reads a code within a second of the camera’s first frame in 19 of 20 clips: turned, tilted, far, out of focus, in bad light',
  { timeout: 40_000 },
  async () => {
    const { socket, qr } = await openBrowser(server)
    const picture = Buffer.from(await (await fetch(server.origin + qr.image)).arrayBuffer())
    const clips = await Promise.all(SHOTS.map((shot) => film(picture, shot)))
    const { page } = await openPhone(phones, await phones.profile(PHONE), server)
    phones.allowErrors(refused(410))
    const read: string[] = []
    // The code is read again and again, so its question is not asked: the page is told that it has changed.
    await page.route('**/v1/link/scan', async (route) => {
      read.push((route.request().postDataJSON() as { token: string }).token)
      const problem = { type: 'about:blank', title: 'Gone', status: 410, code: 'link_token_invalid' }
      await route.fulfill({ status: 410, contentType: 'application/problem+json', json: problem })
    })
    await keepTime(page)
    const startedAt = Date.now()
    const times: { name: string; ms: number }[] = []
    await camera!.play(clips[0]!)
    await page.getByRole('button', { name: 'Link a device' }).click()
    for (const [index, { name }] of SHOTS.entries()) {
      await page.getByRole('heading', { name: 'This code has changed' }).waitFor()
      times.push({ name, ms: await timeTaken(page) })
      const next = clips[index + 1]
      if (next === undefined) break
      await camera!.play(next)
      await page.getByRole('button', { name: 'Scan again' }).click()
    }
    const took = Date.now() - startedAt
    const sorted = times.map(({ ms }) => ms).toSorted((a, b) => a - b)
    const words = times.map(({ name, ms }) => `${name}: ${Math.round(ms)} ms`).join('\n')
    console.log(`${words}\nmedian ${Math.round(sorted[10]!)} ms, 20 clips in ${took} ms`)
    expect(read).toEqual(SHOTS.map(() => qr.token))
    expect(sorted[Math.ceil(sorted.length * 0.95) - 1], words).toBeLessThan(P95_MS)
    expect(took).toBeLessThan(ALL_MS)
    await socket.close()
  },
)

/** A code's picture that says nothing to anyone. */
async function blankPicture(): Promise<Buffer> {
  return Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8H0z" fill="#ddd"/></svg>',
  )
}

interface Timed {
  firstFrameAt: number
  calledAt: number
}

/** Watches, by the page's own clock, when a camera's first frame is shown and when the page calls about a code. */
function keepTime(page: Page): Promise<void> {
  return page.evaluate(() => {
    const timed = { firstFrameAt: 0, calledAt: 0 }
    Object.assign(window, { timed })
    const { play } = HTMLMediaElement.prototype
    HTMLMediaElement.prototype.play = function (this: HTMLVideoElement) {
      timed.firstFrameAt = 0
      // Of the media events the one for "the first frame is there"; a frame callback waits for the next drawing.
      this.addEventListener('loadeddata', () => (timed.firstFrameAt = performance.now()), { once: true })
      return play.call(this)
    }
    const { fetch } = window
    window.fetch = (input, init) => {
      if (typeof input === 'string' && input.endsWith('/v1/link/scan')) timed.calledAt = performance.now()
      return fetch(input, init)
    }
  })
}

async function timeTaken(page: Page): Promise<number> {
  const { firstFrameAt, calledAt } = await page.evaluate(() => (window as unknown as { timed: Timed }).timed)
  expect(firstFrameAt).toBeGreaterThan(0)
  return calledAt - firstFrameAt
}
