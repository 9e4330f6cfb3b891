/** Photos and files in real browsers: attached, pasted and dropped on both pages, shown, played and saved on the other side. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, it, onTestFinished } from 'vitest'
import { call } from '../support/outside/http.ts'
import { useServer } from '../support/outside/servers.ts'
import type { Frame } from '../support/outside/socket.ts'
import { befriend, linkedPage, photo, sendMedia, wave } from './chat.ts'
import { chatRow } from './companion.ts'
import { openPhone } from './phone.ts'
import { PHONE, refused, useWindows } from './windows.ts'

const server = useServer()
const windows = useWindows()
const MIB = 1024 * 1024

it('a linked browser sends photos and files that are attached, pasted or dropped', async () => {
  const { page, friend } = await linkedPage(windows, server)
  // Asked once before the first thing that goes out, be it words or a file.
  await attach(page, { name: 'shore.png', mimeType: 'image/png', buffer: await photo(1600, 1200) })
  await sendAttached(page, 'Send 1 photo')
  await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
  const attached = await friend.event('message', hasMedia)
  expect(attached.message.media).toMatchObject({
    contentType: 'image/png',
    name: 'shore.png',
    width: 1600,
    height: 1200,
  })
  const thumb = await call(server.origin + attached.message.media.thumb)
  expect(thumb.headers['content-type']).toBe('image/webp')
  expect(thumb.bytes.length).toBeLessThanOrEqual(64 * 1024)
  expect(await sharp(thumb.bytes).metadata()).toMatchObject({ width: 320, height: 240 })
  await seesPicture(page, 'shore.png')

  await giveFiles(page, 'paste', [{ name: 'image.png', type: 'image/png', bytes: await photo(40, 30) }])
  await sendAttached(page, 'Send 1 photo')
  expect((await friend.event('message', hasMedia)).message.media).toMatchObject({ name: 'image.png', width: 40 })
  // A photo as a camera writes it: it goes out without where it was taken, and the right way up.
  const taken = await sharp(await photo(60, 40))
    .withExif({ IFD0: { Copyright: 'SECRET-PLACE' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '47/1 22/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
  expect(taken.includes('SECRET-PLACE')).toBe(true)
  await giveFiles(page, 'paste', [{ name: 'taken.jpg', type: 'image/jpeg', bytes: taken }])
  await sendAttached(page, 'Send 1 photo')
  const upright = (await friend.event('message', hasMedia)).message.media
  expect(upright).toMatchObject({ name: 'taken.jpg', width: 40, height: 60 })
  const arrived = await call(server.origin + upright.url)
  expect(arrived.bytes.includes('SECRET-PLACE')).toBe(false)
  expect((await sharp(arrived.bytes).metadata()).orientation).toBe(6)

  // So does a film; of one that is broken that cannot be said, and it waits for a yes. No name hides its ending.
  const film = filmAt('SECRET-PLACE')
  await giveFiles(page, 'paste', [{ name: 'film\u202efdp.mp4', type: 'video/mp4', bytes: film }])
  await sendAttached(page, 'Send 1 file')
  const shot = (await friend.event('message', hasMedia)).message.media
  expect(shot).toMatchObject({ name: 'filmfdp.mp4', bytes: film.length })
  expect((await call(server.origin + shot.url)).bytes.includes('SECRET-PLACE')).toBe(false)
  await giveFiles(page, 'paste', [{ name: 'broken.mp4', type: 'video/mp4', bytes: film.subarray(0, -1) }])
  await sendAttached(page, 'Send 1 file')
  await page
    .getByRole('dialog', { name: 'Send “broken.mp4” as it is?' })
    .getByRole('button', { name: 'Cancel' })
    .click()

  const two = ['one.txt', 'two.bin'].map((name) => ({
    name,
    type: name.endsWith('txt') ? 'text/plain' : '',
    bytes: Buffer.from(name),
  }))
  await giveFiles(page, 'drop', two)
  await sendAttached(page, 'Send 2 files')
  const came = [await friend.event('message', hasMedia), await friend.event('message', hasMedia)]
  expect(came.map(({ message }) => message.media)).toMatchObject([
    { name: 'one.txt', contentType: 'text/plain' },
    { name: 'two.bin', contentType: 'application/octet-stream' },
  ])
  await page.getByRole('link', { name: 'Download two.bin' }).waitFor()
})

it('the phone’s page sends them too, and says what is too big', async () => {
  const { page, number } = await openPhone(windows, await windows.profile(PHONE), server)
  const { friend } = await befriend(server, number)
  await chatRow(page, 'hello').click()
  const folder = await mkdtemp(join(tmpdir(), 'tandem-large-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'large.bin'), Buffer.alloc(16 * MIB + 1))
  await attach(page, join(folder, 'large.bin'))
  await page
    .getByRole('alert')
    .getByText(/large\.bin.” is too big\. The limit is 16 MB\./)
    .waitFor()
  await attach(page, { name: 'dot.png', mimeType: 'image/png', buffer: await photo(10, 10) })
  await sendAttached(page, 'Send 1 photo')
  expect((await friend.event('message', hasMedia)).message.media).toMatchObject({
    name: 'dot.png',
    width: 10,
    height: 10,
  })
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await seesPicture(page, 'dot.png')
})

it('an upload shows how far it is, can be called off, is tried again, and fails in words', async () => {
  windows.allowErrors(/net::ERR_FAILED/)
  windows.allowErrors(refused(400))
  const { page, friend } = await linkedPage(windows, server)
  await page.getByRole('button', { name: 'Attach files' }).waitFor()
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const answers: ('hold' | 'cut' | 'refuse')[] = ['hold', 'cut', 'cut']
  await page.route('**/v1/media/**', async (route) => {
    const answer = route.request().method() === 'PUT' ? answers.shift() : undefined
    if (answer === 'hold') await held
    if (answer === 'hold' || answer === 'cut') await route.abort()
    else if (answer === 'refuse') await route.fulfill({ status: 400, body: '' })
    else await route.continue()
  })
  await attach(page, { name: 'off.bin', mimeType: '', buffer: Buffer.alloc(1000) })
  await sendAttached(page, 'Send 1 file')
  await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
  await page.getByRole('progressbar', { name: /Uploading/ }).waitFor()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByRole('progressbar').waitFor({ state: 'detached' })
  letGo()

  // Cut off twice, and through at the third try.
  await attach(page, { name: 'on.bin', mimeType: '', buffer: Buffer.alloc(1000) })
  await sendAttached(page, 'Send 1 file')
  expect((await friend.event('message', hasMedia)).message.media.name).toBe('on.bin')

  // Refused for good: words, and another try by hand.
  answers.push('refuse')
  await attach(page, { name: 'again.bin', mimeType: '', buffer: Buffer.alloc(1000) })
  await sendAttached(page, 'Send 1 file')
  await page.locator('.message').getByText('Not sent').waitFor()
  const row = page.getByRole('list', { name: 'Chats' }).getByRole('button')
  await row.getByText('Not sent').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  expect((await friend.event('message', hasMedia)).message.media.name).toBe('again.bin')
  await expect.poll(() => page.getByText('Not sent').count()).toBe(0)
})

it('what comes is played, or saved under its name', async () => {
  const { page, friend, conversation } = await linkedPage(windows, server)
  const html = Buffer.from('<script>document.title = "run"</script>')
  await sendMedia(server, friend, conversation, html, { contentType: 'text/html', name: 'page.html' })
  const link = page.getByRole('link', { name: 'Download page.html' })
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  expect(download.suggestedFilename()).toBe('page.html')

  const sound = wave(1)
  await sendMedia(server, friend, conversation, sound, { contentType: 'audio/wav', name: 'beep.wav', duration: 1 })
  const player = page.getByRole('group', { name: 'beep.wav' })
  const slider = player.getByRole('slider', { name: 'Position in beep.wav' })
  expect(await slider.getAttribute('aria-valuetext')).toBe('0:00 of 0:01')
  await player.getByRole('button', { name: 'Play' }).click()
  await player.getByRole('button', { name: 'Pause' }).waitFor()
  // To its end, and back to its beginning.
  await player.getByRole('button', { name: 'Play' }).waitFor()
  expect(await slider.inputValue()).toBe('0')

  // Taken back by its author: no player and no link are left of it.
  const id = await sendMedia(server, friend, conversation, sound, { contentType: 'video/mp4', name: 'film.mp4' })
  // Nothing but its first picture, until it is to be played.
  expect(await page.locator('video').evaluate((video: HTMLVideoElement) => video.controls)).toBe(false)
  await page.getByRole('button', { name: 'Play film.mp4' }).waitFor()
  await friend.ok({ type: 'delete', conversation, id, for: 'all' })
  await page
    .getByRole('list', { name: /Messages/ })
    .getByText('This message was deleted')
    .waitFor()
  expect(await page.locator('video').count()).toBe(0)
})

/** The boxes of a film without a picture that names a place. */
function filmAt(place: string): Buffer {
  const box = (type: string, ...content: (Buffer | string)[]): Buffer => {
    const held = Buffer.concat(content.map((part) => Buffer.from(part)))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(held.length + 8)
    return Buffer.concat([length, Buffer.from(type), held])
  }
  const moov = box('moov', box('mvhd', Buffer.alloc(100)), box('udta', place))
  return Buffer.concat([box('ftyp', 'isom', Buffer.alloc(4)), box('mdat', 'nothing'), moov])
}

function hasMedia({ message }: Frame): boolean {
  return message.from !== 'me' && message.media !== undefined
}

async function attach(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  await page.getByRole('button', { name: 'Attach files' }).waitFor()
  await page.locator('chat-composer input[type=file]').setInputFiles(file)
}

/** Sends what was attached, pasted or dropped. */
async function sendAttached(page: Page, title: string): Promise<void> {
  await page.getByRole('dialog', { name: title }).getByRole('button', { name: 'Send' }).click()
}

/** Gives files to the page as a clipboard or a hand would. */
async function giveFiles(
  page: Page,
  how: 'paste' | 'drop',
  files: { name: string; type: string; bytes: Buffer }[],
): Promise<void> {
  const plain = files.map(({ name, type, bytes }) => ({ name, type, base64: bytes.toString('base64') }))
  await page.evaluate(
    ({ way, given }) => {
      const transfer = new DataTransfer()
      for (const { name, type, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
        transfer.items.add(new File([bytes], name, { type }))
      }
      const options = { bubbles: true, cancelable: true }
      if (way === 'paste') {
        const field = document.querySelector('chat-composer textarea')
        field?.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: transfer }))
        return
      }
      const thread = document.querySelector('chat-thread .messages')
      for (const name of ['dragenter', 'dragover', 'drop']) {
        thread?.dispatchEvent(new DragEvent(name, { ...options, dataTransfer: transfer }))
      }
    },
    { way: how, given: plain },
  )
}

/** The message's own picture, loaded. */
async function seesPicture(page: Page, name: string): Promise<void> {
  const picture = page.locator(`media-picture img[alt="${name}"]`)
  await picture.waitFor()
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth))
    .toBeTruthy()
}
