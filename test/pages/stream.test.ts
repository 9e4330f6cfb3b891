import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createStreamClient } from '../../src/client/stream-client.ts'
import { createStream } from '../../src/client/stream.ts'
import { conversation, FakeSocket, message, snapshot } from './support.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const settle = () => vi.advanceTimersByTimeAsync(0)

/** A stream that is ready, with one conversation, and what it sent. */
function ready() {
  const sent: Record<string, unknown>[] = []
  const onGap = vi.fn<() => void>()
  const stream = createStream({ onGap })
  const speak = (text: string): void => void sent.push(JSON.parse(text) as Record<string, unknown>)
  stream.ready(speak)
  stream.receive(snapshot(10, [conversation('c')]))
  const last = () => sent.at(-1)!
  return { stream, sent, onGap, speak, last, ref: () => String(last().ref) }
}

describe('a request', () => {
  test('is answered by ref, in whatever order', async () => {
    const { stream, sent } = ready()
    const first = stream.request({ type: 'media', id: 'one' })
    const second = stream.request({ type: 'media', id: 'two' })
    stream.receive({ type: 'ok', ref: String(sent[1]!.ref), media: 'two' })
    stream.receive({ type: 'ok', ref: String(sent[0]!.ref), media: 'one' })
    expect((await first).media).toBe('one')
    expect((await second).media).toBe('two')
  })

  test('fails with the code of the server', async () => {
    const { stream, ref } = ready()
    const asked = stream.request({ type: 'start', number: '+4915112345678' })
    stream.receive({ type: 'error', ref: ref(), code: 'not_found', message: '' })
    await expect(asked).rejects.toMatchObject({ name: 'RequestError', code: 'not_found' })
  })

  test('fails after 20 s without an answer', async () => {
    const { stream } = ready()
    const asked = stream.request({ type: 'media', id: 'm' }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await asked).toMatchObject({ code: 'timeout' })
  })

  test('waits for a socket, and goes out again on the next when the first was lost', async () => {
    const { stream, sent, speak, ref } = ready()
    stream.lost()
    const asked = stream.request({ type: 'media', id: 'm' })
    expect(sent).toHaveLength(0)
    stream.ready(speak)
    stream.lost()
    stream.ready(speak)
    expect(sent).toHaveLength(2)
    expect(sent[0]).toEqual(sent[1])
    stream.receive({ type: 'ok', ref: ref(), media: 'm' })
    expect((await asked).media).toBe('m')
  })

  test('is refused when too many wait', async () => {
    const { stream } = ready()
    stream.lost()
    for (let index = 0; index < 256; index++) stream.request({ type: 'media', id: 'm' }).catch(() => undefined)
    await expect(stream.request({ type: 'media', id: 'm' })).rejects.toMatchObject({ code: 'full' })
    stream.wipe()
  })

  test('an answer that nobody waits for is ignored', () => {
    const { stream } = ready()
    const before = stream.state
    stream.receive({ type: 'ok', ref: 'unknown', message: message(1) })
    stream.receive({ type: 'error', ref: 'unknown', code: 'internal', message: '' })
    stream.receive({ type: 'error', code: 'internal', message: '' })
    expect(stream.state).toBe(before)
  })
})

describe('a message', () => {
  test('shows at once, and is sent with the same id and ref on the next socket until it is answered', async () => {
    const { stream, sent, speak, ref } = ready()
    const id = stream.sendText('c', 'hello')
    expect(stream.state.outgoing.get(id)).toMatchObject({ text: 'hello', state: 'sending' })
    stream.lost()
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(sent).toHaveLength(1)
    stream.ready(speak)
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual(sent[0])
    expect(sent[0]).toMatchObject({ type: 'send', id, conversation: 'c', text: 'hello' })
    stream.receive({ type: 'ok', ref: ref(), message: message(1, { id, from: 'me', text: 'hello' }) })
    await settle()
    expect(stream.state.outgoing.size).toBe(0)
  })

  test('is sent again after 15 s on a socket that lives but does not answer', async () => {
    const { stream, sent } = ready()
    stream.sendText('c', 'hello')
    await vi.advanceTimersByTimeAsync(15_000)
    expect(sent).toHaveLength(2)
  })

  test('keeps its order when several wait', () => {
    const { stream, sent, speak } = ready()
    stream.lost()
    for (const text of ['1', '2', '3']) stream.sendText('c', text)
    stream.ready(speak)
    expect(sent.map(({ text }) => text)).toEqual(['1', '2', '3'])
  })

  test('waits as told when it was rate limited', async () => {
    const { stream, sent, ref } = ready()
    stream.sendText('c', 'hello')
    stream.receive({ type: 'error', ref: ref(), code: 'rate_limited', message: '', retryAfter: 7 })
    await vi.advanceTimersByTimeAsync(6_999)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toHaveLength(2)
  })

  test('fails when it is refused, and can be sent again with the same id', async () => {
    const { stream, sent, ref } = ready()
    const id = stream.sendText('c', 'hello')
    stream.receive({ type: 'error', ref: ref(), code: 'bad_request', message: '' })
    await settle()
    expect(stream.state.outgoing.get(id)?.state).toBe('failed')
    stream.sendAgain(id)
    expect(stream.state.outgoing.get(id)?.state).toBe('sending')
    expect(sent[1]).toMatchObject({ id })
    stream.receive({ type: 'error', ref: ref(), code: 'bad_request', message: '' })
    await settle()
    stream.discard(id)
    expect(stream.state.outgoing.size).toBe(0)
  })

  test('fails after three faults of the service in a row', async () => {
    const { stream, sent, ref } = ready()
    const id = stream.sendText('c', 'hello')
    for (let tries = 1; tries <= 3; tries++) {
      expect(sent).toHaveLength(tries)
      stream.receive({ type: 'error', ref: ref(), code: 'internal', message: '' })
      await vi.advanceTimersByTimeAsync(8_000)
    }
    expect(stream.state.outgoing.get(id)?.state).toBe('failed')
  })
})

describe('reading along', () => {
  test('asks once for a conversation that an event spoke of', async () => {
    const { stream, sent, ref } = ready()
    stream.receive({
      type: 'event',
      cursor: 11,
      event: { kind: 'message', message: message(1, { conversation: 'new' }), unread: 1 },
    })
    stream.receive({
      type: 'event',
      cursor: 12,
      event: { kind: 'message', message: message(2, { conversation: 'new' }), unread: 2 },
    })
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ type: 'conversations', ids: ['new'] })
    stream.receive({ type: 'ok', ref: ref(), conversations: [conversation('new')], more: null })
    await settle()
    expect(stream.state.conversations.has('new')).toBe(true)
  })

  test('pages back through history, one page at a time, until there is no more', async () => {
    const { stream, sent, ref } = ready()
    const first = stream.loadHistory('c')
    void stream.loadHistory('c')
    expect(sent).toHaveLength(1)
    stream.receive({ type: 'ok', ref: ref(), messages: [message(8), message(9)], more: true })
    await first
    const second = stream.loadHistory('c')
    expect(sent[1]).toMatchObject({ type: 'history', before: 8 })
    stream.receive({ type: 'ok', ref: ref(), messages: [message(7)], more: false })
    await second
    await stream.loadHistory('c')
    expect(sent).toHaveLength(2)
    expect(stream.state.threads.get('c')).toMatchObject({ loaded: true, more: false })
  })

  test('an older page that arrives after a snapshot is not put into the new thread', async () => {
    const { stream, ref } = ready()
    const first = stream.loadHistory('c')
    stream.receive({ type: 'ok', ref: ref(), messages: [message(50)], more: true })
    await first
    const older = stream.loadHistory('c')
    stream.receive(snapshot(500, [conversation('c')]))
    stream.receive({ type: 'ok', ref: ref(), messages: [message(10)], more: false })
    await older
    expect(stream.state.threads.has('c')).toBe(false)
  })

  test('says once that it was read', async () => {
    const { stream, sent } = ready()
    stream.receive(snapshot(10, [conversation('c', { last: message(5), readUpTo: 2, unread: 3 })]))
    stream.markRead('c')
    stream.markRead('c')
    expect(sent).toEqual([expect.objectContaining({ type: 'read', conversation: 'c', upTo: 5 })])
  })

  test('typing ends by itself after 6 s', async () => {
    const { stream } = ready()
    stream.receive({ type: 'typing', conversation: 'c', on: true })
    await vi.advanceTimersByTimeAsync(5_999)
    expect(stream.state.typing.has('c')).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(stream.state.typing.has('c')).toBe(false)
  })

  test('typing is said at most every 3 s', async () => {
    const { stream, sent } = ready()
    for (let stroke = 0; stroke < 10; stroke++) {
      stream.typing('c', true)
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(sent).toHaveLength(2)
    stream.typing('c', false)
    stream.typing('c', false)
    expect(sent).toHaveLength(3)
  })
})

test('a wipe leaves nothing, tells it at once, and ends what waited', async () => {
  const { stream } = ready()
  stream.sendText('c', 'secret')
  const asked = stream.request({ type: 'media', id: 'm' }).catch((error: unknown) => error)
  const listener = vi.fn<() => void>()
  stream.subscribe(listener)
  stream.wipe()
  expect(listener).toHaveBeenCalled()
  expect(stream.state.conversations.size + stream.state.outgoing.size).toBe(0)
  expect(stream.state).toMatchObject({ cursor: null, account: null })
  expect(await asked).toMatchObject({ code: 'closed' })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(stream.state.outgoing.size).toBe(0)
})

describe('on a socket of its own', () => {
  function client() {
    const sockets: FakeSocket[] = []
    const cursors: (number | null)[] = []
    const made = createStreamClient({
      open(cursor) {
        cursors.push(cursor)
        sockets.push(new FakeSocket())
        return sockets.at(-1)!
      },
    })
    return { client: made, sockets, cursors }
  }

  test('it goes on from the cursor', async () => {
    const peer = client()
    peer.client.connect()
    await settle()
    peer.sockets[0]!.open()
    peer.sockets[0]!.receive(snapshot(41, []))
    peer.sockets[0]!.receive({ type: 'event', cursor: 42, event: { kind: 'profile', account: { id: 'a', name: 'n' } } })
    peer.sockets[0]!.end(1006)
    await vi.advanceTimersByTimeAsync(8_000)
    expect(peer.cursors).toEqual([null, 42])
  })

  test('after a gap it asks for a snapshot, and never in a tight loop', async () => {
    const peer = client()
    peer.client.connect()
    await settle()
    peer.sockets[0]!.open()
    peer.sockets[0]!.receive(snapshot(41, []))
    peer.sockets[0]!.receive({ type: 'event', cursor: 43, event: { kind: 'profile', account: { id: 'a', name: 'n' } } })
    expect(peer.client.connection.name).toBe('waiting')
    await vi.advanceTimersByTimeAsync(8_000)
    expect(peer.cursors).toEqual([null, null])
  })

  test('a hostile peer changes nothing and breaks nothing', async () => {
    const peer = client()
    peer.client.connect()
    await settle()
    const socket = peer.sockets[0]!
    socket.open()
    socket.receive(snapshot(1, [conversation('c')]))
    const before = peer.client.store
    const hostile = [
      'not json',
      '[]',
      'null',
      '"x"',
      '{}',
      '{"type":7}',
      '{"type":"__proto__"}',
      '{"type":"constructor"}',
      '{"type":"qr"}',
      '{"type":"snapshot","cursor":-1}',
      '{"type":"snapshot","cursor":1,"account":{},"conversations":[null]}',
      '{"type":"event","cursor":2,"event":null}',
      '{"type":"event","cursor":2,"event":{"kind":"message","message":{"id":1}}}',
      '{"type":"event","cursor":"2","event":{"kind":"profile"}}',
      '{"type":"event","cursor":1e400,"event":{"kind":"read"}}',
      '{"type":"ok","ref":null}',
      '{"type":"ok","ref":"1","messages":"x"}',
      '{"type":"typing","conversation":{},"on":1}',
    ]
    for (const text of hostile) socket.receive(text)
    expect(peer.client.store).toBe(before)
    expect(peer.client.connection.name).toBe('open')
  })

  test('closing it forgets everything', async () => {
    const peer = client()
    peer.client.connect()
    await settle()
    peer.sockets[0]!.open()
    peer.sockets[0]!.receive(snapshot(41, [conversation('c')]))
    peer.client.close()
    expect(peer.client.store.conversations.size).toBe(0)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(peer.sockets).toHaveLength(1)
  })
})
