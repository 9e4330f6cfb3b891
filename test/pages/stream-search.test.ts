import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { callPhone } from '../../src/client/phone-http.ts'
import { createStream } from '../../src/client/stream.ts'
import { listBlocked } from '../../src/client/store.ts'
import type { Message } from '../../src/protocol/model.ts'
import { isTyped } from '../../src/web/phone/words.ts'
import { ACCOUNT, conversation, message, snapshot } from './support.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const settle = () => vi.advanceTimersByTimeAsync(100)

/** A stream whose server answers each request by what `answers` makes of it. */
function served(answers: (request: Record<string, unknown>) => Record<string, unknown>) {
  const sent: Record<string, unknown>[] = []
  const stream = createStream({ onGap: () => undefined })
  stream.ready((text) => {
    const request = JSON.parse(text) as Record<string, unknown>
    sent.push(request)
    queueMicrotask(() => stream.receive({ type: 'ok', ref: String(request.ref), ...answers(request) }))
  })
  stream.receive(snapshot(10, [conversation('c')]))
  return { stream, sent }
}

/** A thread of 170 messages, in pages of 50. */
function history({ before = Infinity }: { before?: number }): { messages: Message[]; more: boolean } {
  const newest = Math.min(170, before - 1)
  const oldest = Math.max(1, newest - 49)
  const messages = Array.from({ length: newest - oldest + 1 }, (_, i) => message(oldest + i))
  return { messages, more: oldest > 1 }
}

describe('a search', () => {
  test('goes on where the service looked through many messages and found none yet', async () => {
    const { stream, sent } = served(({ after }) =>
      after === 'p2' ? { messages: [message(3)], more: 'p3' } : { messages: [], more: after === 'p1' ? 'p2' : 'p1' },
    )
    expect(await stream.search('words')).toEqual({ messages: [message(3)], more: 'p3' })
    expect(sent.map(({ text, after }) => [text, after])).toEqual([
      ['words', undefined],
      ['words', 'p1'],
      ['words', 'p2'],
    ])
  })

  test('ends at the end, and never asks for ever', async () => {
    expect(await served(() => ({ messages: [], more: null })).stream.search('x')).toEqual({ messages: [], more: null })
    const endless = served(() => ({ messages: [], more: 'again' }))
    expect(await endless.stream.search('x', 'p')).toEqual({ messages: [], more: 'again' })
    expect(endless.sent.length).toBeLessThanOrEqual(20)
  })
})

describe('going to a message that was found', () => {
  test('loads its conversation back to it, and no further', async () => {
    const { stream } = served((request) => history(request))
    const there = stream.reveal('c', 60)
    await settle()
    expect(await there).toBe(true)
    expect(stream.state.threads.get('c')?.messages[0]?.seq).toBe(21)
  })

  test('loads a conversation that the list does not reach yet', async () => {
    const { stream, sent } = served((request) =>
      request.type === 'conversations' ? { conversations: [conversation('far')], more: null } : history(request),
    )
    const there = stream.reveal('far', 170)
    await settle()
    expect(await there).toBe(true)
    expect(sent[0]).toMatchObject({ type: 'conversations', ids: ['far'] })
    expect(stream.state.conversations.has('far')).toBe(true)
  })

  test('says so when it is not there', async () => {
    const { stream } = served(() => ({ messages: [message(9)], more: false }))
    const there = stream.reveal('c', 5)
    await settle()
    expect(await there).toBe(false)
  })
})

test('a message is deleted for oneself or for everyone, and a person blocked, by the requests of the contract', async () => {
  const { stream, sent } = served(() => ({}))
  await stream.deleteMessage('c', 'id', false)
  await stream.deleteMessage('c', 'id', true)
  await stream.block('peer', true)
  expect(sent.map((request) => ({ ...request, ref: undefined }))).toEqual([
    { type: 'delete', conversation: 'c', id: 'id', for: 'me' },
    { type: 'delete', conversation: 'c', id: 'id', for: 'all' },
    { type: 'block', account: 'peer', on: true },
  ])
})

test('who is blocked is listed by name', () => {
  const stream = createStream({ onGap: () => undefined })
  const blocked = { account: 'p', deliveredUpTo: 0, readUpTo: 0, blocked: true as const }
  stream.receive(
    snapshot(1, [
      conversation('1', { title: 'Zoë', peer: blocked }),
      conversation('2', { title: 'Ben' }),
      conversation('3', { title: 'Ada', peer: blocked }),
    ]),
  )
  expect(listBlocked(stream.state).map(({ title }) => title)).toEqual(['Ada', 'Zoë'])
  expect(stream.state.account).toEqual(ACCOUNT)
})

test('a word that is typed on purpose is that word and no other', () => {
  expect(['DELETE', ' delete '].map((typed) => isTyped(typed, 'DELETE'))).toEqual([true, true])
  expect(['', 'DELET', 'DELETED'].map((typed) => isTyped(typed, 'DELETE'))).toEqual([false, false, false])
})

test('a file is handed over as it came', async () => {
  const fetch = async () => new Response('PK', { headers: { 'content-type': 'application/zip' } })
  const transport = { origin: 'https://tandem.test', fetch }
  const answer = await callPhone<Blob>(transport, { method: 'GET', path: '/v1/account/export', file: true })
  if (!answer.ok) throw new Error(answer.code)
  expect(await answer.value.text()).toBe('PK')
})
