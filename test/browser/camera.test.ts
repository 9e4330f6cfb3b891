/** The phone's camera when it cannot be used: refused, not there, busy. Each has its words and its ways on. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import { openPhone } from './phone.ts'
import { PHONE, useWindows } from './windows.ts'

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

async function seeWaysOn(page: Page): Promise<void> {
  await page.getByText(/use a picture or a code/i).waitFor()
  const problem = page.getByRole('alert')
  await problem.getByRole('button', { name: 'Choose a picture' }).waitFor()
  await problem.getByRole('button', { name: 'Enter code' }).click()
  await page.getByRole('dialog', { name: 'Enter code' }).getByRole('textbox').waitFor()
}
