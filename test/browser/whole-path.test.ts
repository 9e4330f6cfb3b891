/**
 * The whole path with nothing in between: two real browsers, the real rotation of 20 s, a camera before which the
 * first page's picture is held, and the demo content of `npm start`.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, expect, it } from 'vitest'
import { createCamera, findTool, type Camera } from '../support/outside/chromium.ts'
import { message, openPhone as dialPhone, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { chatRow, eventually, openCompanion, seeChats, seeCode, storedIn } from './companion.ts'
import { approveOn, signInOn } from './phone.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

const HAS_PHOTOS = existsSync(resolve(import.meta.dirname, '../../public/demo/index.json'))

const server = useServer({ vars: { DEMO: 'on' } })
let camera: Camera | undefined
const computer = useWindows()
const phones = useWindows(async () => (camera = await createCamera()))
afterAll(() => camera?.remove())

// Without ffmpeg there is no camera; `npm test` names what was left out, and refuses that in CI.
it.skipIf(findTool('ffmpeg') === undefined)(
  'links a browser by its code, streams the chats to it on that socket, resumes after a reload and ends when the phone unlinks it',
  async () => {
    const [companion, phone] = await Promise.all([
      computer.profile(COMPUTER).then((context) => openCompanion(computer, context, server)),
      phones.profile(PHONE).then((context) => phones.page(context)),
    ])
    await phone.goto(`${server.origin}/phone`)
    const number = await signInOn(phone)
    const { page, sockets } = companion
    await page.getByRole('heading', { name: 'Use Tandem on this computer' }).waitFor()
    await page.getByText('A new code appears every 20 seconds').waitFor()

    // The code is replaced after 20 s, over the same socket, and its picture is fetched.
    const first = await seeCode(companion)
    const shown = await companion.code.getAttribute('src')
    expect(shown).toBe(first.image)
    const second = await eventually(
      'the second code',
      () => sockets[0]!.received.find(({ rotation }) => rotation === 2),
      25_000,
    )
    expect(second.issuedAt - first.issuedAt).toBeGreaterThan(19_500)
    expect(second.issuedAt - first.issuedAt).toBeLessThan(22_000)
    await page.locator(`img[src="${second.image}"]`).waitFor()

    // The phone's camera looks at the screen.
    await camera!.show(await page.screenshot())
    await phone.getByRole('button', { name: 'Link a device' }).click()
    await phone.getByRole('heading', { name: 'Link this browser?' }).waitFor()
    for (const words of ['Chrome on Linux', 'This computer', 'On your network', 'Just now']) {
      await phone.getByText(words).waitFor()
    }
    await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
    await approveOn(phone)
    await seeChats(page)
    expect(sockets).toHaveLength(1)
    await page.getByText(number.slice(-4)).first().waitFor()

    await phone.getByRole('button', { name: 'Done' }).click()

    // Written on the phone, seen on the page, which shows that it was read.
    await chatRow(phone, 'Mara Lindqvist').click()
    await write(phone, 'The coast it is')
    await phone.getByRole('button', { name: 'Back to chats' }).click()
    await chatRow(page, 'Mara Lindqvist').getByText('The coast it is').waitFor()
    await chatRow(page, 'Mara Lindqvist').getByText('Read', { exact: true }).waitFor()

    // Written on the page, after it has asked once whose account this is.
    const robin = chatRow(page, 'Robin')
    await robin.getByText('2 unread').waitFor()
    await robin.click()
    await page.getByRole('heading', { name: 'Robin' }).waitFor()
    await robin.getByText('unread').waitFor({ state: 'detached' })
    await chatRow(phone, 'Robin').getByText('unread').waitFor({ state: 'detached' })
    await write(page, 'Hello from the computer')
    await page.getByRole('dialog').getByRole('button', { name: 'That’s me, send' }).click()
    const mine = messages(page, 'Robin').filter({ hasText: 'Hello from the computer' })
    await mine.getByText('Read', { exact: true }).waitFor()

    // The contact answers while another chat is open: unread, with a preview, on both.
    await chatRow(page, 'Mara Lindqvist').click()
    const answer = await eventually(
      'an answer',
      () => sockets[0]!.received.find(({ event }) => event?.kind === 'message' && event.message.from !== 'me')?.event,
    )
    for (const side of [page, phone]) {
      await chatRow(side, 'Robin').getByText('1 unread').waitFor()
      await chatRow(side, 'Robin').getByText(answer.message.text).waitFor()
    }

    // What was written on the page stands on the phone; what is read there is read on the page.
    await chatRow(phone, 'Robin').click()
    await messages(phone, 'Robin').filter({ hasText: 'Hello from the computer' }).waitFor()
    await robin.getByText('unread').waitFor({ state: 'detached' })
    await phone.getByRole('button', { name: 'Back to chats' }).click()

    // A stranger to this account writes to its number: a new chat, at once, with a sound.
    const heard = await listen(page)
    const friend = await signIn(server)
    const { socket } = await dialPhone(friend)
    const { conversation } = await socket.ok({ type: 'start', number })
    const sentAt = Date.now()
    await socket.ok(message(conversation.id, 'Hi, it is me'))
    const theirs = chatRow(page, 'Hi, it is me')
    await theirs.getByText('1 unread').waitFor()
    expect(Date.now() - sentAt).toBeLessThan(2_000)
    await heard()
    await theirs.click()
    await write(page, 'Hello to you')
    const received = await socket.event('message', ({ message: { text } }) => text === 'Hello to you')
    expect(received.message.from).not.toBe('me')
    await socket.close()

    if (HAS_PHOTOS) await seePhotos(page)
    expect(sockets).toHaveLength(1)
    expect(sockets[0]!.socket.isClosed()).toBe(false)

    // Reloaded, it is back without a scan.
    await page.reload()
    await chatRow(page, 'Robin').waitFor()
    await chatRow(page, 'Hello to you').waitFor()
    // The chats were kept, and are there before the socket is.
    await eventually('the resume', () => sockets[1]?.received.find(({ type }) => type === 'resumed'))
    expect(sockets).toHaveLength(2)
    expect(sockets[1]!.url.searchParams.has('device')).toBe(true)
    const types = sockets[1]!.received.map(({ type }) => type)
    expect(types.slice(0, 2)).toEqual(['challenge', 'resumed'])
    expect(types).not.toContain('qr')

    // Unlinked on the phone: the socket closes, the words say so, and nothing stays.
    expect((await storedIn(page)).records).toBeGreaterThan(1)
    await phone.getByRole('button', { name: 'Linked devices' }).click()
    await phone.getByRole('button', { name: /Chrome on Linux/ }).click()
    await phone.getByText('Online now').waitFor()
    await phone.getByRole('button', { name: 'Unlink', exact: true }).click()
    const again = phone.getByRole('button', { name: 'Tap again' })
    await again.waitFor()
    // A double tap does nothing, so that the second tap is meant.
    await expect
      .poll(async () => {
        if (await again.isVisible()) await again.click()
        return phone.getByRole('heading', { name: 'No linked devices' }).isVisible()
      })
      .toBe(true)
    await page.getByRole('heading', { name: 'This browser was unlinked' }).waitFor()
    await page.getByText('It was removed on your phone. Messages stored here are deleted.').waitFor()
    await expect.poll(() => sockets[1]!.socket.isClosed()).toBe(true)
    expect(sockets).toHaveLength(2)
    await expect.poll(() => storedIn(page)).toEqual({ records: 0, local: 0, session: 0 })
    expect(await chatRow(page, 'Robin').count()).toBe(0)
  },
)

function messages(page: Page, name: string): Locator {
  return page.getByRole('list', { name: `Messages with ${name}` }).getByRole('listitem')
}

async function write(page: Page, words: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Write a message' }).fill(words)
  await page.getByRole('textbox', { name: 'Write a message' }).press('Enter')
}

/** Listens to the page's loudspeaker. @returns waits until something was played */
async function listen(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  let played = 0
  session.on('Media.playerEventsAdded', ({ events }) => {
    for (const { value } of events) if (value.includes('kPlay')) played++
  })
  await session.send('Media.enable')
  return () => expect.poll(() => played, { timeout: 5_000, message: 'a sound' }).toBeGreaterThan(0)
}

/** The photos of the demo's chats: thumbnails that the page fetched by GET, drawn. */
async function seePhotos(page: Page): Promise<void> {
  const fetched: string[] = []
  page.on('request', (request) => {
    if (request.resourceType() === 'image') fetched.push(`${request.method()} ${new URL(request.url()).pathname}`)
  })
  await chatRow(page, 'Tomás Rey').click()
  const photos = messages(page, 'Tomás Rey').getByRole('button', { name: 'Open the photo' }).locator('img')
  await photos.first().waitFor()
  for (const photo of await photos.all()) {
    await photo.scrollIntoViewIfNeeded()
    await expect.poll(() => photo.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  }
  expect(fetched.length).toBeGreaterThan(0)
  expect(fetched.filter((request) => !request.startsWith('GET /v1/media/'))).toEqual([])
}
