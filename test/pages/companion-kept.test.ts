/** A companion that was here before: what it knew is shown before there is a socket, and forgotten when it ends. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCompanionClient } from '../../src/client/companion-client.ts'
import { createDeviceKey, createDeviceStorage, createMemoryCell } from '../../src/client/device-key.ts'
import { recordsOf, stateOf } from '../../src/client/saved-state.ts'
import { EMPTY_STATE, reduce } from '../../src/client/store.ts'
import { ACCOUNT, conversation, FakeSocket, snapshot } from './support.ts'

const NOW = 1_800_000_000_000
const DEVICE = { id: 'D', name: 'Chrome', linkedAt: NOW }
const noUpload = (): Promise<string> => Promise.reject(new Error('no uploads here'))

beforeEach(() => {
  // Only what the client waits with: the key operations of the runtime need their own ticks.
  vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
})
afterEach(() => void vi.useRealTimers())

test('shows what it knew before it dials, and dials with its cursor', async () => {
  const { client, sockets } = await returning()
  expect(client.state.view).toMatchObject({ name: 'linked', device: DEVICE, account: ACCOUNT })
  expect(client.state.connection.name).toBe('connecting')
  expect([...client.stream.state.conversations.keys()]).toEqual(['c'])
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  expect(sockets[0]!.url).toBe('wss://tandem.example/v1/socket?device=D&cursor=7')
})

test('goes on from there: events that follow the cursor are taken, and the account is told anew', async () => {
  const { client, sockets } = await returning()
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  await new Promise((resolve) => setImmediate(resolve))
  sockets[0]!.open()
  sockets[0]!.receive({ type: 'resumed', cursor: 8, device: DEVICE, account: { ...ACCOUNT, name: 'Renamed' } })
  sockets[0]!.receive({ type: 'event', cursor: 8, event: { kind: 'conversation', conversation: conversation('d') } })
  expect(client.stream.state.cursor).toBe(8)
  expect(client.stream.state.account?.name).toBe('Renamed')
  expect([...client.stream.state.conversations.keys()]).toEqual(['c', 'd'])
})

test('waits as long as the service asks for, also while it shows what it knew', async () => {
  const { client, sockets } = await returning()
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  await new Promise((resolve) => setImmediate(resolve))
  sockets[0]!.open()
  sockets[0]!.receive({ type: 'error', code: 'rate_limited', message: '', retryAfter: 77 })
  sockets[0]!.end(4429)
  const retryAt = Date.now() + 77_000
  expect(client.state.connection).toMatchObject({ name: 'waiting', retryAt, reason: 'rate_limited' })
  expect(client.state.view.name).toBe('linked')
})

test.each([4401, 4410])('forgets it in the very task in which the socket is closed with %i', async (code) => {
  const { client, sockets, forgotten } = await returning()
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  await new Promise((resolve) => setImmediate(resolve))
  sockets[0]!.open()
  sockets[0]!.end(code)
  expect(forgotten()).toBe(1)
  expect(client.stream.state).toEqual(EMPTY_STATE)
  expect(client.state.view.name).not.toBe('linked')
})

test('a browser that was never linked has nothing to forget', async () => {
  let forgotten = 0
  const sockets: FakeSocket[] = []
  const client = createCompanionClient({
    address: 'wss://tandem.example/v1/socket',
    dial: (url) => (sockets.push(new FakeSocket(url)), sockets.at(-1)!),
    storage: createDeviceStorage(createMemoryCell()),
    keep: true,
    hidden: false,
    onForget: () => void forgotten++,
  })
  await client.start()
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  await new Promise((resolve) => setImmediate(resolve))
  sockets[0]!.open()
  sockets[0]!.end(4410)
  expect(forgotten).toBe(0)
})

/** A linked browser that is opened again, with its state at cursor 7. */
async function returning() {
  const sockets: FakeSocket[] = []
  const storage = createDeviceStorage(createMemoryCell())
  await storage.save({ key: await createDeviceKey(), device: 'D', linked: true, at: NOW, confirmed: true })
  const records = recordsOf(
    reduce(EMPTY_STATE, { type: 'snapshot', frame: snapshot(7, [conversation('c')]) }),
    'D',
    () => null,
  )!
  let forgotten = 0
  const client = createCompanionClient({
    address: 'wss://tandem.example/v1/socket',
    dial: (url) => (sockets.push(new FakeSocket(url)), sockets.at(-1)!),
    storage,
    keep: true,
    hidden: false,
    random: () => 0.5,
    async restore(device, stream) {
      stream.restore(stateOf(records, device, NOW)!, new Map(), noUpload)
      return DEVICE
    },
    onForget: () => void forgotten++,
  })
  await client.start()
  return { client, sockets, forgotten: () => forgotten }
}
