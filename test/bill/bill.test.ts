/**
 * What each thing that people do costs, counted on the running service and pinned in bench/bill.json: a change of the
 * bill fails here, by the row that changed. `npm run cost` reckons with the pinned file.
 */
import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { appendEvent } from '../../src/account/event-log.ts'
import type { LinkSocket } from '../../src/companion/attachment.ts'
import { hashSecret } from '../../src/http/secrets.ts'
import type { QrFrame } from '../../src/protocol/frames.ts'
import { CATCH_UP_EVENTS, HOUR_MS, KEY_CACHE_MS, SEARCH_BLOCK } from '../../src/protocol/limits.ts'
import { advance, useFakeDate } from '../support/clock.ts'
import { accountOf, companionOf, json, link, newNumber, Phone, request } from '../support/service.ts'
import { installMeter, metered, ring, type Counts } from './meter.ts'
import { ROWS } from './rows.ts'
import { fetchPicture, hibernate, openPage, ringAfterChange, seen, sendAndSettle, talk } from './steps.ts'

const BILL = '../../bench/bill.json'
const CHANGED = 'The bill has changed. If that is meant, `npm run bill:update` pins the new one; say why in the commit'

const ROTATE_MS = 20_000
const DAY_MS = 86_400_000
const PINGS_AN_HOUR = 144
/** Messages of the long run: both sides complete blocks of the search index, and no sweep of the log falls into it. */
const LONG_RUN = 2 * SEARCH_BLOCK

const units: Record<string, { what: string } & Counts> = {}
const stored: Record<string, { what: string; bytes: number }> = {}

useFakeDate()
beforeAll(installMeter)

describe('an open link page', () => {
  it('costs one alarm and one row written a rotation, and the picture', async () => {
    let qr!: QrFrame
    let socket!: Awaited<ReturnType<typeof openPage>>['socket']
    await count('page.open', 'A link page is opened: its socket, the first code, its picture', async () => {
      ;({ qr, socket } = await openPage())
    })
    const stub = companionOf(qr.token)
    await hibernate(stub)
    const rotation = await count(
      'page.rotation',
      'The code rotates, every 20 s, in an object that hibernated',
      async () => {
        advance(ROTATE_MS)
        await ring(stub)
        await fetchPicture(await socket.next<QrFrame>('qr'))
      },
    )
    expect(rotation.objectRequests).toEqual({ 'Companion.alarm': 1 })
    expect(rotation.rowsWritten).toEqual({ 'Companion: set alarm in 20 s': 1 })
    await hibernate(stub)
    await count('page.wake', 'The page is looked at again: a new budget of six codes', async () => {
      socket.send({ type: 'wake' })
      // No frame answers it: the state in the socket's attachment does.
      await vi.waitFor(async () => expect(await rotationOf(stub)).toBe(1))
    })
    await count('page.leave', 'The page is closed without a link: nothing is left', async () => {
      socket.close()
      await socket.closed()
    })
  })
})

describe('a link', () => {
  it('costs what is pinned: scan, approve, the device on both sides', async () => {
    const phone = await Phone.signIn()
    const { socket, qr } = await openPage()
    await hibernate(companionOf(qr.token), accountOf(phone.account.id))
    const counted = await count('link', 'A code is scanned and approved, and the snapshot sent', async () => {
      await json(await phone.scan(qr.token))
      await socket.next('scanned')
      await json(await phone.approve(qr.token))
      await socket.next('linked')
      await socket.next('snapshot')
      await ringAfterChange(phone.account.id)
    })
    expect(counted.workerRequests).toEqual({ 'POST /v1/link/approve': 1, 'POST /v1/link/scan': 1 })
  })

  it('by a typed code costs its claim besides', async () => {
    const phone = await Phone.signIn()
    const { socket, qr } = await openPage()
    await hibernate(companionOf(qr.token), accountOf(phone.account.id))
    const counted = await count('link.typed', 'A link by a code that was typed, with number match', async () => {
      socket.send({ type: 'spell' })
      const { code } = await socket.next<{ code: string }>('spelled')
      const { token } = await json<{ token: string }>(await phone.post('/v1/link/scan', { code }))
      const { match } = await socket.next<{ match: string }>('scanned')
      await json(await phone.approve(token, { match }))
      await socket.next('linked')
      await socket.next('snapshot')
      await ringAfterChange(phone.account.id)
      advance(DAY_MS)
      await ring(env.SPELLING.get(env.SPELLING.idFromName(hashSecret(code))))
    })
    expect(counted.objectRequests).toMatchObject({ 'Spelling.claim': 1, 'Companion.scanTyped': 1 })
  })
})

describe('a linked browser', () => {
  it('costs nothing while nothing happens, for an hour of heartbeats', async () => {
    const phone = await Phone.signIn()
    const { socket, device } = await link(phone)
    await ringAfterChange(phone.account.id)
    await hibernate(companionOf(device.id), accountOf(phone.account.id))
    const hour = await count('idle.hour', 'A linked browser whose owner does nothing, for an hour', async () => {
      for (let ping = 0; ping < PINGS_AN_HOUR; ping++) {
        socket.send('ping')
        await socket.next('pong')
        advance(25_000)
      }
    })
    expect(hour).toEqual({
      workerRequests: {},
      objectRequests: {},
      socketMessages: {},
      rowsWritten: {},
      rowsRead: {},
      r2: {},
    })
    advance(31 * DAY_MS)
    await count('idle.month', 'Once in 30 days the account asks for devices that nobody uses', async () => {
      await ring(accountOf(phone.account.id))
    })
  })

  it('costs its proof and the account’s word when it comes back', async () => {
    const phone = await Phone.signIn()
    const { browser, socket, device, snapshot } = await link(phone)
    await ringAfterChange(phone.account.id)
    await hibernate(companionOf(device.id), accountOf(phone.account.id))
    const counted = await count(
      'resume',
      'The socket of a linked browser closes and comes back, nothing missed',
      async () => {
        socket.close()
        await socket.closed()
        await hibernate(companionOf(device.id), accountOf(phone.account.id))
        const again = await browser.resume(device.id, snapshot.cursor)
        await again.next('resumed')
      },
    )
    expect(counted.rowsWritten).toEqual({ 'Account: update devices': 2 })
  })
})

describe('a message', () => {
  it.each([
    ['message.toNone', 'A message from a phone to somebody with no browser, ticks and all', 0],
    ['message.toOne', 'The same, to one linked browser', 1],
    ['message.toFour', 'The same, to four', 4],
  ])('%s costs what is pinned', async (unit, what, browsers) => {
    const pair = await talk({ browsers })
    const counted = await count(unit, what, async () => {
      await sendAndSettle(pair.phone, pair.conversation, pair)
      await ringAfterChange(pair.ada.account.id, pair.bo.account.id)
    })
    expect(counted.objectRequests['Companion.push'] ?? 0).toBe(browsers)
  })

  it('costs its author’s own browsers too, and one hop more when it is written there', async () => {
    const pair = await talk({ own: 1 })
    const [own] = pair.own
    const onPhone = await count(
      'message.ownBrowser',
      'A message from a phone whose owner has one linked browser, to nobody’s',
      async () => {
        await sendAndSettle(pair.phone, pair.conversation, pair)
        await ringAfterChange(pair.ada.account.id, pair.bo.account.id)
      },
    )
    expect(onPhone.objectRequests['Companion.push']).toBe(2)
    await pair.rest()
    const inBrowser = await count('message.fromBrowser', 'The same, written in that browser', async () => {
      await sendAndSettle(own!.socket, pair.conversation, pair)
      await ringAfterChange(pair.ada.account.id, pair.bo.account.id)
    })
    expect(inBrowser.objectRequests).toEqual({ ...onPhone.objectRequests, 'Account.deviceRequests': 1 })
  })

  it('that is read, in a browser, tells its author', async () => {
    const pair = await talk({ browsers: 1 })
    const [reader] = pair.browsers
    const told = seen(reader!.socket, ({ kind }) => kind === 'message')
    await pair.phone.ask({ type: 'send', id: crypto.randomUUID(), conversation: pair.conversation, text: 'Read me.' })
    const event = await told
    if (event.kind !== 'message') throw new Error(event.kind)
    const { conversation, seq } = event.message
    await pair.rest()
    const counted = await count(
      'read',
      'A conversation is read in a linked browser; the author’s phone shows it',
      async () => {
        await reader!.socket.ask({ type: 'read', conversation, upTo: seq })
        await seen(pair.phone, ({ kind, ...mark }) => kind === 'status' && (mark as { readUpTo: number }).readUpTo > 0)
        await ringAfterChange(pair.ada.account.id, pair.bo.account.id)
      },
    )
    expect(counted.rowsWritten['Account: insert events']).toBe(2)
  })

  it('in the long run costs the upkeep of the log and of the search besides, and room', async () => {
    const pair = await talk({})
    const accounts = [accountOf(pair.ada.account.id), accountOf(pair.bo.account.id)]
    const before = await Promise.all(accounts.map(sizeOf))
    const counted = await count(
      'message.longRun',
      `${LONG_RUN} messages from a phone, one after the other, between two phones`,
      async () => {
        for (let sent = 0; sent < LONG_RUN; sent++) await sendAndSettle(pair.phone, pair.conversation, pair)
      },
    )
    expect(counted.objectRequests).toEqual({ 'Account.deliver': LONG_RUN })
    const after = await Promise.all(accounts.map(sizeOf))
    const grown = after.reduce((sum, size, index) => sum + size - (before[index] ?? 0), 0)
    // Whole pages of 4 KiB are taken, one more or less as random ids fall: a message's share is told to the hundred bytes.
    const bytes = Math.ceil(grown / LONG_RUN / 100) * 100
    stored.message = { what: 'A message of 30 characters, at its author’s and its reader’s together', bytes }
  })

  it('leaves events, of which every thousandth removes a thousand', async () => {
    const stub = accountOf((await Phone.signIn()).account.id)
    const append = (events: number) =>
      runInDurableObject(stub, (_, { storage }) => {
        for (let event = 0; event < events; event++) appendEvent(storage.sql, { kind: 'profile' })
      })
    await append(2 * CATCH_UP_EVENTS - 1)
    const sweep = await count(
      'log.sweep',
      `The log's ${2 * CATCH_UP_EVENTS}th event removes what no catch-up can use`,
      () => append(1),
    )
    expect(sweep.rowsWritten['Account: delete events']).toBe(CATCH_UP_EVENTS)
  })
})

it('a file costs its announcement and its PUT, and each look at it a GET', async () => {
  const pair = await talk({})
  let media = ''
  await count('upload', 'A file is announced and put', async () => {
    const opened = await pair.phone.ask<{ media: string; put: string }>({
      type: 'upload',
      contentType: 'image/webp',
      bytes: 1000,
      name: 'lake.webp',
    })
    media = opened.media
    const headers = { 'content-type': 'image/webp' }
    const put = await request(opened.put, { method: 'PUT', headers, body: new Uint8Array(1000) })
    expect(put.status).toBe(201)
  })
  await pair.rest()
  await count('message.photo', 'A message with a photo that was uploaded, between two phones', async () => {
    await sendAndSettle(pair.phone, pair.conversation, pair, { media })
    await ringAfterChange(pair.ada.account.id, pair.bo.account.id)
  })
  const { media: fresh } = await pair.phone.ask<{ media: { url: string } }>({ type: 'media', id: media })
  await count('download', 'A photo is fetched once', async () => {
    const got = await request(fresh.url)
    expect(got.status).toBe(200)
    await got.arrayBuffer()
  })
})

describe('a phone', () => {
  it('costs its sign-in once, its refresh every quarter of an hour, its stream when it is opened', async () => {
    const number = newNumber()
    await count('phone.signIn', 'A new number signs in: the code, the account and its tables', async () => {
      await Phone.signIn(number)
      advance(HOUR_MS)
      await ring(env.NUMBER.getByName(number))
    })
    const phone = await Phone.signIn()
    await hibernate(accountOf(phone.account.id))
    await count('phone.open', 'The app is opened: its stream and the snapshot', async () => {
      const socket = await phone.openStream()
      await socket.next('snapshot')
    })
    await hibernate(accountOf(phone.account.id))
    await count('phone.refresh', 'The access token is renewed', async () => {
      const { refreshToken } = phone
      await json(await request('/v1/phone/refresh', jsonBody({ refreshToken })))
    })
  })

  it('shows typing for three seconds to a linked browser', async () => {
    const pair = await talk({ browsers: 1 })
    const counted = await count(
      'typing',
      'Somebody types on a phone, for up to three seconds; one linked browser shows it',
      async () => {
        pair.phone.send({ type: 'typing', conversation: pair.conversation, on: true })
        await pair.browsers[0]!.socket.find(({ type }) => type === 'typing')
      },
    )
    expect(counted.rowsWritten).toEqual({})
  })
})

it('an isolate asks for the keys once in ten minutes', async () => {
  await request('/.well-known/jwks.json')
  const keys = await metered(async () => {
    advance(KEY_CACHE_MS)
    await request('/.well-known/jwks.json')
  })
  units.keys = { what: 'An isolate asks for the keys, at most once in ten minutes', ...keys, workerRequests: {} }
  expect(keys.objectRequests).toEqual({ 'Keyring.keys': 1 })
})

it('room is taken by an account and by a linked browser, which is measured too', async () => {
  const phone = await Phone.signIn()
  const { device } = await link(phone)
  stored.account = {
    what: 'An account with one linked browser and no messages',
    bytes: await sizeOf(accountOf(phone.account.id)),
  }
  stored.companion = { what: 'A linked browser', bytes: await sizeOf(companionOf(device.id)) }
  expect(stored.companion.bytes).toBeLessThan(stored.account.bytes)
})

it.each(['page.rotation', 'link', 'message.toOne', 'message.toFour'])(
  '%s writes the rows of the floor, and beyond them one at most: the alarm goes back to its far duty',
  (unit) => {
    const beyond = Object.entries(units[unit]?.rowsWritten ?? {}).filter(([name]) => ROWS[name]?.floor !== true)
    expect(beyond).toEqual(unit === 'page.rotation' ? [] : [['Account: set alarm in days', 1]])
  },
)

it('has a name and a reason for each row written, and is the one that is pinned', async () => {
  const rows = Object.fromEntries(Object.entries(ROWS).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const written = new Set(Object.values(units).flatMap((unit) => Object.keys(unit.rowsWritten)))
  const unexplained = [...written].filter((name) => rows[name] === undefined)
  const unwritten = Object.keys(rows).filter((name) => !written.has(name))
  expect(unexplained, 'rows written without a reason in test/bill/rows.ts').toEqual([])
  expect(unwritten, 'reasons in test/bill/rows.ts for rows that nothing writes').toEqual([])
  await expect(`${JSON.stringify({ units, stored, rows }, null, 2)}\n`, CHANGED).toMatchFileSnapshot(BILL)
})

/** Counts a unit of the bill and keeps it for the file. */
async function count(unit: string, what: string, work: () => Promise<unknown>): Promise<Counts> {
  // The isolate's keys are a unit of their own: no other one is to be the first in ten minutes to need them.
  await request('/.well-known/jwks.json')
  const counts = await metered(work)
  units[unit] = { what, ...counts }
  return counts
}

/** Bytes of the object's database. */
function sizeOf(stub: ReturnType<typeof accountOf> | ReturnType<typeof companionOf>): Promise<number> {
  return runInDurableObject(stub as ReturnType<typeof accountOf>, (_, { storage }) => storage.sql.databaseSize)
}

/** Which of its budget's codes an unlinked companion shows. */
function rotationOf(stub: ReturnType<typeof companionOf>): Promise<number | undefined> {
  return runInDurableObject(stub, (_, state) => {
    const [attachment] = state.getWebSockets().map((socket) => socket.deserializeAttachment() as LinkSocket)
    return attachment?.state.name === 'waiting' ? attachment.state.rotation : undefined
  })
}

function jsonBody(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}
