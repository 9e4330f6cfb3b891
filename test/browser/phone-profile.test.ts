/** The profile on the phone: a picture of one's own, without what its camera knew; a name; signing out on purpose. */
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { asPhone, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { openPhone } from './phone.ts'
import { PHONE, useWindows } from './windows.ts'

const server = useServer()
const windows = useWindows()

/** Left half red, right half blue, as a camera would store it: with where it was taken. */
async function photo(): Promise<Buffer> {
  const half = await sharp({ create: { width: 800, height: 800, channels: 3, background: '#00f' } })
    .png()
    .toBuffer()
  return sharp({ create: { width: 1600, height: 800, channels: 3, background: '#f00' } })
    .composite([{ input: half, left: 800, top: 0 }])
    .withExif({ IFD0: { Make: 'Secret camera' }, IFD3: { GPSLatitude: '52/1 31/1 0/1', GPSLatitudeRef: 'N' } })
    .jpeg()
    .toBuffer()
}

async function choose(page: Page, name: string, file: Buffer): Promise<void> {
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name }).click()
  await (await choosing).setFiles({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer: file })
}

it('takes a picture of one’s own: cut to a square with the keyboard, its metadata gone, shown on every screen, and removed', async () => {
  const { page, number } = await openPhone(windows, await windows.profile(PHONE), server)
  const person = await signIn(server, number)
  await page.getByRole('button', { name: 'Profile' }).click()

  await choose(page, 'Add a picture', Buffer.from('no picture'))
  await page.getByRole('alert').getByText('That picture can’t be opened. Choose another.').waitFor()

  const original = await photo()
  expect(original.includes('Secret camera')).toBe(true)
  await choose(page, 'Add a picture', original)
  const dialog = page.getByRole('dialog', { name: 'Move and zoom' })
  await dialog.getByRole('img', { name: 'Your picture. Move it with the arrow keys.' }).focus()
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight')
  await dialog.getByRole('button', { name: 'Use this picture' }).click()
  await page.getByRole('status').getByText('Your picture is saved.').waitFor()
  const shown = page.locator('.avatar-large img')
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)

  const { json } = await asPhone(person, '/v1/account')
  const stored = Buffer.from(await (await fetch(new URL(json.avatar.url, server.origin))).arrayBuffer())
  expect(await sharp(stored).metadata()).toMatchObject({ format: 'webp', width: 640, height: 640 })
  expect((await sharp(stored).metadata()).exif).toBeUndefined()
  expect(stored.includes('Secret camera')).toBe(false)
  // Moved to the right edge, only the blue half is left.
  const { dominant } = await sharp(stored).stats()
  expect(dominant.b).toBeGreaterThan(dominant.r + 100)
  expect(json.avatar.thumb).toBeTypeOf('string')

  // The first screen shows it, too.
  await page.getByRole('button', { name: 'Back' }).click()
  await page.locator('.profile-button img').waitFor()
  await page.getByRole('button', { name: 'Profile' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('status').getByText('Your picture is removed.').waitFor()
  await shown.waitFor({ state: 'detached' })
  expect((await asPhone(person, '/v1/account')).json.avatar).toBeUndefined()
})

it('keeps a new name, and signs out only when asked twice', async () => {
  const { page, number } = await openPhone(windows, await windows.profile(PHONE), server)
  await page.getByRole('button', { name: 'Profile' }).click()
  // The number is no name, and there is nothing to save yet.
  const field = page.getByLabel('Your name')
  expect(await field.inputValue()).toBe('')
  await page.getByText('Until you add one, people see your number.').waitFor()
  const save = page.getByRole('button', { name: 'Save' })
  expect(await save.count()).toBe(0)
  // Spaced as people write it, and in one line.
  const shown = page.locator('.own-number bdi')
  await expect.poll(() => shown.innerText()).toMatch(/^\+49 \d+( \d+)+$/)
  expect((await shown.innerText()).replaceAll(' ', '')).toBe(number)
  const name = 'Ada with a name that is as long as a name may be, all of it here'
  await field.fill(name)
  await save.click()
  await page.getByText('Saved.').waitFor()
  await save.waitFor({ state: 'detached' })
  expect(await field.inputValue()).toBe(name)
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('button', { name: `Profile: ${name}` }).click()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.viewport.width)

  await page.getByRole('button', { name: 'Sign out of this phone' }).click()
  const question = page.getByRole('dialog', { name: 'Sign out of this phone?' })
  await question.getByRole('button', { name: 'Cancel' }).click()
  await question.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Sign out of this phone' }).click()
  await question.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Phone number').waitFor()
  expect(await page.evaluate(() => localStorage.getItem('tandem.phone.session'))).toBeNull()
  expect(await page.getByText('You were signed out').count()).toBe(0)
})
