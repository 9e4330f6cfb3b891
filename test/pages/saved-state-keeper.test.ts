import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createStateKeeper, type RecordStore } from '../../src/client/saved-state-keeper.ts'
import { createStream, type Stream } from '../../src/client/stream.ts'
import { conversation, message, snapshot } from './support.ts'

const DEVICE = { id: 'D', name: 'Chrome', linkedAt: 1 }
const noUpload = (): Promise<string> => Promise.reject(new Error('no uploads here'))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A browser's disk, and the stores that its pages have open on it. */
function disk() {
  let records = new Map<string, unknown>()
  let writer = 0
  let pages = 0
  const holders = new Set<number>()
  let writes = 0
  return {
    get records() {
      return records
    },
    get writes() {
      return writes
    },
    page(): RecordStore {
      const mine = ++pages
      return {
        async open() {
          holders.add(mine)
          writer = mine
          return new Map(records)
        },
        hold: () => void holders.add(mine),
        async write(changes, how) {
          if (!holders.has(mine)) return 'gone'
          if (how === 'whole') {
            writer = mine
            records = new Map()
          } else if (how === 'changes' && writer !== mine) return 'taken'
          writes++
          for (const [key, value] of changes) {
            if (value === undefined) records.delete(key)
            else records.set(key, value)
          }
          return 'written'
        },
        async clear() {
          holders.clear()
          records = new Map()
        },
      }
    },
  }
}

function streamWith(cursor: number): Stream {
  const stream = createStream({ onGap: () => undefined })
  stream.receive(snapshot(cursor, [conversation('c', { last: message(1) })]))
  return stream
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000)
}

describe('the last state', () => {
  test('is there for the next page: chats, cursor, drafts, notices and the device itself', async () => {
    const { page } = disk()
    const first = createStateKeeper(page())
    first.follow(streamWith(7), 'D', DEVICE)
    first.drafts.set('c', 'half a')
    first.setNotices([{ id: 'E', name: 'Firefox', linkedAt: 2 }])
    await settle()
    const second = createStateKeeper(page())
    const saved = await second.load('D')
    expect(saved?.state.cursor).toBe(7)
    expect(saved?.device).toEqual(DEVICE)
    expect(second.drafts.get('c')).toBe('half a')
    expect(second.notices).toEqual([{ id: 'E', name: 'Firefox', linkedAt: 2 }])
  })

  test('is written once for many changes, but at once for what the person sends', async () => {
    const store = disk()
    const keeper = createStateKeeper(store.page())
    const stream = streamWith(1)
    keeper.follow(stream, 'D', DEVICE)
    for (let cursor = 2; cursor < 20; cursor++) {
      stream.receive({
        type: 'event',
        cursor,
        event: { kind: 'message', message: message(cursor), unread: 1 },
      })
    }
    await settle()
    expect(store.writes).toBe(1)
    stream.sendText('c', 'now')
    await vi.advanceTimersByTimeAsync(0)
    expect(store.records.get('outgoing')).toMatchObject([{ text: 'now' }])
  })

  test('sends again, with the same id, what was not answered', async () => {
    const store = disk()
    const keeper = createStateKeeper(store.page())
    const stream = streamWith(1)
    keeper.follow(stream, 'D', DEVICE)
    const id = stream.sendText('c', 'kept')
    await settle()
    const saved = await createStateKeeper(store.page()).load('D')
    const next = createStream({ onGap: () => undefined })
    next.restore(saved!.state, new Map(), noUpload)
    const sent: string[] = []
    next.ready((text) => void sent.push(text))
    expect(sent.map((text) => JSON.parse(text) as object)).toMatchObject([{ type: 'send', id, text: 'kept' }])
    next.wipe()
  })

  test('of another device is not given out, and goes with the next write', async () => {
    const store = disk()
    const first = createStateKeeper(store.page())
    first.follow(streamWith(7), 'D', DEVICE)
    first.drafts.set('c', 'secret')
    await settle()
    const second = createStateKeeper(store.page())
    expect(await second.load('E')).toBeNull()
    expect(second.drafts.get('c')).toBe('')
    second.follow(streamWith(1), 'E', { ...DEVICE, id: 'E' })
    await settle()
    expect([...store.records.keys()].toSorted()).toEqual(['conversation/c', 'device', 'head'])
  })
})

describe('two pages of one browser', () => {
  test('do not mix: the one that was opened first writes nothing any more', async () => {
    const store = disk()
    const [first, second] = [createStateKeeper(store.page()), createStateKeeper(store.page())]
    const old = streamWith(1)
    first.follow(old, 'D', DEVICE)
    await settle()
    await second.load('D')
    old.receive({ type: 'event', cursor: 2, event: { kind: 'message', message: message(2), unread: 1 } })
    await settle()
    expect(store.records.get('head')).toMatchObject({ cursor: 1 })
  })

  test('the first writes everything when it goes on in the place of the other', async () => {
    const store = disk()
    const [first, second] = [createStateKeeper(store.page()), createStateKeeper(store.page())]
    const old = streamWith(1)
    first.follow(old, 'D', DEVICE)
    await settle()
    await second.load('D')
    second.follow(streamWith(5), 'D', DEVICE)
    first.pause()
    await settle()
    expect(store.records.get('head')).toMatchObject({ cursor: 5 })
    old.receive(snapshot(9, []))
    first.follow(old, 'D', DEVICE)
    await settle()
    expect(store.records.get('head')).toMatchObject({ cursor: 9 })
    expect(store.records.has('conversation/c')).toBe(false)
  })
})

describe('forgetting', () => {
  test('leaves nothing, here at once, and nothing is written afterwards', async () => {
    const store = disk()
    const keeper = createStateKeeper(store.page())
    const stream = streamWith(1)
    keeper.follow(stream, 'D', DEVICE)
    keeper.drafts.set('c', 'half a')
    await settle()
    const wiped = keeper.wipe()
    expect(keeper.drafts.get('c')).toBe('')
    await wiped
    stream.receive(snapshot(2, []))
    keeper.drafts.set('c', 'later')
    await settle()
    expect(store.records.size).toBe(0)
  })

  test('is not undone by another page that has not heard of it yet, whatever it hears meanwhile', async () => {
    const store = disk()
    const [first, second] = [createStateKeeper(store.page()), createStateKeeper(store.page())]
    const old = streamWith(1)
    first.follow(old, 'D', DEVICE)
    await settle()
    await second.load('D')
    await second.wipe()
    old.receive(snapshot(2, []))
    first.follow(old, 'D', DEVICE)
    await first.flush()
    await settle()
    expect(store.records.size).toBe(0)
    // One that begins only now, because the service said so before the other page signed out, neither.
    const third = createStateKeeper(store.page())
    third.follow(streamWith(3), 'D', DEVICE)
    await second.wipe()
    await settle()
    expect(store.records.size).toBe(0)
    // Once it has heard, and is linked again, it keeps again.
    first.pause()
    first.follow(old, 'D', DEVICE)
    await settle()
    expect(store.records.get('head')).toMatchObject({ cursor: 2 })
  })

  test('is not undone by a write under way', async () => {
    const store = disk()
    const keeper = createStateKeeper(store.page())
    const stream = streamWith(1)
    keeper.follow(stream, 'D', DEVICE)
    const writing = keeper.flush()
    await Promise.all([writing, keeper.wipe()])
    await settle()
    expect(store.records.size).toBe(0)
  })
})
