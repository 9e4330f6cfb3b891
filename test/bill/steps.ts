/** What the bill's units are made of: people, browsers, and objects that hibernate and wake. */
import { env } from 'cloudflare:workers'
import { evictDurableObject } from 'cloudflare:test'
import type { QrFrame } from '../../src/protocol/frames.ts'
import type { Account, Companion } from '../../src/index.ts'
import type { StreamEvent } from '../../src/protocol/model.ts'
import { PUSH_AGAIN_MS } from '../../src/protocol/limits.ts'
import { advance } from '../support/clock.ts'
import { accountOf, Browser, companionOf, link, Phone, request } from '../support/service.ts'
import type { TestSocket } from '../support/socket.ts'
import { ring } from './meter.ts'

// An account begins empty here.
;(env as { DEMO: string }).DEMO = 'off'

export type Linked = Awaited<ReturnType<typeof link>>

/** Opens a link page: its socket and the picture of its first code. */
export async function openPage(): Promise<{ browser: Browser; socket: TestSocket; qr: QrFrame }> {
  const browser = await Browser.create()
  const socket = await browser.open()
  const qr = await socket.next<QrFrame>('qr')
  await fetchPicture(qr)
  return { browser, socket, qr }
}

/** As the page does for every code. */
export async function fetchPicture({ image }: QrFrame): Promise<void> {
  const picture = await request(image)
  if (!picture.ok) throw new Error(`no picture: ${picture.status}`)
  await picture.text()
}

/** The alarm that follows every change, ten seconds later, has fired. */
export async function ringAfterChange(...accounts: string[]): Promise<void> {
  advance(PUSH_AGAIN_MS)
  for (const account of accounts) await ring(accountOf(account))
}

/** Puts objects out of memory as ten quiet seconds do; their sockets hibernate. */
export async function hibernate(
  ...stubs: (DurableObjectStub<Account> | DurableObjectStub<Companion>)[]
): Promise<void> {
  for (const stub of stubs) await evictDurableObject(stub)
}

/** Two people who have exchanged a message; the first writes on a phone, the second has this many linked browsers. */
export interface Talk {
  ada: Phone
  bo: Phone
  phone: TestSocket
  conversation: string
  own: Linked[]
  browsers: Linked[]
  /** All of it has hibernated, and nothing is due for days. */
  rest(): Promise<void>
}

export async function talk({ own = 0, browsers = 0 }: { own?: number; browsers?: number }): Promise<Talk> {
  const [ada, bo] = [await Phone.signIn(), await Phone.signIn()]
  const linkMany = async (person: Phone, count: number): Promise<Linked[]> => {
    const linked: Linked[] = []
    while (linked.length < count) linked.push(await link(person))
    return linked
  }
  const made = { own: await linkMany(ada, own), browsers: await linkMany(bo, browsers) }
  const phone = await ada.openStream()
  await phone.next('snapshot')
  const { conversation } = await phone.ask<{ conversation: { id: string } }>({ type: 'start', number: bo.number })
  const all = [...made.own, ...made.browsers].map(({ device }) => companionOf(device.id))
  const accounts = [ada.account.id, bo.account.id]
  const rest = async (): Promise<void> => {
    await ringAfterChange(...accounts)
    await hibernate(...accounts.map(accountOf), ...all)
  }
  await sendAndSettle(phone, conversation.id, made)
  await rest()
  return { ada, bo, phone, conversation: conversation.id, ...made, rest }
}

/** Sends a text and awaits all that comes of it: delivered, on every linked browser of both. */
export async function sendAndSettle(
  socket: TestSocket,
  conversation: string,
  { own, browsers }: { own: Linked[]; browsers: Linked[] },
  more: Record<string, unknown> = { text: 'It is counted, what this costs.' },
): Promise<{ id: string; seq: number }> {
  const { message } = await socket.ask<{ message: { id: string; seq: number } }>({
    type: 'send',
    id: crypto.randomUUID(),
    conversation,
    ...more,
  })
  const isDelivered = (event: StreamEvent): boolean => event.kind === 'status' && event.deliveredUpTo >= message.seq
  const isHere = (event: StreamEvent): boolean => event.kind === 'message' && event.message.id === message.id
  await Promise.all([
    seen(socket, isDelivered),
    ...own.map((browser) => (browser.socket === socket ? undefined : seen(browser.socket, isDelivered))),
    ...browsers.map((browser) => seen(browser.socket, isHere)),
  ])
  return message
}

/** Awaits an event of the stream. */
export async function seen(socket: TestSocket, isIt: (event: StreamEvent) => boolean): Promise<StreamEvent> {
  const isFrame = ({ type, event }: { type: string; event?: unknown }): boolean =>
    type === 'event' && isIt(event as StreamEvent)
  return (await socket.find<{ event: StreamEvent }>(isFrame, 'an event')).event
}
