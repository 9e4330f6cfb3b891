/** The phone's page as an app: it can be installed, it starts without a connection, and its worker learns no secret. */
import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import { openPhone } from './phone.ts'
import { OFFLINE, PHONE, refused, useWindows } from './windows.ts'

const server = useServer({ vars: { DEMO: 'on' } })
const windows = useWindows()

it('can be installed: Chromium finds no fault with the manifest, and its icons are there', async () => {
  const page = await windows.page(await windows.profile(PHONE))
  const session = await page.context().newCDPSession(page)
  for (const address of ['/phone', '/link']) {
    await page.goto(server.origin + address)
    const { url, data, errors } = await session.send('Page.getAppManifest')
    expect(url).toBe(`${server.origin}/manifest.webmanifest`)
    expect(errors).toEqual([])
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
    // A window without a profile of its own installs nothing: that is all that may be said.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
    const manifest = JSON.parse(data ?? '') as { icons: { src: string; sizes: string; purpose: string }[] }
    expect(manifest).toMatchObject({ name: 'Tandem', short_name: 'Tandem', start_url: '/phone', display: 'standalone' })
    expect(manifest.icons.map(({ purpose }) => purpose)).toContain('maskable')
    for (const { src, sizes } of manifest.icons) expect(`${await pixels(page, src)}: ${src}`).toBe(`${sizes}: ${src}`)
  }
})

it('starts without a connection, says so, and keeps nothing of the person among its files', async () => {
  const context = await windows.profile(PHONE)
  const { page } = await openPhone(windows, context, server)
  await workerStands(page)
  expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull()
  await page.reload()
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  expect(await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)).toBe(
    `${server.origin}/build/worker.js`,
  )

  windows.allowErrors(OFFLINE)
  windows.allowErrors(/WebSocket connection/)
  await context.setOffline(true)
  await page.reload()
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  await page.getByText('You’re offline').first().waitFor()
  // Icons and styles are there, too.
  expect(
    await page
      .locator('.button')
      .first()
      .evaluate((button) => getComputedStyle(button).borderRadius),
  ).toBe('10px')
  await context.setOffline(false)
  await page.getByText('You’re offline').first().waitFor({ state: 'detached' })

  const before = await keptAddresses(page)
  await page.getByRole('button', { name: 'Profile' }).click()
  await page.getByRole('button', { name: 'Sign out of this phone' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Phone number').waitFor()
  expect(await keptAddresses(page)).toEqual(before)
  expect(before).toContain('/phone')
  for (const path of before) {
    expect(path).toMatch(/^\/(?:phone|(?:css|build)\/[\w/.-]+|[\w-]+\.(?:js|svg|png|webmanifest))$/)
  }
  await context.setOffline(true)
  await page.reload()
  await page.getByLabel('Phone number').waitFor()
  await page.getByText('You’re offline').first().waitFor()
})

it('S16: the fragment of /link reaches no request, no cache and no history, with the worker in charge of the page', async () => {
  const context = await windows.profile(PHONE)
  const { page } = await openPhone(windows, context, server)
  await workerStands(page)
  await page.reload()
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  const asked = watchRequests(context)
  windows.allowErrors(refused(410))
  const secret = 'c2VjcmV0'.repeat(8)
  await page.goto(`${server.origin}/link#${secret}`)
  await page.getByRole('heading', { name: 'This code has changed' }).waitFor()
  expect(page.url()).toBe(`${server.origin}/phone`)
  const { entries } = await (await context.newCDPSession(page)).send('Page.getNavigationHistory')
  for (const { url } of entries) expect(url).not.toContain(secret)
  // Only the question about the code says it, and says it in its body.
  expect(asked.filter(({ body }) => body.includes(secret)).map(({ address }) => address)).toEqual(['/v1/link/scan'])
  for (const { address, headers } of asked) expect(address + headers).not.toContain(secret)
  await page.goto(`${server.origin}/phone?${secret}#${secret}`)
  await page.getByRole('button', { name: 'Link a device' }).waitFor()
  for (const address of await keptAddresses(page)) expect(address).not.toContain(secret)
})

it('removes what an older version kept, and nothing of anybody else', async () => {
  const page = await windows.page(await windows.profile(PHONE))
  await page.goto(`${server.origin}/setup`)
  await page.evaluate(() => Promise.all(['tandem-shell-0', 'another'].map((name) => caches.open(name))))
  await page.goto(`${server.origin}/phone`)
  await workerStands(page)
  const names = (): Promise<string[]> => page.evaluate(() => caches.keys())
  await expect.poll(names).not.toContain('tandem-shell-0')
  expect((await names()).filter((name) => !name.startsWith('tandem-shell-'))).toEqual(['another'])
  expect(await names()).toHaveLength(2)
})

it('leaves the demo’s copy below /try alone', async () => {
  const page = await windows.page(await windows.profile(PHONE))
  await page.goto(`${server.origin}/try/phone`)
  await page.getByLabel('Country').waitFor()
  expect(await registered(page)).toEqual([])
  await page.goto(`${server.origin}/phone`)
  await workerStands(page)
  expect(await registered(page)).toEqual(['/phone'])
})

/** Of the workers that this origin has by now. */
function registered(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    // A page registers after its first paint.
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    return (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname)
  })
}

/** Waits until the worker is installed and holds the shell. */
async function workerStands(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
}

/** The paths of all that is kept in caches, with whatever query and fragment they have. */
function keptAddresses(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const kept: string[] = []
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      kept.push(...(await cache.keys()).map(({ url }) => url.slice(location.origin.length)))
    }
    return kept.toSorted()
  })
}

/** All that pages and workers of the profile ask for, as the network sees it: without fragments. */
function watchRequests(context: BrowserContext): { address: string; headers: string; body: string }[] {
  const asked: { address: string; headers: string; body: string }[] = []
  context.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    asked.push({
      address: pathname + search,
      headers: JSON.stringify(request.headers()),
      body: request.postData() ?? '',
    })
  })
  return asked
}

function pixels(page: Page, src: string): Promise<string> {
  return page.evaluate(async (address) => {
    const image = new Image()
    image.src = address
    await image.decode()
    return `${image.naturalWidth}x${image.naturalHeight}`
  }, src)
}
