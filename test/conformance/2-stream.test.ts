/** Section 2: conversations, messages, marks, and the frames that carry them. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import {
  asPhone,
  link,
  message,
  openPhone,
  pair,
  phoneUrl,
  randomNumber,
  resume,
  signIn,
  signInMany,
  type Person,
} from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { dial, type Frame, type TestSocket } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const server = useServer()
const SOON_MS = 5_000

requirement('2.1', async () => {
  const { ada, bob, adaPhone, conversation } = await pair(server)
  const sent = await adaPhone.ok(message(conversation, 'hello'))
  const { snapshot, socket } = await link(ada)
  expect(snapshot).toMatchObject({
    cursor: expect.any(Number),
    account: { id: ada.account.id, name: ada.account.name },
    conversations: expect.any(Array),
    more: null,
  })
  expect(snapshot.conversations[0]).toMatchObject({
    id: conversation,
    title: expect.any(String),
    peer: {
      account: bob.account.id,
      number: bob.number,
      deliveredUpTo: expect.any(Number),
      readUpTo: expect.any(Number),
    },
    unread: 0,
    readUpTo: expect.any(Number),
    last: { id: sent.message.id, text: 'hello', from: 'me' },
  })
  await socket.close()
})

requirement('2.2', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  const byAccount = await adaPhone.ok({ type: 'start', account: bob.account.id })
  const byNumber = await adaPhone.ok({ type: 'start', number: bob.number })
  expect([byAccount.conversation.id, byNumber.conversation.id]).toEqual([conversation, conversation])
  expect(byNumber.conversation.peer.account).toBe(bob.account.id)
  const theirs = await bobPhone.ok({ type: 'start', number: ada.number })
  expect(theirs.conversation.peer.account).toBe(ada.account.id)
  const unknown = [{ number: randomNumber() }, { account: 'nobody' }, { account: randomUUID() }]
  for (const whom of unknown) {
    expect(await adaPhone.ask({ type: 'start', ...whom })).toMatchObject({ type: 'error', code: 'not_found' })
  }
  for (const whom of [{}, { number: bob.number, account: bob.account.id }, { number: 5 }]) {
    expect(await adaPhone.ask({ type: 'start', ...whom })).toMatchObject({ type: 'error', code: 'bad_request' })
  }
})

requirement('2.3', async () => {
  const { adaPhone, conversation } = await pair(server)
  const sending = message(conversation, 'hello')
  const ok = await adaPhone.ok(sending)
  const event = await adaPhone.event('message', (it) => it.message.id === sending.id)
  expect(ok.message).toMatchObject({
    id: sending.id,
    conversation,
    seq: expect.any(Number),
    from: 'me',
    sentAt: expect.any(Number),
    text: 'hello',
  })
  expect(Math.abs(ok.message.sentAt - Date.now())).toBeLessThan(SOON_MS)
  expect(event).toMatchObject({ message: ok.message, unread: 0 })
})

requirement('2.4', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const carol = await signIn(server)
  const elsewhere = await adaPhone.ok({ type: 'start', number: carol.number })
  const sending = message(conversation, 'once')
  const first = await adaPhone.ok(sending)
  const [second, third] = await Promise.all([adaPhone.ok(sending), adaPhone.ok(sending)])
  expect([second.message, third.message]).toEqual([first.message, first.message])
  expect(await adaPhone.ask({ ...sending, conversation: elsewhere.conversation.id })).toMatchObject({
    type: 'error',
    code: 'bad_request',
  })
  await adaPhone.ok(message(conversation, 'after'))
  await bobPhone.event('message', ({ message: { text } }) => text === 'after')
  const received = bobPhone.seen.filter(({ event }) => event?.kind === 'message' && event.message.id === sending.id)
  expect(received).toHaveLength(1)
  const { socket, snapshot } = await openPhone(ada)
  expect(snapshot.conversations).toHaveLength(2)
  await socket.close()
})

requirement('2.4', 'another person’s message may have the same id', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const mine = await adaPhone.ok(message(conversation, 'mine'))
  await bobPhone.event('message')
  const { conversation: theirs } = await bobPhone.ok({ type: 'start', number: ada.number })
  const same = await bobPhone.ok(message(theirs.id, 'theirs', { id: mine.message.id }))
  expect(same.message.text).toBe('theirs')
  const arrived = await adaPhone.event('message', (it) => it.message.from !== 'me')
  expect(arrived.message).toMatchObject({ id: mine.message.id, text: 'theirs' })
})

requirement('2.5', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  const [adaBrowser, bobBrowser] = await Promise.all([link(ada), link(bob)])
  const sending = message(conversation, 'to everybody')
  await adaBrowser.socket.ok(sending)
  const isIt = (event: Frame): boolean => event.message.id === sending.id
  for (const socket of [adaPhone, adaBrowser.socket]) {
    expect((await socket.event('message', isIt)).message.from).toBe('me')
  }
  for (const socket of [bobPhone, bobBrowser.socket]) {
    const event = await socket.event('message', isIt)
    expect(event).toMatchObject({ message: { from: ada.account.id, text: 'to everybody' }, unread: 1 })
    const kinds = socket.seen.filter(({ type }) => type === 'event').map(({ event: { kind } }) => kind)
    // A browser that linked after the conversation began has it from its snapshot.
    if (kinds.includes('conversation')) expect(kinds.indexOf('conversation')).toBeLessThan(kinds.indexOf('message'))
  }
  await Promise.all([adaBrowser.socket.close(), bobBrowser.socket.close()])
})

requirement('2.6', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const texts = Array.from({ length: 120 }, (_, index) => `${index}`)
  const answers = await Promise.all(texts.map((text) => adaPhone.ok(message(conversation, text), 15_000)))
  const seqs = answers.map(({ message: { seq } }) => seq)
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  await bobPhone.event('message', (event) => event.message.text === '119', 15_000)
  expect(textsFrom(bobPhone, ada)).toEqual(texts)
  expectDense(bobPhone)
  expectDense(adaPhone)
})

requirement('2.7', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  const [adaBrowser, bobBrowser] = await Promise.all([link(ada), link(bob)])
  const { conversation: theirs } = await bobPhone.ok({ type: 'start', number: ada.number })
  const texts = Array.from({ length: 40 }, (_, index) => `${index}`)
  await Promise.all([
    ...texts.map((text) => adaBrowser.socket.ok(message(conversation, text), 15_000)),
    ...texts.map((text) => bobBrowser.socket.ok(message(theirs.id, text), 15_000)),
  ])
  const done = (event: Frame): boolean => event.message.text === '39' && event.message.from !== 'me'
  await Promise.all(
    [adaPhone, bobPhone, adaBrowser.socket, bobBrowser.socket].map((socket) => socket.event('message', done, 15_000)),
  )
  for (const [socket, peer] of [
    [adaPhone, bob],
    [adaBrowser.socket, bob],
    [bobPhone, ada],
    [bobBrowser.socket, ada],
  ] as const) {
    expectDense(socket)
    expect(textsFrom(socket, peer)).toEqual(texts)
  }
  // Both devices of an account have seen the same log.
  const log = (socket: TestSocket): Map<number, string> =>
    new Map(
      socket.seen
        .filter(({ event }) => event?.kind === 'message')
        .map(({ cursor, event }) => [cursor, event.message.id + event.message.from]),
    )
  const [phone, browser] = [log(adaPhone), log(adaBrowser.socket)]
  for (const [cursor, id] of browser) expect(phone.get(cursor)).toBe(id)
  await Promise.all([adaBrowser.socket.close(), bobBrowser.socket.close()])
})

requirement('2.8', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const first = await adaPhone.ok(message(conversation, 'one'))
  const second = await adaPhone.ok(message(conversation, 'two'))
  const delivered = await adaPhone.event('status', (it) => it.deliveredUpTo >= second.message.seq)
  expect(delivered).toMatchObject({ conversation })
  expect(delivered.readUpTo).toBeLessThan(first.message.seq)
  const theirs = await bobPhone.event('message', (it) => it.message.text === 'one')
  const theirsToo = await bobPhone.event('message', (it) => it.message.text === 'two')
  const where = theirs.message.conversation
  await bobPhone.ok({ type: 'read', conversation: where, upTo: theirs.message.seq })
  const read = await adaPhone.event('status', (it) => it.readUpTo >= first.message.seq)
  expect(read.readUpTo).toBeLessThan(second.message.seq)
  await bobPhone.ok({ type: 'read', conversation: where, upTo: theirsToo.message.seq })
  await adaPhone.event('status', (it) => it.readUpTo >= second.message.seq)
  const marks = adaPhone.seen.filter(({ event }) => event?.kind === 'status').map(({ event }) => event)
  for (const mark of ['deliveredUpTo', 'readUpTo'] as const) {
    const values = marks.map((event) => event[mark])
    expect(values).toEqual(values.toSorted((a, b) => a - b))
  }
  const { snapshot, socket } = await openPhone(ada)
  const { peer } = snapshot.conversations[0]
  expect([peer.deliveredUpTo, peer.readUpTo].every((mark) => mark >= second.message.seq)).toBe(true)
  await socket.close()
})

requirement('2.9', async () => {
  const { bob, adaPhone, bobPhone, conversation } = await pair(server)
  const browser = await link(bob)
  for (const text of ['one', 'two']) await adaPhone.ok(message(conversation, text))
  const one = await bobPhone.event('message', (it) => it.message.text === 'one')
  const two = await bobPhone.event('message', (it) => it.message.text === 'two')
  const where = one.message.conversation
  await browser.socket.ok({ type: 'read', conversation: where, upTo: one.message.seq })
  for (const socket of [bobPhone, browser.socket]) {
    expect(await socket.event('read')).toMatchObject({ conversation: where, upTo: one.message.seq, unread: 1 })
  }
  await browser.socket.ok({ type: 'read', conversation: where, upTo: Number.MAX_SAFE_INTEGER })
  expect(await bobPhone.event('read')).toMatchObject({ upTo: two.message.seq, unread: 0 })
  await browser.socket.ok({ type: 'read', conversation: where, upTo: 0 })
  const { snapshot, socket } = await openPhone(bob)
  expect(snapshot.conversations[0]).toMatchObject({ readUpTo: two.message.seq, unread: 0 })
  await Promise.all([socket.close(), browser.socket.close()])
})

requirement('2.10', async () => {
  const { bob, adaPhone, bobPhone, conversation } = await pair(server)
  for (const text of ['one', 'two', 'three']) await adaPhone.ok(message(conversation, text))
  for (const [at, text] of ['one', 'two', 'three'].entries()) {
    expect(await bobPhone.event('message', (it) => it.message.text === text)).toMatchObject({ unread: at + 1 })
  }
  const { socket, snapshot } = await openPhone(bob)
  expect(snapshot.conversations[0].unread).toBe(3)
  await socket.close()
})

requirement('2.11', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'hello'))
  const { message: received } = await bobPhone.event('message')
  adaPhone.drain()
  adaPhone.send({ type: 'typing', conversation, on: true })
  expect(await bobPhone.first('typing')).toMatchObject({ conversation: received.conversation, on: true })
  adaPhone.send({ type: 'typing', conversation: 'nowhere', on: true })
  await adaPhone.ping()
  expect(adaPhone.seen.filter(({ type }) => type === 'typing' || type === 'error')).toEqual([])
  const before = bobPhone.seen.findLast(({ type }) => type === 'event')?.cursor
  const { socket, snapshot } = await openPhone(bob)
  expect(snapshot.cursor).toBe(before)
  expect(ada.account.id).not.toBe(bob.account.id)
  await socket.close()
})

requirement('2.12', async () => {
  const { adaPhone, conversation } = await pair(server)
  const texts = Array.from({ length: 25 }, (_, index) => `${index}`)
  for (const text of texts) await adaPhone.ok(message(conversation, text))
  const read: string[] = []
  let before: number | undefined
  for (const size of [10, 10, 5]) {
    const page = await adaPhone.ok({
      type: 'history',
      conversation,
      limit: 10,
      ...(before === undefined ? {} : { before }),
    })
    expect(page.messages).toHaveLength(size)
    const seqs: number[] = page.messages.map(({ seq }: Frame) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    if (before !== undefined) expect(seqs.at(-1)).toBeLessThan(before)
    expect(page.more).toBe(size === 10)
    read.unshift(...page.messages.map(({ text }: Frame) => text))
    before = seqs[0]
  }
  expect(read).toEqual(texts)
  expect((await adaPhone.ok({ type: 'history', conversation })).messages).toHaveLength(25)
  for (const limit of [0, 101, -1, 1.5, '5']) {
    expect(await adaPhone.ask({ type: 'history', conversation, limit })).toMatchObject({ code: 'bad_request' })
  }
})

requirement('2.13', async () => {
  const { ada, adaPhone, conversation } = await pair(server)
  const listed = await adaPhone.ok({ type: 'conversations', ids: [conversation, 'nobody’s'] })
  expect(listed.conversations.map(({ id }: Frame) => id)).toEqual([conversation])
  const one = await openPhone(ada)
  expect(one.snapshot.more).toBeNull()
  expect(await adaPhone.ask({ type: 'conversations', after: 'nonsense' })).toMatchObject({
    type: expect.stringMatching(/^(ok|error)$/),
  })
  await one.socket.close()
})

requirement('2.15', async () => {
  const { adaPhone } = await pair(server)
  const longest = 'r'.repeat(64)
  adaPhone.send({ type: 'start', ref: longest, number: randomNumber() })
  await adaPhone.find('the error', ({ type, ref }) => type === 'error' && ref === longest)
  const answered = await Promise.all(
    ['a', 'b', 'c'].map((ref) => adaPhone.ask({ type: 'conversations', ids: [], ref })),
  )
  expect(answered.map(({ ref }) => ref)).toEqual(['a', 'b', 'c'])
  for (const ref of [undefined, '', 'r'.repeat(65), 7, null, {}]) {
    adaPhone.send({ type: 'conversations', ids: [], ref })
    const error = await adaPhone.find('the error', ({ type }) => type === 'error')
    expect(error).toMatchObject({ code: 'bad_request', message: expect.any(String) })
    expect(error).not.toHaveProperty('ref')
  }
  await adaPhone.ping()
})

requirement('2.16', async () => {
  const { adaPhone, bobPhone, conversation } = await pair(server)
  const good = ['a', 'line\nline\ttab', 'ß'.repeat(8_192), '👩‍🚀'.repeat(10), '<b>&amp;</b>', '\u202eabc', ' ']
  for (const text of good) {
    expect((await adaPhone.ok(message(conversation, text))).message.text).toBe(text)
    expect((await bobPhone.event('message')).message.text).toBe(text)
  }
  for (const text of ['a'.repeat(16_385), 'ß'.repeat(8_193)]) {
    const answer = await adaPhone.ask(message(conversation, text))
    expect(answer).toMatchObject({ type: 'error', code: expect.stringMatching(/^(payload_too_large|bad_request)$/) })
  }
  for (const text of ['', 'a\u0000b', '\u0007', 'a\rb', '\u001b[31m', 7, null, ['a'], { a: 1 }]) {
    const answer = await adaPhone.ask(message(conversation, 'x', { text }))
    expect(answer).toMatchObject({ type: 'error', code: 'bad_request' })
  }
})

requirement('2.17', async () => {
  const { adaPhone, conversation } = await pair(server)
  const bare = { type: 'send', id: randomUUID(), conversation }
  expect(await adaPhone.ask(bare)).toMatchObject({ type: 'error', code: 'bad_request' })
  for (const id of ['1', '', 'not-a-uuid', 7]) {
    expect(await adaPhone.ask({ ...bare, id, text: 'a' })).toMatchObject({ type: 'error', code: 'bad_request' })
  }
})

requirement('2.22', async () => {
  const { adaPhone, conversation } = await pair(server)
  const eve = await signIn(server)
  const sent = await adaPhone.ok(message(conversation, 'private'))
  const [{ socket: phone }, browser] = [await openPhone(eve), await link(eve)]
  for (const socket of [phone, browser.socket]) {
    for (const request of [
      message(conversation, 'intruding'),
      { type: 'history', conversation },
      { type: 'read', conversation, upTo: 1 },
    ]) {
      expect(await socket.ask(request)).toMatchObject({ type: 'error', code: 'not_found' })
    }
    const listed = await socket.ok({ type: 'conversations', ids: [conversation] })
    expect(listed.conversations).toEqual([])
    socket.send({ type: 'typing', conversation, on: true })
  }
  const own = await phone.ok({ type: 'start', number: (await signIn(server)).number })
  const reply = await phone.ask(message(own.conversation.id, 'reply', { replyTo: sent.message.id }))
  if (reply.type === 'ok') expect(reply.message).not.toHaveProperty('text', 'private')
  else expect(['not_found', 'bad_request']).toContain(reply.code)
  expect(await phone.ask(message(own.conversation.id, 'm', { media: 'm'.repeat(20) }))).toMatchObject({ type: 'error' })
  await browser.socket.close()
})

requirement('2.27', async () => {
  const person = await signIn(server)
  const [browser, { socket: phone }] = [await link(person), await openPhone(person)]
  const renamed = await asPhone(person, '/v1/account', { method: 'PATCH', json: { name: 'Grace' } })
  expect(renamed.status).toBe(200)
  for (const socket of [browser.socket, phone]) {
    expect(await socket.event('profile')).toMatchObject({ account: { id: person.account.id, name: 'Grace' } })
  }
  await browser.socket.close()
})

requirement('2.28', async () => {
  const { ada, adaPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'x'.repeat(1_000)))
  const { socket, snapshot } = await openPhone(ada)
  expect(snapshot.conversations[0].last.text).toHaveLength(256)
  await socket.close()
})

requirement('2.30', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const question = await adaPhone.ok(message(conversation, 'well?'))
  const { message: received } = await bobPhone.event('message')
  await bobPhone.ok(message(received.conversation, 'well!', { replyTo: received.id }))
  const answer = await adaPhone.event('message', (it) => it.message.from !== 'me')
  expect(answer.message).toMatchObject({ text: 'well!', replyTo: question.message.id })
  expect(ada.account.id).not.toBe(answer.message.from)
})

requirement('2.32', async () => {
  const { ada, adaPhone, conversation } = await pair(server)
  const text = 'ß'.repeat(8_192)
  for (let sent = 0; sent < 40; sent++) await adaPhone.ok(message(conversation, text))
  const { socket, snapshot } = await openPhone(ada)
  expect(snapshot.conversations).toHaveLength(1)
  const page = await socket.ok({ type: 'history', conversation, limit: 100 })
  expect(page.messages.length).toBeGreaterThan(0)
  expect(page.messages.length).toBeLessThan(40)
  expect(page.more).toBe(true)
  const rest = await socket.ok({ type: 'history', conversation, limit: 100, before: page.messages[0].seq })
  expect(rest.messages.at(-1).seq).toBeLessThan(page.messages[0].seq)
  expect(Math.max(socket.largest, adaPhone.largest)).toBeLessThanOrEqual(256 * 1024)
  const caughtUp = await dial(phoneUrl(ada, 0), {
    origin: null,
    headers: { Authorization: `Bearer ${ada.accessToken}` },
  })
  await caughtUp.find('the stream', ({ type, cursor }) => type === 'snapshot' || cursor === snapshot.cursor)
  expect(caughtUp.largest).toBeLessThanOrEqual(256 * 1024)
  await Promise.all([socket.close(), caughtUp.close()])
})

requirement('2.36', async () => {
  const [person, ...peers] = await signInMany(server, 32)
  const { socket } = await openPhone(person!)
  const answers: Frame[] = []
  for (const { number } of peers) answers.push(await socket.ask({ type: 'start', number }))
  expect(answers.slice(0, 30).every(({ type }) => type === 'ok')).toBe(true)
  expect(answers[30]).toMatchObject({ type: 'error', code: 'rate_limited', retryAfter: expect.any(Number) })
  // A conversation that is there may be opened all the same.
  await socket.ok({ type: 'start', number: peers[0]!.number })
  await socket.close()
})

requirement('2.7', 'a browser that was away gets the rest, once', async () => {
  const { ada, adaPhone, conversation } = await pair(server)
  const browser = await link(ada)
  await adaPhone.ok(message(conversation, 'seen'))
  await browser.socket.event('message')
  const { cursor } = browser.socket.seen.findLast(({ type }) => type === 'event')!
  browser.socket.cut()
  const missed = Array.from({ length: 30 }, (_, index) => `missed ${index}`)
  await Promise.all(missed.map((text) => adaPhone.ok(message(conversation, text))))
  const again = await resume(browser, server, { cursor })
  await again.next('resumed')
  const sending = message(conversation, 'and on')
  await adaPhone.ok(sending)
  await again.event('message', (event) => event.message.id === sending.id)
  const cursors = again.seen.filter(({ type }) => type === 'event').map((frame) => frame.cursor)
  expect(cursors).toEqual(cursors.map((_, index) => cursor + 1 + index))
  const texts = again.seen.filter(({ event }) => event?.kind === 'message').map(({ event }) => event.message.text)
  expect(texts).toEqual([...missed, 'and on'])
  await again.close()
})

/** The texts that came from `peer`, in the order of their arrival. */
function textsFrom(socket: TestSocket, peer: Person): string[] {
  return socket.seen
    .filter(({ event }) => event?.kind === 'message' && event.message.from === peer.account.id)
    .map(({ event }) => event.message.text)
}

/** Each event's cursor is the last + 1, from the snapshot on. */
function expectDense(socket: TestSocket): void {
  let last: number | undefined
  for (const frame of socket.seen) {
    if (frame.type === 'snapshot') last = frame.cursor
    if (frame.type !== 'event') continue
    if (last !== undefined) expect(frame.cursor).toBe(last + 1)
    last = frame.cursor
  }
}
