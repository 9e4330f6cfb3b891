/** The first page: how long until its code is painted, in Chromium, against a bare page on the floor's socket. */
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, CDPSession } from 'playwright-core'
import { launchChromium } from '../../test/support/outside/chromium.ts'
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import { inRounds, type Plan, valuesOf, withSubjects } from '../measure/rounds.ts'
import { median } from '../measure/statistics.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Network conditions by Chromium's own presets (DevTools): throughput in bytes a second, latency in milliseconds. */
const NETWORKS = {
  fast: null,
  'slow 4G': { latency: 562.5, downloadThroughput: (1.6e6 / 8) * 0.9, uploadThroughput: (750e3 / 8) * 0.9 },
} as const

type Network = keyof typeof NETWORKS

/** The floor's page with its script in a file, as a policy without inline scripts wants it: one more round trip. */
const EXTERNAL = 'floor, script in a file'

/** Each visit is a first one: a context of its own, with nothing cached. */
export async function measurePage(_: Generator, plan: Plan): Promise<Figure[]> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build-pages.mjs')], { cwd: ROOT })
  const visits = plan.quick ? 1 : 5
  const browser = await launchChromium()
  try {
    const medianVisit = async (address: string, network: Network): Promise<number> => {
      const times: number[] = []
      for (let index = 0; index < visits; index++) times.push(await visit(browser, address, network))
      return median(times)
    }
    const results = await withSubjects(['tandem', 'floor'], {}, (subjects) =>
      inRounds(subjects, plan, async ({ name, origin }) => ({
        fast: await medianVisit(origin, 'fast'),
        'slow 4G': await medianVisit(origin, 'slow 4G'),
        external:
          name === 'floor'
            ? {
                fast: await medianVisit(`${origin}/external`, 'fast'),
                'slow 4G': await medianVisit(`${origin}/external`, 'slow 4G'),
              }
            : null,
      })),
    )
    const external = (network: Network): number[] =>
      (results.get('floor') ?? []).flatMap(({ external: times }) => times?.[network] ?? [])
    return (Object.keys(NETWORKS) as Network[]).map((network) => ({
      id: `page.${network.replace(' ', '-')}`,
      name: `first visit → code painted, ${network}`,
      unit: 'ms',
      better: 'less',
      values: { ...valuesOf(results, (times) => times[network]), [EXTERNAL]: external(network) },
      targets: [
        { of: 'tandem', base: 'floor', is: 'at most', limit: 1.3 },
        { of: 'tandem', base: EXTERNAL, is: 'at most', limit: 1.3 },
      ],
    }))
  } finally {
    await browser.close()
  }
}

/** @returns milliseconds from the start of the navigation to the frame in which the whole picture stands */
async function visit(browser: Browser, address: string, network: Network): Promise<number> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const conditions = NETWORKS[network]
    if (conditions !== null) {
      const session: CDPSession = await context.newCDPSession(page)
      await session.send('Network.emulateNetworkConditions', { offline: false, ...conditions })
    }
    await page.goto(address, { waitUntil: 'commit' })
    const painted = await page.waitForFunction(
      () => {
        const picture = document.querySelector<HTMLImageElement>('img[src*="/v1/code/"]')
        const isThere = picture?.complete === true && picture.naturalWidth > 0 && picture.checkVisibility()
        return isThere ? performance.now() : false
      },
      undefined,
      { polling: 'raf', timeout: 60_000 },
    )
    return Number(await painted.jsonValue())
  } finally {
    await context.close()
  }
}
