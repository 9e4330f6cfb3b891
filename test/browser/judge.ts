/** A screen judged for everybody: by axe, and in a window so narrow that nothing may have to be scrolled sideways. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const IMPACTS = ['serious', 'critical']
/** The narrowest window that WCAG 2.2 (1.4.10) wants to do without scrolling sideways: 1280 pixels at 400 %. */
const NARROW = { width: 320, height: 640 }

/** Fails for what axe calls serious or critical, and for a page that is wider than a narrow window. */
export async function judge(page: Page, screen: string): Promise<void> {
  await judgeByAxe(page, screen)
  const { width, height } = page.viewportSize()!
  await page.setViewportSize(NARROW)
  await judgeWidth(page, `${screen} at ${NARROW.width} pixels`)
  await page.setViewportSize({ width, height })
}

/** Fails for what axe calls serious or critical. */
export async function judgeByAxe(page: Page, screen: string): Promise<void> {
  // Evaluated by the debugger, which the page's Content-Security-Policy does not bind.
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    // Half faded in, nothing has its contrast yet.
    const fades = document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().endTime) < 1_000)
    await Promise.allSettled(fades.map(({ finished }) => finished))
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }
    const results = await axe.run({ resultTypes: ['violations'] })
    return results.violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html) }))
  })
  expect(
    violations.filter(({ impact }) => IMPACTS.includes(impact ?? '')),
    `axe on ${screen}`,
  ).toEqual([])
}

/** Fails for a page that must be scrolled sideways in its window. */
export async function judgeWidth(page: Page, screen: string): Promise<void> {
  const [needed, given] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth]
  })
  expect(needed, `the width of ${screen}`).toBeLessThanOrEqual(given)
}

interface AxeResults {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[]
}
