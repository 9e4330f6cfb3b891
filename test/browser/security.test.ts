/** What the pages themselves must hold against an attacker: plain words, text that stays text, and whose account it is. */
import { expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import {
  approve,
  asPhone,
  message,
  openBrowser,
  openPhone as dialPhone,
  scan,
  signIn,
  type Person,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { chatRow, openCompanion, seeChats, seeCode, type CompanionPage } from './companion.ts'
import { openPhone } from './phone.ts'
import { COMPUTER, PHONE, useWindows } from './windows.ts'

/** Nobody knows where anybody is, so a browser that is not on this machine is far. */
const server = useServer({ cf: {}, vars: { ROTATE_SECONDS: '120' } })
const windows = useWindows()

it('S26: says what linking gives away on both screens, and warns of one that is far away', async () => {
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  await seeCode(companion)
  const words = 'Only link a screen you can see. Until you unlink it, it can read and send your messages.'
  expect(await companion.page.getByText(words).isVisible()).toBe(true)
  const context = await windows.profile(PHONE)
  await openPhone(windows, context, server)
  const { socket, qr } = await openBrowser(server, { headers: { 'CF-Connecting-IP': '203.0.113.9' } })
  const page = await windows.page(context)
  await page.goto(qr.url)
  await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  for (const told of [
    'It will read and send your messages until you unlink it.',
    'This screen seems far away. Go on only if you are looking at it right now.',
  ]) {
    expect(await page.getByText(told).isVisible(), told).toBe(true)
  }
  await page.getByText('Details').click()
  expect(await page.getByText('203.0.113.9').isVisible()).toBe(true)
  // Opening the address asks, and nothing more; to decline takes one press, as to approve does.
  expect(socket.seen.map(({ type }) => type)).toEqual(['qr', 'scanned'])
  await page.getByRole('button', { name: 'Decline' }).click()
  await socket.first('declined')
  socket.cut()
})

it('S28: shows names and texts as they are, never as markup, and keeps their direction to themselves', async () => {
  const [victim, eve] = [await signIn(server), await signIn(server)]
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  await link(companion, victim)
  const { page } = companion
  const name = '<img src=x onerror=alert(1)>'
  expect((await asPhone(eve, '/v1/account', { method: 'PATCH', json: { name } })).status).toBe(200)
  const text = '<b onmouseover=alert(1)>bold</b>&amp;<script>alert(1)</script>'
  // Under the mark before it, an address would be read from its end: https://bank.example/…
  const turned = 'https://evil.example/elpmaxe.knab//:sptth'
  await say(eve, victim, [text, 'abc\u202eevil\u2066', `\u202e${turned}`])
  const row = chatRow(page, name)
  await row.waitFor()
  expect(await row.locator('bdi').first().textContent()).toBe(name)
  await row.click()
  const words = page.locator('.bubble .words')
  await words.nth(2).waitFor()
  expect(await words.allTextContents()).toEqual([text, 'abc\u202eevil\u2066', `\u202e${turned}`])
  expect(await page.locator('main img[src="x"], .bubble b, .bubble script').count()).toBe(0)
  const isolation = await page
    .locator('.bubble .words, .chat-name, .chat-preview bdi')
    .evaluateAll((elements) => elements.map((element) => getComputedStyle(element).unicodeBidi))
  for (const value of isolation) expect(['isolate', 'plaintext', 'isolate-override']).toContain(value)
  expect(await words.locator('a').evaluate(startsAtLeft)).toBe(true)
})

it('S29: says first in whose account it is, and asks once before the first message goes out', async () => {
  const [eve, friend] = [await signIn(server), await signIn(server)]
  await asPhone(eve, '/v1/account', { method: 'PATCH', json: { name: 'Eve' } })
  const companion = await openCompanion(windows, await windows.profile(COMPUTER), server)
  await link(companion, eve)
  const { page, sockets } = companion
  expect(await page.locator('.side-account').getByText('Eve', { exact: true }).isVisible()).toBe(true)
  await say(friend, eve, ['Hello'])
  await chatRow(page, 'Hello').click()
  const sent = (): number => sockets.flatMap(({ sent: frames }) => frames).filter(({ type }) => type === 'send').length
  await write(page, 'my bank details')
  const question = page.getByRole('dialog', { name: 'Send as Eve?' })
  await question.waitFor()
  expect(sent()).toBe(0)
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  expect(sent()).toBe(0)
  await page.getByRole('textbox', { name: 'Write a message' }).press('Enter')
  await question.getByRole('button', { name: 'That’s me, send' }).click()
  await expect.poll(sent).toBe(1)
  await write(page, 'a second one')
  await expect.poll(sent).toBe(2)
})

/** Whether the first letters of a link stand to the left of those that follow. */
function startsAtLeft(element: Element): boolean {
  const letters = [...element.childNodes].find((node) => node instanceof Text)!
  const leftOf = (from: number): number => {
    const range = document.createRange()
    range.setStart(letters, from)
    range.setEnd(letters, from + 1)
    return range.getBoundingClientRect().left
  }
  return leftOf(0) < leftOf(1)
}

async function link(companion: CompanionPage, person: Person): Promise<void> {
  const { token } = await seeCode(companion)
  expect((await scan(person, token)).status).toBe(200)
  expect((await approve(person, token)).status).toBe(200)
  await seeChats(companion.page)
}

async function say(from: Person, to: Person, words: string[]): Promise<void> {
  const { socket } = await dialPhone(from)
  const { conversation } = await socket.ok({ type: 'start', number: to.number })
  for (const each of words) await socket.ok(message(conversation.id, each))
  await socket.close()
}

async function write(page: Page, words: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Write a message' })
  await box.fill(words)
  await box.press('Enter')
}
