/** What the generator can be told to do. Each task makes what it needs, measures, and lets go of its sockets. */
import {
  frame,
  inBatches,
  link,
  type Linked,
  openPhone,
  type Person,
  resume,
  sendFrame,
  signIn,
  startConversation,
  type Target,
} from './people.ts'
import { post } from './http.ts'
import { grants } from './grants.ts'
import { companions, idle } from './soaks.ts'
import type { LoadSocket } from './socket.ts'

/** Sign-ins and links of a set-up, side by side. */
const SET_UP_WIDTH = 8

/** People who have signed in and wait for their link. */
const signedIn = new Map<string, Person[]>()

/** Signs people in for `links`, so that a profile of it shows no signing in. */
async function signInMany(target: Target, { count }: { count: number }): Promise<null> {
  signedIn.set(target.origin, await inBatches(count, SET_UP_WIDTH, () => signIn(target)))
  return null
}

/** `count` whole links, `width` at a time, each to an account of its own. */
async function links(target: Target, { count, width }: { count: number; width: number }): Promise<LinksResult> {
  if (!signedIn.has(target.origin)) await signInMany(target, { count })
  const people = signedIn.get(target.origin) ?? []
  signedIn.delete(target.origin)
  const began = performance.now()
  const linked = await inBatches(count, width, (index) => link(target, people[index]!))
  const seconds = (performance.now() - began) / 1000
  for (const { socket } of linked) socket.cut()
  return { perSecond: count / seconds, approved: linked.map(({ times }) => times.approved) }
}

/** Messages from a phone, each after the one before has come in the linked browser. */
async function pushes(target: Target, { count }: { count: number }): Promise<{ own: number[]; peer: number[] }> {
  const [ada, bob] = await Promise.all([signIn(target), signIn(target)])
  const [mine, theirs] = [await link(target, ada), await link(target, bob)]
  const phone = await openPhone(target, ada)
  const conversation = await startConversation(phone, bob.account)
  phone.listen(() => {})
  const times = { own: [] as number[], peer: [] as number[] }
  for (let index = 0; index < count; index++) {
    const { id, text } = sendFrame(conversation)
    const sentAt = performance.now()
    const seen = [mine, theirs].map(async ({ socket }) => {
      await socket.first((incoming) => (incoming.includes(id) && isMessage(incoming) ? incoming : null))
      return performance.now() - sentAt
    })
    phone.send(text)
    const [own = 0, peer = 0] = await Promise.all(seen)
    times.own.push(own)
    times.peer.push(peer)
    // What follows of a message (that it was delivered) is through before the next one.
    await quiet(SETTLE_MS)
  }
  for (const socket of [mine.socket, theirs.socket, phone]) socket.cut()
  return times
}

/** `count` messages from one phone, `window` unanswered at a time, until four linked browsers have them all, in order. */
async function messages(target: Target, { count, window }: { count: number; window: number }): Promise<number> {
  const [ada, bob] = await Promise.all([signIn(target), signIn(target)])
  const browsers: Linked[] = []
  for (let index = 0; index < DEVICES; index++) browsers.push(await link(target, ada))
  const phone = await openPhone(target, ada)
  const conversation = await startConversation(phone, bob.account)
  const order: string[] = []
  const began = performance.now()
  const seen = browsers.map(({ socket }) => allInOrder(socket, order, count))
  const send = (): void => {
    if (order.length >= count) return
    const { id, text } = sendFrame(conversation)
    order.push(id)
    phone.send(text)
  }
  phone.listen((text) => {
    if (text.includes('"type":"error"')) throw new Error(text.slice(0, 200))
    if (text.includes('"type":"ok"')) send()
  })
  for (let index = 0; index < window; index++) send()
  await Promise.all(seen)
  const seconds = (performance.now() - began) / 1000
  for (const socket of [...browsers.map((browser) => browser.socket), phone]) socket.cut()
  return count / seconds
}

/** Linked browsers that stay between tasks, four to an account. */
interface Crowd {
  homes: { person: Person; conversation: string; phone: LoadSocket }[]
  browsers: (Linked & { home: number; seen: string | null })[]
}

const crowds = new Map<string, Crowd>()

/** Makes a crowd of linked browsers, known by its target afterwards. */
async function gather(target: Target, { accounts }: { accounts: number }): Promise<{ seconds: number }> {
  const began = performance.now()
  const stranger = await signIn(target)
  const crowd: Crowd = { homes: [], browsers: [] }
  await inBatches(accounts, SET_UP_WIDTH, async () => {
    const person = await signIn(target)
    const linked: Linked[] = []
    for (let index = 0; index < DEVICES; index++) linked.push(await link(target, person))
    const phone = await openPhone(target, person)
    const conversation = await startConversation(phone, stranger.account)
    const home = crowd.homes.push({ person, conversation, phone }) - 1
    phone.listen(() => {})
    for (const browser of linked) {
      const standing = { ...browser, home, seen: null }
      crowd.browsers.push(standing)
      void listenTo(standing)
    }
  })
  crowds.set(target.origin, crowd)
  return { seconds: (performance.now() - began) / 1000 }
}

/**
 * Drops all browsers of the crowd at once, writes one message for each account, and lets them all come back at one
 * moment. @returns the seconds until the last one had what it missed, and how many did not go on exactly
 */
async function storm(target: Target): Promise<{ seconds: number; wrong: number }> {
  const crowd = crowds.get(target.origin)
  if (crowd === undefined) throw new Error('nobody is there to be dropped')
  for (const browser of crowd.browsers) browser.socket.cut()
  // The subject notices that they are gone.
  await quiet(DROPPED_MS)
  const wanted = await inBatches(crowd.homes.length, SET_UP_WIDTH, async (index) => {
    const { phone, conversation } = crowd.homes[index]!
    const { id, text } = sendFrame(conversation)
    const answered = phone.first((incoming) => (incoming.includes('"type":"ok"') ? incoming : null))
    phone.send(text)
    await answered
    phone.listen(() => {})
    return id
  })
  await quiet(DROPPED_MS)
  let wrong = 0
  const began = performance.now()
  await Promise.all(
    crowd.browsers.map(async (browser) => {
      browser.seen = null
      const before = browser.cursor
      // Turned away under the load (a proof that is looked at after ten seconds is 4401): not exact, but it comes back.
      browser.socket = await resume(target, browser).catch(() => {
        wrong++
        return resume(target, browser)
      })
      const missed = await listenTo(browser)
      if (missed !== wanted[browser.home] || browser.cursor <= before) wrong++
    }),
  )
  return { seconds: (performance.now() - began) / 1000, wrong }
}

/** Follows a browser's stream. @returns the id of the first message that comes */
function listenTo(browser: Crowd['browsers'][number]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  browser.socket.listen((text) => {
    const event = frame(text, 'event')
    if (event === null) return
    if (event.cursor !== browser.cursor + 1) throw new Error(`the event ${event.cursor} after ${browser.cursor}`)
    browser.cursor = event.cursor
    if (event.event.kind === 'message') resolve(event.event.message?.id ?? '')
  })
  return promise
}

/** Lets go of a crowd. */
async function scatter(target: Target): Promise<null> {
  const crowd = crowds.get(target.origin)
  crowds.delete(target.origin)
  for (const { socket } of crowd?.browsers ?? []) socket.cut()
  for (const { phone } of crowd?.homes ?? []) phone.cut()
  return null
}

/** Somebody whose account is filled at once. */
async function fill(
  target: Target,
  { conversations, messages: said }: { conversations: number; messages: number },
): Promise<Person> {
  const person = await signIn(target)
  await post(target.origin, `/v1/bench/fill/${conversations}/${said}`, {}, person.accessToken)
  return person
}

/** Opens the phone's socket again and again. @returns milliseconds from dialling to the snapshot, each */
async function opens(target: Target, { person, count }: { person: Person; count: number }): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < count; index++) {
    const began = performance.now()
    const phone = await openPhone(target, person)
    times.push(performance.now() - began)
    phone.cut()
    await quiet(SETTLE_MS)
  }
  return times
}

/** Asks for a text again and again. @returns milliseconds to the answer, each */
async function asks(
  target: Target,
  { person, type, text, count }: { person: Person; type: 'search' | 'like'; text: string; count: number },
): Promise<number[]> {
  const phone = await openPhone(target, person)
  const times: number[] = []
  for (let index = 0; index < count; index++) {
    const answered = phone.first((incoming) => frame(incoming, 'ok'))
    const began = performance.now()
    phone.send(JSON.stringify({ type, ref: 'a', text }))
    const { messages: found } = await answered
    times.push(performance.now() - began)
    if (found.length === 0) throw new Error(`${type} found nothing`)
  }
  phone.cut()
  return times
}

export const tasks = {
  signInMany,
  links,
  pushes,
  messages,
  gather,
  storm,
  scatter,
  fill,
  opens,
  asks,
  grants,
  companions,
  idle,
}

export interface LinksResult {
  perSecond: number
  /** Milliseconds from the approval to `linked`, each. */
  approved: number[]
}

const DEVICES = 4
/** Between two messages that are timed. */
const SETTLE_MS = 4
/** Between the drop and the return. */
const DROPPED_MS = 1_500

function allInOrder(socket: LoadSocket, order: readonly string[], count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let next = 0
  socket.onEnd = (code) => reject(new Error(`the socket closed ${code} after ${next} messages`))
  socket.listen((text) => {
    if (!isMessage(text)) return
    if (!text.includes(order[next]!)) reject(new Error(`not in order at ${next}: ${text.slice(0, 200)}`))
    if (++next === count) {
      socket.onEnd = () => {}
      resolve()
    }
  })
  return promise
}

function isMessage(text: string): boolean {
  return text.includes('"kind":"message"')
}

function quiet(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
