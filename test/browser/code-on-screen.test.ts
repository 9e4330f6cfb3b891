/** The code as it stands on the screen: read by a decoder that is not ours, in either theme, small and large. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { findTool, readWithZbar } from '../support/outside/chromium.ts'
import { useServer } from '../support/outside/servers.ts'
import { openCompanion, seeCode, type CompanionPage } from './companion.ts'
import { COMPUTER, useWindows } from './windows.ts'

/** Modules around the code (ISO/IEC 18004 section 5.3.8). */
const QUIET_ZONE = 4

const server = useServer({ vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

// `npm test` names what was left out for want of a tool, and refuses that in CI.
describe.skipIf(findTool('zbarimg') === undefined)('zbarimg', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`reads the address from a screenshot of the page in the ${colorScheme} theme`, async () => {
      const companion = await openCompanion(windows, await windows.profile({ ...COMPUTER, colorScheme }), server)
      const { url } = await seeCode(companion)
      expect(await readWithZbar(await companion.page.screenshot())).toEqual([url])
    })
  }

  it.skipIf(findTool('ffmpeg') === undefined)(
    'reads the address from a screenshot of 1280×800 scaled to a half',
    async () => {
      const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
      const { url } = await seeCode(companion)
      expect(await readWithZbar(await companion.page.screenshot(), 50)).toEqual([url])
    },
  )

  it('reads the address where the window is as narrow as a phone', async () => {
    const viewport = { width: 320, height: 640 }
    const companion = await openCompanion(windows, await windows.profile({ ...COMPUTER, viewport }), server)
    const { url } = await seeCode(companion)
    await companion.code.scrollIntoViewIfNeeded()
    expect(await readWithZbar(await companion.page.screenshot())).toEqual([url])
  })
})

for (const deviceScaleFactor of [1, 1.5, 2]) {
  it(`gives each module a whole number of device pixels where ${deviceScaleFactor} of them make a pixel of the page`, async () => {
    const context = await windows.profile({ ...COMPUTER, deviceScaleFactor })
    const companion = await openCompanion(windows, context, server)
    await seeCode(companion)
    const { width, height } = (await companion.code.boundingBox())!
    const perModule = (width * deviceScaleFactor) / (await modulesOf(companion))
    expect(perModule).toBeGreaterThanOrEqual(3)
    expect(perModule).toBeCloseTo(Math.round(perModule), 2)
    expect(height).toBeCloseTo(width, 2)
  })
}

it('stays dark on white, with its quiet zone, in the dark theme', async () => {
  const companion = await openCompanion(windows, await windows.profile({ ...COMPUTER, colorScheme: 'dark' }), server)
  await seeCode(companion)
  const modules = await modulesOf(companion)
  const picture = await companion.code.screenshot()
  // The middle of the quiet zone, then the middle of the finder's outer ring: the code's first dark module.
  const pixels = await colours(companion.page, picture, [QUIET_ZONE / 2 / modules, (QUIET_ZONE + 0.5) / modules])
  expect(pixels).toEqual(['255,255,255', '0,0,0'])
})

it('is drawn as the picture that its frame names, fetched once and never from a cache', async () => {
  const context = await windows.profile(COMPUTER)
  const requests: string[] = []
  context.on('request', (request) => requests.push(new URL(request.url()).pathname))
  const companion = await openCompanion(windows, context, server)
  const { image, url, token } = await seeCode(companion)
  expect(url).toBe(`${server.origin}/link#${token}`)
  const { pathname } = new URL(image, server.origin)
  expect(requests.filter((path) => path === pathname)).toHaveLength(1)
})

/** The code's width in modules, quiet zone and all, as its picture says. */
async function modulesOf(companion: CompanionPage): Promise<number> {
  const { image } = await companion.qr()
  const drawing = await companion.page.evaluate(async (path) => (await fetch(path)).text(), image)
  return Number(/viewBox="0 0 (\d+) /.exec(drawing)![1])
}

/** The colours on the diagonal of a picture, at these parts of its width. */
function colours(page: Page, picture: Buffer, parts: number[]): Promise<string[]> {
  return page.evaluate(
    async ({ base64, at }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true })!
      context.drawImage(bitmap, 0, 0)
      return at.map((part) => {
        const [x, y] = [Math.floor(part * bitmap.width), Math.floor(part * bitmap.height)]
        return context.getImageData(x, y, 1, 1).data.slice(0, 3).join()
      })
    },
    { base64: picture.toString('base64'), at: parts },
  )
}
