/**
 * The runtime is killed (SIGKILL) at random moments while four devices of two people write to each other at full speed.
 * What was answered `ok` is there once and in order, on every device of both.
 */
import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { eventually } from '../support/outside/eventually.ts'
import {
  link,
  openPhone,
  phoneUrl,
  resume,
  signIn,
  type LinkedBrowser,
  type Person,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial } from '../support/outside/socket.ts'
import { Client } from './client.ts'

const ROUNDS = 20
/** How long they write before the kill. */
const LEAST_MS = 40
const MOST_MS = 350
const SETTLE_MS = 30_000
const HISTORY_PAGE = 100

const server = useServer()

test(`a message answered ok survives ${ROUNDS} kills of the runtime, once and in order, on each device of both people`, async () => {
  const [ada, bob] = [await signIn(server), await signIn(server)]
  const [adaBrowser, bobBrowser] = [await link(ada), await link(bob)]
  const conversations = await begin(ada, bob)
  const clients = await Promise.all([
    phoneClient('ada phone', ada, conversations.ada),
    browserClient('ada browser', adaBrowser, conversations.ada),
    phoneClient('bob phone', bob, conversations.bob),
    browserClient('bob browser', bobBrowser, conversations.bob),
  ])
  let before = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const started = await Promise.all(clients.map((client) => client.start()))
    await new Promise((resolve) => setTimeout(resolve, randomInt(LEAST_MS, MOST_MS)))
    await server.kill()
    await Promise.all(started.map(({ ended }) => ended))
    await server.restart()
    const acknowledged = clients.reduce((sum, client) => sum + client.acknowledged.size, 0)
    expect(acknowledged, `something was answered in round ${round}`).toBeGreaterThan(before)
    before = acknowledged
  }

  // Some more from each, so that what is left over from the last kill is answered too.
  for (const client of clients) client.limit = client.sent + 1
  await Promise.all(clients.map((client) => client.start()))
  const total = clients.reduce((sum, client) => sum + client.limit, 0)
  const isQuiet = (): boolean => clients.every((client) => client.isAnswered && client.received.length >= total)
  await eventually('every message on every device', async () => isQuiet(), SETTLE_MS).catch((error: unknown) => {
    const counts = clients.map(({ name, received, acknowledged }) => `${name} ${acknowledged.size} ${received.length}`)
    throw new Error(`of ${total}: ${counts.join('; ')}`, { cause: error })
  })

  expect(clients.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`))).toEqual([])
  const numbers = (texts: readonly string[], name: string) =>
    texts.filter((text) => text.startsWith(`${name} `)).map((text) => Number(text.split(' ').at(-1)))
  const [adaHistory, bobHistory] = await Promise.all([
    historyOf(ada, conversations.ada),
    historyOf(bob, conversations.bob),
  ])
  for (const { name, limit } of clients) {
    const all = Array.from({ length: limit }, (_, index) => index + 1)
    for (const client of clients) expect(numbers(client.received, name), `${name} at ${client.name}`).toEqual(all)
    expect(numbers(adaHistory, name), `${name} in ada's history`).toEqual(all)
    expect(numbers(bobHistory, name), `${name} in bob's history`).toEqual(all)
  }
  const [adaPhone, adaScreen, bobPhone, bobScreen] = clients.map(({ received }) => received)
  expect(adaScreen).toEqual(adaPhone)
  expect(bobScreen).toEqual(bobPhone)
  expect(adaHistory).toEqual(adaPhone)
  expect(bobHistory).toEqual(bobPhone)
  await Promise.all(clients.map((client) => client.stop()))
}, 150_000)

/** The conversation between two, as each of them sees it. */
async function begin(ada: Person, bob: Person): Promise<{ ada: string; bob: string }> {
  const [{ socket: adaPhone }, { socket: bobPhone }] = [await openPhone(ada), await openPhone(bob)]
  const forAda = await adaPhone.ok({ type: 'start', number: bob.number })
  const forBob = await bobPhone.ok({ type: 'start', number: ada.number })
  await Promise.all([adaPhone.close(), bobPhone.close()])
  return { ada: forAda.conversation.id, bob: forBob.conversation.id }
}

/** A client begins where its account is now: its first socket is there for a snapshot only. */
async function phoneClient(name: string, person: Person, conversation: string): Promise<Client> {
  const { socket, snapshot } = await openPhone(person)
  await socket.close()
  return new Client(name, conversation, snapshot.cursor, (cursor) =>
    dial(phoneUrl(person, cursor), { origin: null, headers: { Authorization: `Bearer ${person.accessToken}` } }),
  )
}

async function browserClient(name: string, browser: LinkedBrowser, conversation: string): Promise<Client> {
  await browser.socket.close()
  const first = await resume(browser, server)
  await first.next('resumed')
  const { cursor: from } = await first.next('snapshot')
  await first.close()
  return new Client(name, conversation, from, async (cursor) => {
    const socket = await resume(browser, server, { cursor })
    const resumed = await socket.next('resumed')
    expect(resumed.cursor).toBe(cursor)
    return socket
  })
}

/** Every text of a conversation, oldest first, as a fresh phone pages through it. */
async function historyOf(person: Person, conversation: string): Promise<string[]> {
  const { socket } = await openPhone(person)
  const texts: string[] = []
  let before: number | undefined
  for (;;) {
    const page = await socket.ok({
      type: 'history',
      conversation,
      limit: HISTORY_PAGE,
      ...(before === undefined ? {} : { before }),
    })
    texts.unshift(...page.messages.map(({ text }: { text: string }) => text))
    before = page.messages[0]?.seq
    if (!page.more || before === undefined) break
  }
  await socket.close()
  return texts
}
