import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { insertMedia } from '../../src/account/media.ts'
import { insertMessage } from '../../src/account/messages.ts'
import { ME } from '../../src/account/rows.ts'
import { wireId } from '../../src/protocol/ids.ts'
import { Number as NumberObject } from '../../src/identity/number.ts'
import { HOUR_MS, NEW_PEERS_AN_HOUR, SERVER_FRAME_BYTES, TEXT_BYTES } from '../../src/protocol/limits.ts'
import { utf8Length } from '../../src/protocol/bytes.ts'
import { advance, useFakeDate } from '../support/clock.ts'
import {
  conversationOf,
  createAccount,
  createPair,
  openPhone,
  sendText,
  snapshotOf,
  startWith,
  type TestAccount,
} from './support.ts'

afterEach(() => vi.restoreAllMocks())

const uuid = () => crypto.randomUUID()

/** Answers `lookUp` of every number as the embedded identity would. */
function directory(...accounts: TestAccount[]): void {
  vi.spyOn(NumberObject.prototype, 'lookUp').mockImplementation(async function (this: NumberObject) {
    const name = (this as unknown as { ctx: DurableObjectState }).ctx.id.name
    return accounts.find(({ number }) => number === name)?.id ?? null
  })
}

/** Many messages at once, without a commit for each. */
async function fill(account: TestAccount, key: number, texts: string[]): Promise<void> {
  await runInDurableObject(account.stub, (_, { storage }) => {
    storage.transactionSync(() => {
      for (const text of texts) {
        insertMessage(storage.sql, {
          conversation: conversationOf(storage.sql, key),
          author: ME,
          id: uuid(),
          sentAt: 1,
          text,
          media: null,
          replyTo: null,
        })
      }
    })
  })
}

describe('send', () => {
  it('sent again answers the same message; the same id elsewhere is bad_request', async () => {
    const { phoneA, conversation } = await createPair()
    const other = await startWith(phoneA, await createAccount())
    const request = { type: 'send' as const, id: uuid(), conversation: conversation.id, text: 'once' }
    const [one, two] = [await phoneA.request(request), await phoneA.request({ ...request, text: 'changed' })]
    expect(two).toMatchObject({ type: 'ok', message: (one as { message: unknown }).message })
    expect(await phoneA.request({ ...request, conversation: other.id })).toMatchObject({ code: 'bad_request' })
    const history = await phoneA.request({ type: 'history', conversation: conversation.id })
    expect(history).toMatchObject({ messages: [{ text: 'once' }], more: false })
  })

  it('in a conversation of nobody or of another account is not_found (S21)', async () => {
    const { phoneA, phoneB, conversation } = await createPair()
    for (const id of [conversation.id, 'nobody', '0']) {
      expect(await phoneB.request({ type: 'send', id: uuid(), conversation: id, text: 'x' })).toMatchObject({
        type: 'error',
        code: 'not_found',
      })
    }
    expect(await phoneA.request({ type: 'send', id: uuid(), conversation: conversation.id, text: 'x' })).toMatchObject({
      type: 'ok',
    })
  })

  it('answers bad_request to bad fields and payload_too_large to a long text, and the socket stays', async () => {
    const { phoneA, conversation } = await createPair()
    const good = { type: 'send' as const, id: uuid(), conversation: conversation.id, text: 'x' }
    for (const bad of [
      { ...good, id: 'no-uuid' },
      { ...good, text: '' },
      { ...good, text: 'a\u0000b' },
      { ...good, text: '\ud800' },
      { ...good, text: 5 as unknown as string },
      { type: 'send' as const, id: uuid(), conversation: conversation.id },
    ]) {
      expect(await phoneA.request(bad)).toMatchObject({ type: 'error', code: 'bad_request' })
    }
    expect(await phoneA.request({ ...good, text: 'é'.repeat(TEXT_BYTES / 2) + 'x' })).toMatchObject({
      code: 'payload_too_large',
    })
    expect(await phoneA.request({ ...good, text: 'é'.repeat(TEXT_BYTES / 2) })).toMatchObject({ type: 'ok' })
  })

  it('replies only to what is in the conversation', async () => {
    const { phoneA, conversation } = await createPair()
    const other = await startWith(phoneA, await createAccount())
    const elsewhere = await sendText(phoneA, other.id, 'elsewhere')
    const here = await sendText(phoneA, conversation.id, 'here')
    const reply = (replyTo: string) =>
      phoneA.request({ type: 'send', id: uuid(), conversation: conversation.id, text: 're', replyTo })
    expect(await reply(uuid())).toMatchObject({ code: 'not_found' })
    expect(await reply(elsewhere.id)).toMatchObject({ code: 'not_found' })
    expect(await reply(here.id)).toMatchObject({ message: { replyTo: here.id } })
  })

  it('carries media of the sender’s own with signed URLs, to the other side too', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    const media = await runInDurableObject(ada.stub, (_, { storage }) =>
      insertMedia(
        storage.sql,
        {
          object: 'demo/lake.webp',
          thumbObject: 'demo/lake-thumb.webp',
          contentType: 'image/webp',
          bytes: 9,
          width: 4,
          height: 3,
        },
        true,
      ),
    )
    const sent = await phoneA.request({ type: 'send', id: uuid(), conversation: conversation.id, media })
    expect(sent).toMatchObject({ message: { media: { id: media, contentType: 'image/webp', bytes: 9, width: 4 } } })
    const { message } = await phoneB.event('message')
    expect(message.media?.url).toContain('/v1/media/demo/lake.webp?')
    expect(message.media?.url).toContain(`for=${bo.id}`)
    expect(message.media?.thumb).toContain('/v1/media/demo/lake-thumb.webp?')
    const theirs = message.media?.id ?? ''
    expect(await phoneB.request({ type: 'media', id: theirs })).toMatchObject({ media: { id: theirs, bytes: 9 } })
    // What was received is not one's own to send, and another account's id opens nothing.
    expect(
      await phoneB.request({ type: 'send', id: uuid(), conversation: message.conversation, media: theirs }),
    ).toMatchObject({ code: 'not_found' })
    expect(await phoneB.request({ type: 'media', id: media })).toMatchObject({ code: 'not_found' })
  })
})

describe('start', () => {
  it('by number finds the other account, in any spelling, and is one conversation per pair', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    directory(ada, bo)
    const phone = await openPhone(ada)
    const spelled = `${bo.number.slice(0, 2)} (${bo.number.slice(2, 5)}) ${bo.number.slice(5)}`
    const first = await phone.request({ type: 'start', number: spelled })
    expect(first).toMatchObject({ conversation: { peer: { account: bo.id, number: bo.number }, last: null } })
    const again = await phone.request({ type: 'start', account: bo.id })
    expect(again).toMatchObject({ conversation: { id: (first as { conversation: { id: string } }).conversation.id } })
    expect((await snapshotOf(ada)).cursor).toBe(1)
  })

  it('of nobody is not_found, of oneself bad_request, of what is no number bad_request', async () => {
    const ada = await createAccount()
    directory(ada)
    const phone = await openPhone(ada)
    const nobody = wireId(env.ACCOUNT.newUniqueId().toString())
    const companion = wireId(env.COMPANION.newUniqueId().toString())
    for (const account of [nobody, companion, 'x', 'A'.repeat(43), 'demo-1']) {
      expect(await phone.request({ type: 'start', account })).toMatchObject({ code: 'not_found' })
    }
    expect(await phone.request({ type: 'start', number: '+15559999999' })).toMatchObject({ code: 'not_found' })
    for (const own of [{ account: ada.id }, { number: ada.number }, { number: ada.number.slice(2) }]) {
      expect(await phone.request({ type: 'start', ...own })).toMatchObject({ code: 'bad_request' })
    }
    for (const number of ['', 'hello', '+1', '+999999999999999999']) {
      expect(await phone.request({ type: 'start', number })).toMatchObject({ code: 'bad_request' })
    }
    expect(await phone.request({ type: 'start' })).toMatchObject({ code: 'bad_request' })
    expect((await snapshotOf(ada)).cursor).toBe(0)
  })

  it('begins before the requests behind it are answered', async () => {
    const [ada, bo] = [await createAccount(), await createAccount()]
    const phone = await openPhone(ada)
    const [started, listed] = await Promise.all([
      phone.request({ type: 'start', account: bo.id }),
      phone.request({ type: 'conversations' }),
    ])
    expect(started.type).toBe('ok')
    expect(listed).toMatchObject({ conversations: [{ peer: { account: bo.id } }] })
  })
})

describe('the limit of new peers', () => {
  useFakeDate()

  it('admits thirty an hour, and known ones always (S14)', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada, null, { expiresAt: Date.now() + 2 * HOUR_MS })
    const peers = await Promise.all(Array.from({ length: NEW_PEERS_AN_HOUR + 1 }, createAccount))
    const answers = []
    for (const { id } of peers) answers.push(await phone.request({ type: 'start', account: id }))
    expect(answers.filter(({ type }) => type === 'ok')).toHaveLength(NEW_PEERS_AN_HOUR)
    expect(answers.at(-1)).toMatchObject({ code: 'rate_limited', retryAfter: HOUR_MS / 1000 })
    expect(await phone.request({ type: 'start', account: peers[0]?.id ?? '' })).toMatchObject({ type: 'ok' })
    advance(HOUR_MS - 1)
    expect(await phone.request({ type: 'start', account: peers.at(-1)?.id ?? '' })).toMatchObject({ retryAfter: 1 })
    advance(1)
    expect(await phone.request({ type: 'start', account: peers.at(-1)?.id ?? '' })).toMatchObject({ type: 'ok' })
  })

  it('ends the asking through a list of numbers', async () => {
    const ada = await createAccount()
    directory()
    const phone = await openPhone(ada)
    const ask = (index: number) => phone.request({ type: 'start', number: `+1555888${String(1000 + index)}` })
    for (let index = 0; index < NEW_PEERS_AN_HOUR; index++)
      expect(await ask(index)).toMatchObject({ code: 'not_found' })
    expect(await ask(99)).toMatchObject({ code: 'rate_limited' })
  })
})

describe('conversations', () => {
  it('come newest first, in pages, and by their ids', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    await runInDurableObject(ada.stub, (_, { storage }) => {
      for (let index = 1; index <= 60; index++) {
        storage.sql.exec(
          'INSERT INTO conversations (id, account, title, version, shown, activity) VALUES (?, ?, ?, 1, 1, ?)',
          `c${index}`,
          `p${index}`,
          `Peer ${index}`,
          index,
        )
      }
    })
    const snapshot = await snapshotOf(ada)
    expect(snapshot.conversations.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, i) => `c${60 - i}`))
    const rest = await phone.request({ type: 'conversations', after: snapshot.more ?? '' })
    expect(rest).toMatchObject({ more: null })
    expect((rest as { conversations: unknown[] }).conversations).toHaveLength(10)
    expect(await phone.request({ type: 'conversations', ids: ['c3', 'nobody', 'c9', 'c3'] })).toMatchObject({
      conversations: [{ id: 'c3' }, { id: 'c9' }],
      more: null,
    })
    expect(await phone.request({ type: 'conversations', after: 'c3' })).toMatchObject({ code: 'bad_request' })
  })

  it('cut the last text to 256 characters and never inside a pair', async () => {
    const { ada, phoneA, conversation } = await createPair()
    await sendText(phoneA, conversation.id, `${'x'.repeat(255)}😀!`)
    expect((await snapshotOf(ada)).conversations).toMatchObject([{ last: { text: 'x'.repeat(255) } }])
    await sendText(phoneA, conversation.id, 'y'.repeat(256))
    expect((await snapshotOf(ada)).conversations).toMatchObject([{ last: { text: 'y'.repeat(256) } }])
  })
})

describe('history', () => {
  it('goes back page by page, oldest first, and no frame is larger than 256 KiB', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${'\n'.repeat(TEXT_BYTES - 3)}`)
    await fill(ada, 1, texts)
    const seen: string[] = []
    let before: number | undefined
    for (let page = 0; page < 20; page++) {
      const answer = await phoneA.request({
        type: 'history',
        conversation: conversation.id,
        limit: 100,
        ...(before === undefined ? {} : { before }),
      })
      if (answer.type !== 'ok' || answer.messages === undefined) throw new Error(JSON.stringify(answer))
      expect(utf8Length(JSON.stringify(answer))).toBeLessThanOrEqual(SERVER_FRAME_BYTES)
      seen.unshift(...answer.messages.map(({ text }) => text?.split(' ')[0] ?? ''))
      before = answer.messages[0]?.seq
      if (answer.more === false) break
    }
    expect(seen).toEqual(texts.map((_, index) => String(index)))
  })

  it('answers 50 unless asked for another number, and refuses bad ones', async () => {
    const { ada, phoneA, conversation } = await createPair()
    await fill(
      ada,
      1,
      Array.from({ length: 60 }, (_, index) => String(index)),
    )
    const ask = (more: object) => phoneA.request({ type: 'history', conversation: conversation.id, ...more })
    expect(((await ask({})) as { messages: unknown[] }).messages).toHaveLength(50)
    expect(await ask({ limit: 2 })).toMatchObject({ messages: [{ text: '58' }, { text: '59' }], more: true })
    expect(await ask({ before: 0 })).toMatchObject({ messages: [], more: false })
    for (const bad of [{ limit: 0 }, { limit: 101 }, { limit: 1.5 }, { before: -1 }, { before: 'x' }]) {
      expect(await ask(bad)).toMatchObject({ code: 'bad_request' })
    }
    expect(await phoneA.request({ type: 'history', conversation: 'nobody' })).toMatchObject({ code: 'not_found' })
  })
})

describe('read', () => {
  it('is clamped, never goes back, and tells what is left unread', async () => {
    const { phoneA, phoneB, conversation } = await createPair()
    for (const text of ['1', '2', '3']) await sendText(phoneA, conversation.id, text)
    const third = (await phoneB.event('message', ({ unread }) => unread === 3)).message
    const second = (await phoneB.event('message', ({ unread }) => unread === 2)).message
    const read = (upTo: number) => phoneB.request({ type: 'read', conversation: third.conversation, upTo })
    await read(second.seq)
    expect(await phoneB.event('read')).toMatchObject({ upTo: second.seq, unread: 1 })
    await read(0)
    await read(Number.MAX_SAFE_INTEGER)
    expect(await phoneB.event('read', ({ unread }) => unread === 0)).toMatchObject({ upTo: third.seq })
    await read(1)
    const answer = await phoneB.request({ type: 'conversations', ids: [third.conversation] })
    expect(answer).toMatchObject({ conversations: [{ unread: 0, readUpTo: third.seq }] })
    expect(phoneB.frames.filter((frame) => frame.type === 'event' && frame.event.kind === 'read')).toHaveLength(2)
    expect(await phoneB.request({ type: 'read', conversation: 'nobody', upTo: 1 })).toMatchObject({ code: 'not_found' })
    expect(await phoneB.request({ type: 'read', conversation: third.conversation, upTo: -1 })).toMatchObject({
      code: 'bad_request',
    })
  })
})

describe('search', () => {
  it('finds words by their beginnings whatever the case and accents, newest first, and takes wildcards as they are', async () => {
    const { ada, phoneA } = await createPair()
    await fill(ada, 1, ['100% sure', 'ÉCOLE in May', 'an école', 'under_score', 'a\\b', 'nothing'])
    const find = async (text: string) => {
      const answer = await phoneA.request({ type: 'search', text })
      return answer.type === 'ok' ? answer.messages?.map((message) => message.text) : answer
    }
    expect(await find('100% S')).toEqual(['100% sure'])
    expect(await find('École')).toEqual(['an école', 'ÉCOLE in May'])
    expect(await find('may ecole')).toEqual(['ÉCOLE in May'])
    expect(await find('under_s')).toEqual(['under_score'])
    expect(await find('1%s')).toEqual(['100% sure'])
    expect(await find('a\\b')).toEqual(['a\\b'])
    expect(await find("' OR 1=1 --")).toEqual([])
    expect(await phoneA.request({ type: 'search', text: '' })).toMatchObject({ code: 'bad_request' })
    expect(await phoneA.request({ type: 'search', text: 'x', after: '-1' })).toMatchObject({ code: 'bad_request' })
  })

  it('goes on page by page, and does not find what was deleted', async () => {
    const { ada, phoneA, conversation } = await createPair()
    await fill(
      ada,
      1,
      Array.from({ length: 70 }, (_, index) => `needle ${index}`),
    )
    const gone = await sendText(phoneA, conversation.id, 'needle gone')
    await phoneA.request({ type: 'delete', conversation: conversation.id, id: gone.id, for: 'me' })
    const page = await phoneA.request({ type: 'search', text: 'NEEDLE' })
    if (page.type !== 'ok' || typeof page.more !== 'string') throw new Error('no second page')
    expect(page.messages?.[0]).toMatchObject({ text: 'needle 69' })
    const rest = await phoneA.request({ type: 'search', text: 'NEEDLE', after: page.more })
    expect(rest).toMatchObject({ more: null })
    expect((rest as { messages: { text: string }[] }).messages.map(({ text }) => text).at(-1)).toBe('needle 0')
    expect(page.messages).toHaveLength(50)
    expect((rest as { messages: unknown[] }).messages).toHaveLength(20)
  })
})

describe('delete', () => {
  it('for me empties this copy alone; for all both, by the author only', async () => {
    const { phoneA, phoneB, conversation } = await createPair()
    const sent = await sendText(phoneA, conversation.id, 'secret')
    const theirs = (await phoneB.event('message')).message
    const remove = (phone: typeof phoneA, where: string, how: 'me' | 'all') =>
      phone.request({ type: 'delete', conversation: where, id: sent.id, for: how })
    expect(await remove(phoneB, theirs.conversation, 'all')).toMatchObject({ code: 'not_allowed' })
    expect(await remove(phoneB, theirs.conversation, 'me')).toMatchObject({ type: 'ok' })
    expect(await phoneB.event('deleted')).toMatchObject({ conversation: theirs.conversation, id: sent.id })
    const copy = await phoneA.request({ type: 'history', conversation: conversation.id })
    expect(copy).toMatchObject({ messages: [{ text: 'secret' }] })
    expect(await remove(phoneA, conversation.id, 'me')).toMatchObject({ type: 'ok' })
    // After "for me" the author may still take it back from the other side.
    expect(await remove(phoneA, conversation.id, 'all')).toMatchObject({ type: 'ok' })
    expect(await remove(phoneA, conversation.id, 'all')).toMatchObject({ type: 'ok' })
    const after = await phoneA.request({ type: 'history', conversation: conversation.id })
    expect(after).toMatchObject({ messages: [{ id: sent.id, deleted: true }] })
    expect(JSON.stringify(after)).not.toContain('secret')
    expect(await remove(phoneA, 'nobody', 'me')).toMatchObject({ code: 'not_found' })
    expect(
      await phoneA.request({ type: 'delete', conversation: conversation.id, id: uuid(), for: 'me' }),
    ).toMatchObject({ code: 'not_found' })
  })

  it('for all reaches the other side, and the id stays used', async () => {
    const { phoneA, phoneB, conversation } = await createPair()
    const sent = await sendText(phoneA, conversation.id, 'secret')
    await phoneB.event('message')
    await phoneA.request({ type: 'delete', conversation: conversation.id, id: sent.id, for: 'all' })
    expect(await phoneB.event('deleted')).toMatchObject({ id: sent.id })
    const again = await phoneA.request({ type: 'send', id: sent.id, conversation: conversation.id, text: 'secret' })
    expect(again).toMatchObject({ type: 'ok', message: { id: sent.id, seq: sent.seq, deleted: true } })
  })
})

describe('what is not for this socket', () => {
  it('block is the phone’s, of a known account; unlink is a companion’s', async () => {
    const { bo, phoneA } = await createPair()
    expect(await phoneA.request({ type: 'block', account: 'nobody', on: true })).toMatchObject({ code: 'not_found' })
    expect(await phoneA.request({ type: 'block', account: bo.id, on: true })).toMatchObject({ type: 'ok' })
    expect(await phoneA.request({ type: 'unlink' })).toMatchObject({ code: 'not_allowed' })
    expect(await phoneA.request({ type: 'media', id: 'nothing' })).toMatchObject({ code: 'not_found' })
    expect(await phoneA.request({ type: 'fly' } as never)).toMatchObject({ code: 'bad_request' })
    expect(await phoneA.request({ type: 'wake' } as never)).toMatchObject({ code: 'not_allowed' })
  })
})
