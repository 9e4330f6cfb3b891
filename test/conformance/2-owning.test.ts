/** Section 2: what is one's own to find, to delete and to keep out. */
import { expect } from 'vitest'
import { eventually } from '../support/outside/eventually.ts'
import { asPhone, link, message, openPhone, pair } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import type { TestSocket } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const server = useServer()

const SAID = [
  '今天我们去北京大学看花',
  'Grüße aus ZÜRICH',
  'naïve café',
  'привет, мир',
  'السلام عليكم',
  'see you 🎉',
  'a % _ " *',
]

requirement('2.14', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  for (const text of SAID) await adaPhone.ok(message(conversation, text))
  await bobPhone.event('message', ({ message: { text } }) => text === SAID.at(-1))
  const browser = await link(ada)
  const { socket: bobAgain } = await openPhone(bob)
  const found: [text: string, said: number[]][] = [
    ['京大', [0]],
    ['花', [0]],
    ['大北', []],
    ['zurich', [1]],
    ['GRÜSSE', [1]],
    ['cafe', [2]],
    ['Привет', [3]],
    ['السلام', [4]],
    ['🎉', [5]],
    ['a', [6, 1]],
    ['nowhere', []],
    ['" OR "a', []],
    ['NEAR(', []],
    ['*', []],
  ]
  for (const [text, said] of found) {
    for (const socket of [browser.socket, adaPhone, bobAgain]) {
      const { messages, more } = await socket.ok({ type: 'search', text })
      const texts = messages.map((each: { text: string }) => each.text)
      expect([text, texts, more]).toEqual([text, said.map((index) => SAID[index]), null])
    }
  }
  await browser.socket.close()
})

requirement('2.40', async () => {
  const { adaPhone, conversation } = await pair(server)
  const sent = Array.from({ length: 130 }, (_, i) => `needle ${i}`)
  await Promise.all(sent.map((text) => adaPhone.ok(message(conversation, text))))
  const seen: string[] = []
  for (let after: string | null = null, pages = 0; ; pages++) {
    const page = await adaPhone.ok({ type: 'search', text: 'NEED', ...(after === null ? {} : { after }) })
    seen.push(...page.messages.map((each: { text: string }) => each.text))
    // What is said meanwhile is newer than the page, and moves nothing.
    await adaPhone.ok(message(conversation, `needle ${1_000 + pages}`))
    if (page.more === null) break
    after = page.more
    expect(pages).toBeLessThan(10)
  }
  expect(seen).toEqual(sent.toReversed())
  expect(await adaPhone.ask({ type: 'search', text: 'needle', after: 'nonsense' })).toMatchObject({
    code: 'bad_request',
  })
  expect(await adaPhone.ask({ type: 'search', text: '' })).toMatchObject({ code: 'bad_request' })
})

requirement('2.29', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const browser = await link(ada)
  const [mine, all] = [
    await adaPhone.ok(message(conversation, 'secret one')),
    await adaPhone.ok(message(conversation, 'secret two')),
  ]
  const received = await bobPhone.event('message', ({ message: each }) => each.id === all.message.id)
  const theirs: string = received.message.conversation

  await adaPhone.ok({ type: 'delete', conversation, id: mine.message.id, for: 'me' })
  for (const socket of [adaPhone, browser.socket]) {
    await socket.event('deleted', (event) => event.conversation === conversation && event.id === mine.message.id)
  }
  expect(await textsIn(adaPhone, conversation)).toEqual([undefined, 'secret two'])
  expect(await textsIn(bobPhone, theirs)).toEqual(['secret one', 'secret two'])

  expect(await bobPhone.ask({ type: 'delete', conversation: theirs, id: all.message.id, for: 'all' })).toMatchObject({
    code: 'not_allowed',
  })
  await browser.socket.ok({ type: 'delete', conversation, id: all.message.id, for: 'all' })
  await bobPhone.event('deleted', (event) => event.conversation === theirs && event.id === all.message.id)
  for (const socket of [adaPhone, browser.socket]) await socket.event('deleted', ({ id }) => id === all.message.id)
  expect(await textsIn(adaPhone, conversation)).toEqual([undefined, undefined])
  expect(await textsIn(bobPhone, theirs)).toEqual(['secret one', undefined])
  for (const [socket, left] of [
    [adaPhone, []],
    [bobPhone, ['secret one']],
  ] as const) {
    const { messages } = await socket.ok({ type: 'search', text: 'secret' })
    expect(messages.map(({ text }: { text: string }) => text)).toEqual(left)
  }
  // Again is no news, and what is not there is not found.
  await adaPhone.ok({ type: 'delete', conversation, id: all.message.id, for: 'all' })
  expect(await adaPhone.ask({ type: 'delete', conversation, id: crypto.randomUUID(), for: 'me' })).toMatchObject({
    code: 'not_found',
  })
  await browser.socket.close()
})

requirement('2.33', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'before'))
  const { message: first } = await bobPhone.event('message')
  await bobPhone.ok({ type: 'block', account: ada.account.id, on: true })
  await bobPhone.event('conversation', (event) => event.conversation.peer.blocked === true)
  expect(await bobPhone.ask(message(first.conversation, 'to a blocked one'))).toMatchObject({ code: 'not_allowed' })

  await asPhone(ada, '/v1/account', { method: 'PATCH', json: { name: 'Renamed while blocked' } })
  adaPhone.send({ type: 'typing', conversation, on: true })
  const dropped = await adaPhone.ok(message(conversation, 'while blocked'))
  await bobPhone.ok({ type: 'block', account: ada.account.id, on: false })
  const kept = await adaPhone.ok(message(conversation, 'after'))
  await bobPhone.event('message', ({ message: each }) => each.id === kept.message.id)
  expect(bobPhone.seen.filter(({ type }) => type === 'typing')).toEqual([])
  expect(await textsIn(bobPhone, first.conversation)).toEqual(['before', 'after'])
  await adaPhone.event('status', (event) => event.deliveredUpTo >= kept.message.seq)
  expect(dropped.message.seq).toBeLessThan(kept.message.seq)
  await eventually('the name that was set meanwhile', async () => {
    const { snapshot, socket } = await openPhone(bob)
    await socket.close()
    return snapshot.conversations[0].title === 'Renamed while blocked'
  })
})

requirement('2.41', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'hello'))
  await bobPhone.event('message')
  const browser = await link(bob)
  const renamed = await asPhone(ada, '/v1/account', { method: 'PATCH', json: { name: 'Ada Lovelace' } })
  expect(renamed.status).toBe(200)
  for (const socket of [bobPhone, browser.socket]) {
    const { conversation: seen } = await socket.event(
      'conversation',
      (event) => event.conversation.title === 'Ada Lovelace',
    )
    expect(seen.peer.account).toBe(ada.account.id)
  }
  await browser.socket.close()
})

async function textsIn(socket: TestSocket, conversation: string): Promise<(string | undefined)[]> {
  const { messages } = await socket.ok({ type: 'history', conversation })
  return messages.map(({ text }: { text?: string }) => text)
}
