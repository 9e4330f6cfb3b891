/** Voice messages: recorded with Chromium's own tone for a microphone, sent, heard; and what is said where there is none. */
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useServer } from '../support/outside/servers.ts'
import type { Frame } from '../support/outside/socket.ts'
import { befriend, linkedPage } from './chat.ts'
import { chatRow } from './companion.ts'
import { openPhone } from './phone.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

const server = useServer()
const windows = useWindows('ask')
const bare = useWindows('none')

/** For which a recording rests. */
const REST_MS = 1_200

it('a voice message is recorded, thrown away or sent, and heard; the microphone is free afterwards', async () => {
  const context = await listening(await windows.profile(COMPUTER))
  const { page, friend } = await linkedPage(windows, server, context)
  const record = page.getByRole('button', { name: 'Record a voice message' })
  const bar = page.getByRole('group', { name: 'Recording a voice message' })

  await record.click()
  await bar.getByRole('timer').waitFor()
  await page.keyboard.press('Escape')
  await bar.waitFor({ state: 'detached' })
  await isFree(page, 1)

  await sendAtOnce(page)
  await record.click()
  await page.getByRole('alert').getByText('That was too short.').waitFor()
  await isFree(page, 2)

  const began = Date.now()
  await record.click()
  await bar.getByText(/0:0[1-9]/).waitFor()
  await bar.getByRole('button', { name: 'Pause' }).click()
  const rested = await bar.getByRole('timer').innerText()
  await page.waitForTimeout(REST_MS)
  expect(await bar.getByRole('timer').innerText()).toBe(rested)
  // What there is of it can be listened to; going on with it ends that.
  await bar.getByRole('button', { name: 'Play' }).click()
  await bar.getByRole('button', { name: 'Pause' }).waitFor()
  await bar.getByRole('button', { name: 'Play' }).waitFor()
  expect(await page.evaluate(() => (window as unknown as Heard).heard.error)).toBeNull()
  await bar.getByRole('button', { name: 'Play' }).click()
  await bar.getByRole('button', { name: 'Pause' }).waitFor()
  await bar.getByRole('button', { name: 'Go on recording' }).click()
  await bar.getByRole('button', { name: 'Send the voice message' }).click()
  const whole = Date.now() - began
  await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
  const { message } = await friend.event('message', ({ message: { from } }: Frame) => from !== 'me')
  expect(message.media.contentType).toMatch(/^audio\//)
  expect(message.media.duration).toBeGreaterThanOrEqual(1)
  expect(message.media.duration).toBeLessThanOrEqual((whole - REST_MS) / 1000)
  expect(message.media.bytes).toBeGreaterThan(1000)
  await isFree(page, 3)
  const player = page.getByRole('group', { name: 'Voice message' })
  const furthest = await watchSlider(player.getByRole('slider'))
  await player.getByRole('button', { name: 'Play' }).click()
  await player.getByRole('button', { name: 'Pause' }).waitFor()
  await player.getByRole('button', { name: 'Speed 1×' }).click()
  await player.getByRole('button', { name: 'Speed 1.5×' }).waitFor()
  expect(await page.evaluate(() => (window as unknown as Heard).heard.playbackRate)).toBe(1.5)
  await player.getByRole('button', { name: 'Play' }).waitFor()
  expect(await furthest()).toBeGreaterThan(0.3)

  // While words are being written there is nothing to record; and another chat ends a recording.
  await page.getByRole('textbox', { name: 'Write a message' }).fill('Words')
  await record.waitFor({ state: 'detached' })
  await page.getByRole('textbox', { name: 'Write a message' }).fill('')
  await record.click()
  await bar.getByRole('timer').waitFor()
  await page.setViewportSize({ width: 400, height: 700 })
  await page.getByRole('button', { name: 'Back to chats' }).click()
  await bar.waitFor({ state: 'detached' })
  await isFree(page, 4)
})

it('a microphone that may not be used is said in words, on the phone’s page too', async () => {
  const { page, number } = await openPhone(windows, await windows.profile(PHONE), server)
  await befriend(server, number)
  await chatRow(page, 'hello').click()
  await page.getByRole('button', { name: 'Record a voice message' }).click()
  await page.getByRole('alert').getByText('The microphone is switched off for this site.').waitFor()
  await page.getByRole('textbox', { name: 'Write a message' }).fill('Then in words')
  await page.getByRole('alert').waitFor({ state: 'detached' })
})

it('and so is that there is none', async () => {
  const { page } = await linkedPage(bare, server, await bare.profile(COMPUTER))
  await page.getByRole('button', { name: 'Record a voice message' }).click()
  await page.getByRole('alert').getByText('No microphone was found.').waitFor()
})

/** Notes in every frame where a slider stands: a second of sound may be over before it is asked from outside. */
async function watchSlider(slider: Locator): Promise<() => Promise<number>> {
  const notes = await slider.evaluateHandle((input: HTMLInputElement) => {
    const state = { furthest: 0 }
    const note = () => {
      state.furthest = Math.max(state.furthest, Number(input.value))
      if (input.isConnected) requestAnimationFrame(note)
    }
    note()
    return state
  })
  return () => notes.evaluate(({ furthest }) => furthest)
}

interface Heard {
  heard: HTMLMediaElement
}

/** A profile whose pages may listen, and keep what they listen with, and play, where the test finds it. */
async function listening(context: BrowserContext): Promise<BrowserContext> {
  await context.grantPermissions(['microphone'])
  await context.addInitScript(() => {
    const tracks: MediaStreamTrack[] = []
    Object.assign(window, { tracks })
    const { play } = HTMLMediaElement.prototype
    HTMLMediaElement.prototype.play = function () {
      Object.assign(window, { heard: this })
      return play.call(this)
    }
    const { mediaDevices } = navigator
    const ask = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await ask(constraints)
      tracks.push(...stream.getTracks())
      return stream
    }
  })
  return context
}

/** Presses the button in the moment in which it can be pressed: from outside, a busy machine would be too slow for that. */
async function sendAtOnce(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watch = new MutationObserver(() => {
      const button = document.querySelector<HTMLElement>('voice-bar .send:not(:disabled)')
      if (button === null) return
      watch.disconnect()
      button.click()
    })
    watch.observe(document.body, { subtree: true, childList: true, attributes: true })
  })
}

/** Every one of so many microphones that were opened is let go. */
async function isFree(page: Page, opened: number): Promise<void> {
  const states = (): Promise<string[]> =>
    page.evaluate(() =>
      (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map(({ readyState }) => readyState),
    )
  await expect.poll(states).toEqual(Array.from({ length: opened }, () => 'ended'))
}
