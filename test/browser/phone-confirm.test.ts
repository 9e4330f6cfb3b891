/**
 * The phone's question, as it looks and sounds: two answers of equal weight, none of them waiting under the finger, the
 * time that is left, a slow network, and the way out.
 */
import type { Locator, Page, Route } from 'playwright-core'
import { expect, it } from 'vitest'
import { openBrowser } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { judgeByAxe } from './judge.ts'
import { approveOn, openPhone } from './phone.ts'
import { COMPUTER, GAVE_UP, PHONE, refused, useWindows } from './windows.ts'

const server = useServer({ vars: { ROTATE_SECONDS: '120', CONFIRM: 'always' } })
const windows = useWindows('ask')

it('offers Decline and Approve of the same size, font and solid fill in both themes, none of them in focus, Approve lit only with the number; left without an answer it is declined', async () => {
  const { page, socket, token } = await asked()
  const answers = page.getByRole('button', { name: /^(Decline|Approve)$/ })
  const field = page.getByLabel('Type the number shown on the screen')
  expect(await answers.allInnerTexts()).toEqual(['Decline', 'Approve'])
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Link this browser?')
  expect(await field.getAttribute('inputmode')).toBe('numeric')
  expect(Number.parseFloat(await field.evaluate((input) => getComputedStyle(input).fontSize))).toBeGreaterThanOrEqual(
    16,
  )
  const fills: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const match of ['', '47']) {
      await field.fill(match)
      const [decline, approve] = await Promise.all([lookOf(answers.nth(0)), lookOf(answers.nth(1))])
      // All but where it stands, its colours and its name.
      expect(approve.same).toEqual(decline.same)
      expect(decline.height).toBeGreaterThanOrEqual(52)
      for (const { background, contrast } of [decline, approve]) {
        expect(background).toMatch(/^rgb\(/)
        expect(contrast).toBeGreaterThan(4.5)
      }
      expect(decline.background).not.toBe(approve.background)
      fills.push(approve.background)
    }
  }
  expect(new Set(fills).size).toBe(4)

  // Pressed without the number, it says what is missing.
  await field.fill('')
  await answers.nth(1).click()
  await page.getByRole('alert').getByText('First type the two digits').waitFor()
  await judgeByAxe(page, 'a number that is missing')

  // What is asked scrolls in a low window; its head stays.
  await page.setViewportSize({ ...PHONE.viewport, height: 500 })
  await field.focus()
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
  expect((await page.getByRole('button', { name: 'Close' }).boundingBox())!.y).toBeGreaterThanOrEqual(0)

  // In a wide window: a sheet in its middle.
  await page.setViewportSize(COMPUTER.viewport)
  const sheet = (await page.locator('form.confirm').boundingBox())!
  expect(sheet.width).toBe(420)
  expect(Math.abs(sheet.x + sheet.width / 2 - COMPUTER.viewport.width / 2)).toBeLessThan(1)
  expect(Math.abs(sheet.y + sheet.height / 2 - COMPUTER.viewport.height / 2)).toBeLessThan(1)
  const [wideDecline, wideApprove] = await Promise.all([lookOf(answers.nth(0)), lookOf(answers.nth(1))])
  expect(wideApprove.same).toEqual(wideDecline.same)

  // Declined by leaving, so that the other screen shows a new code at once.
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  await socket.first('declined')
  await expect.poll(() => socket.seen.filter(({ type }) => type === 'qr').at(-1)!.token).not.toBe(token)
  await socket.close()
})

it('says who asks, where, when and what it will do; the address only under Details; and reads the time out at few moments', async () => {
  const { page, socket } = await asked(PHONE, async (phone) => {
    await phone.clock.install()
    await phone.clock.pauseAt(Date.now() + 1_000)
    await foreign(phone, 'far')
  })
  windows.allowErrors(GAVE_UP)
  for (const words of [
    'Chrome on Windows',
    'Lisbon, Portugal',
    'Far from you, on another network',
    'Just now',
    'This screen seems far away. Go on only if you are looking at it right now.',
    'It will read and send your messages until you unlink it.',
  ]) {
    expect(await page.getByText(words).isVisible(), words).toBe(true)
  }
  const address = page.getByText('IP address 198.51.100.7')
  expect(await address.isVisible()).toBe(false)
  await page.getByText('Details').click()
  expect(await address.isVisible()).toBe(true)

  const approve = page.getByRole('button', { name: 'Approve' })
  expect(await approve.isDisabled()).toBe(true)
  await page.clock.runFor(900)
  expect(await approve.isDisabled()).toBe(true)
  await page.clock.runFor(200)
  await expect.poll(() => approve.isEnabled()).toBe(true)

  // The clock that is shown is no live region; beside it, three sentences are.
  const timer = page.getByRole('timer')
  expect(await timer.getAttribute('aria-live')).toBe('off')
  expect(await timer.innerText()).toMatch(/^1:5\d left to decide$/)
  const heard = await listen(page)
  // Drawn every second, looked at every four: what is said stands until the next is.
  for (let second = 0; second < 116; second += 4) await page.clock.runFor(4_000)
  expect(await heard()).toEqual(['60 seconds left to decide', '30 seconds left to decide', '10 seconds left to decide'])
  await page.clock.runFor(5_000)
  await page.getByRole('heading', { name: 'This code has changed' }).waitFor()
  await page.getByRole('button', { name: 'Scan again' }).waitFor()
  await socket.close()
})

it('repeats an approval that did not get through by itself, says so, and tells what is true in the end', async () => {
  const { page, socket } = await asked(PHONE, (phone) => phone.clock.install())
  windows.allowErrors(/Failed to load resource/)
  windows.allowErrors(GAVE_UP)
  const { match } = await socket.first('scanned')
  let tries = 0
  await page.route('**/v1/link/approve', async (route) => {
    tries++
    // The first is lost on its way there, the second on its way back.
    if (tries === 1) return route.abort('connectionreset')
    await route.fetch()
    return tries === 2 ? route.abort('connectionreset') : route.fallback()
  })
  await page.getByLabel('Type the number shown on the screen').fill(String(match))
  await page.clock.runFor(1_100)
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('That didn’t get through. Trying again…').waitFor()
  expect(await page.getByRole('button', { name: 'Decline' }).isDisabled()).toBe(true)
  await expect
    .poll(async () => {
      await page.clock.runFor(1_000)
      return page.getByRole('heading', { name: 'Linked', exact: true }).count()
    })
    .toBe(1)
  expect(tries).toBe(3)
  await socket.first('linked')
  await socket.close()
})

it('waits as long as it must after too many tries, counting without reading it out; sends somebody with too many devices to them; and takes "That wasn’t me" once', async () => {
  let status = 429
  const { page, socket, url } = await asked(PHONE, async (phone) => {
    await phone.clock.install()
    await phone.route('**/v1/link/approve', (route) =>
      status === 429
        ? refuse(route, 429, 'rate_limited', { 'Retry-After': '20' })
        : refuse(route, 409, 'too_many_devices'),
    )
  })
  windows.allowErrors(refused(429))
  windows.allowErrors(GAVE_UP)
  windows.allowErrors(refused(409))
  const { match } = await socket.first('scanned')
  const field = page.getByLabel('Type the number shown on the screen')
  await page.clock.runFor(1_100)
  await field.fill(String(match))
  const approve = page.getByRole('button', { name: 'Approve' })
  await approve.click()
  await page.getByRole('alert').getByText('Too many tries.').waitFor()
  await page.getByRole('timer').getByText('Try again in 0:20.').waitFor()
  expect(await approve.isDisabled()).toBe(true)
  await page.clock.runFor(21_000)
  await expect.poll(() => approve.isEnabled()).toBe(true)

  status = 409
  await approve.click()
  await page.getByRole('heading', { name: /^You’ve linked/ }).waitFor()
  await page.getByRole('button', { name: 'Linked devices' }).click()
  await page.getByRole('heading', { name: 'Linked devices', exact: true }).waitFor()
  await page.unroute('**/v1/link/approve')
  await page.goto(url)
  await field.fill(String(match))
  await page.clock.runFor(1_100)
  await approveOn(page)
  let undone = 0
  await page.route('**/v1/devices/*', async (route) => {
    undone++
    await route.continue()
  })
  await page.getByRole('button', { name: 'That wasn’t me' }).dblclick()
  await page.getByRole('heading', { name: 'Unlinked' }).waitFor()
  expect(undone).toBe(1)
  await socket.close()
})

/** A phone that is asked about a browser which only speaks the protocol. @param prepare before the page asks */
async function asked(
  options: Parameters<typeof windows.profile>[0] = PHONE,
  prepare: (page: Page) => Promise<unknown> = async () => undefined,
) {
  const [{ socket, qr }, { page }] = await Promise.all([
    openBrowser(server),
    windows.profile(options).then((context) => openPhone(windows, context, server)),
  ])
  await prepare(page)
  await page.getByRole('button', { name: 'Link a device' }).click()
  await page.getByRole('button', { name: 'Enter code' }).click()
  await page.getByRole('textbox').fill(qr.url)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  return { page, socket, token: qr.token as string, url: qr.url as string }
}

/** Answers a scan as if the browser were somewhere else; the test's server sees every client in one place. */
async function foreign(page: Page, network: 'near' | 'far'): Promise<void> {
  await page.route('**/v1/link/scan', async (route) => {
    const response = await route.fetch()
    const answer = (await response.json()) as { request: Record<string, unknown> }
    Object.assign(answer.request, {
      browser: 'Chrome',
      os: 'Windows',
      ip: '198.51.100.7',
      place: { city: 'Lisbon', country: 'PT' },
      network,
    })
    await route.fulfill({ response, json: answer })
  })
}

function refuse(route: Route, status: number, code: string, headers: Record<string, string> = {}): Promise<void> {
  const body = JSON.stringify({ type: 'about:blank', title: code, status, code })
  return route.fulfill({ status, headers: { 'Content-Type': 'application/problem+json', ...headers }, body })
}

interface Look {
  same: object
  height: number
  background: string
  contrast: number
}

/** How a button is drawn, once it may be pressed. */
async function lookOf(button: Locator): Promise<Look> {
  await expect.poll(() => button.isEnabled()).toBe(true)
  return button.evaluate((element) => {
    const style = getComputedStyle(element)
    const { width, height } = element.getBoundingClientRect()
    const { fontFamily, fontSize, fontWeight, lineHeight, letterSpacing, padding, borderRadius } = style
    const { borderWidth, boxShadow, opacity, backgroundImage } = style
    const luminance = (colour: string): number => {
      const [red, green, blue] = colour.match(/[\d.]+/g)!.map((part) => {
        const share = Number(part) / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      }) as [number, number, number]
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const [dark, bright] = [luminance(style.color), luminance(style.backgroundColor)].toSorted((a, b) => a - b) as [
      number,
      number,
    ]
    return {
      same: {
        box: { width, height, padding, borderRadius, borderWidth, boxShadow },
        font: { fontFamily, fontSize, fontWeight, lineHeight, letterSpacing },
        fill: { opacity, backgroundImage },
      },
      height,
      background: style.backgroundColor,
      contrast: (bright + 0.05) / (dark + 0.05),
    }
  })
}

/** Hears what the page's live regions say from now on. @returns what was said so far */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = []
    Object.assign(window, { said })
    const regions = document.querySelectorAll('[role="status"], [role="alert"], [role="timer"]:not([aria-live="off"])')
    for (const region of regions) {
      new MutationObserver(() => {
        const words = region.textContent.trim()
        if (words !== '' && said.at(-1) !== words) said.push(words)
      }).observe(region, { subtree: true, childList: true, characterData: true })
    }
  })
  return () => page.evaluate(() => (window as unknown as { said: string[] }).said)
}
