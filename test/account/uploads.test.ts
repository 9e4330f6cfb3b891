import { env } from 'cloudflare:workers'
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findMedia, insertMedia } from '../../src/account/media.ts'
import { MediaState, type MediaRow } from '../../src/account/rows.ts'
import { migrate, MIGRATIONS } from '../../src/account/schema.ts'
import {
  AVATAR_BYTES,
  MEDIA_BYTES,
  THUMB_BYTES,
  UPLOAD_KEPT_MS,
  UPLOAD_URL_MS,
  UPLOADS_AN_HOUR,
} from '../../src/protocol/limits.ts'
import type { Media } from '../../src/protocol/model.ts'
import { advance, alarmAt, fireAlarm, useFakeDate } from '../support/clock.ts'
import { createAccount, createPair, evict, openPhone, startWith, type Phone, type TestAccount } from './support.ts'

const PHOTO = { contentType: 'image/webp', bytes: 9 }
const uuid = (): string => crypto.randomUUID()

function bucket(): R2Bucket {
  if (env.MEDIA === undefined) throw new Error('the tests need a bucket')
  return env.MEDIA
}

type Announced = { contentType: string; bytes: number; name?: string; thumb?: string }

/** Announces an upload that is taken. @returns its id */
async function announce(phone: Phone, announced: Announced = PHOTO): Promise<string> {
  const answer = await phone.request({ type: 'upload', ...announced })
  if (answer.type !== 'ok' || typeof answer.media !== 'string') throw new Error(JSON.stringify(answer))
  return answer.media
}

/** As the Worker does it once all bytes are there. */
async function store(account: TestAccount, media: string, bytes = PHOTO.bytes): Promise<void> {
  await bucket().put(`${account.id}/${media}`, new Uint8Array(bytes))
  expect(await account.stub.uploaded(media)).toBe(true)
}

async function upload(account: TestAccount, phone: Phone, announced: Announced = PHOTO): Promise<string> {
  const media = await announce(phone, announced)
  await store(account, media, announced.bytes)
  return media
}

function send(phone: Phone, conversation: string, media: string, id = uuid()) {
  return phone.request({ type: 'send', id, conversation, media })
}

function rowsOf({ stub }: TestAccount): Promise<MediaRow[]> {
  return runInDurableObject(stub, (_, { storage }) => storage.sql.exec<MediaRow>('SELECT * FROM media').toArray())
}

async function objectsOf({ id }: TestAccount): Promise<string[]> {
  return (await bucket().list({ prefix: `${id}/` })).objects.map(({ key }) => key.slice(id.length + 1)).toSorted()
}

/** Fires the alarm, which the test may be late for, until nothing of the account is left to remove. */
async function untilSwept(account: TestAccount): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    await runDurableObjectAlarm(account.stub)
    const rows = await rowsOf(account)
    if (!rows.some(({ sweep_at }) => sweep_at !== null && sweep_at <= Date.now())) return
  }
  throw new Error('something stays')
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an announcement', () => {
  it('is answered with an id, the address of its PUT and when that expires', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const before = Date.now()
    const answer = await phone.request({ type: 'upload', ...PHOTO, name: 'lake.webp' })
    if (answer.type !== 'ok' || typeof answer.media !== 'string') throw new Error(JSON.stringify(answer))
    expect(answer.put?.startsWith(`/v1/media/${ada.id}/${answer.media}?`)).toBe(true)
    expect(answer.expiresAt).toBeGreaterThanOrEqual(before + UPLOAD_URL_MS)
    expect(answer.expiresAt).toBeLessThanOrEqual(Date.now() + UPLOAD_URL_MS)
    expect(await ada.stub.admitUpload(answer.media)).toEqual({ outcome: 'open', ...PHOTO, name: 'lake.webp' })
    expect(await ada.stub.admitUpload('another')).toEqual({ outcome: 'gone' })
  })

  it('S15: is at most MEDIA_BYTES, with a thumbnail of at most THUMB_BYTES', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const ask = (more: Partial<Announced>) => phone.request({ type: 'upload', ...PHOTO, ...more })
    expect(await ask({ bytes: MEDIA_BYTES })).toMatchObject({ type: 'ok' })
    expect(await ask({ bytes: MEDIA_BYTES + 1 })).toMatchObject({ code: 'payload_too_large' })
    const thumb = await announce(phone, { ...PHOTO, bytes: THUMB_BYTES })
    expect(await ask({ thumb })).toMatchObject({ type: 'ok' })
    const large = await announce(phone, { ...PHOTO, bytes: THUMB_BYTES + 1 })
    expect(await ask({ thumb: large })).toMatchObject({ code: 'payload_too_large' })
    const svg = await announce(phone, { contentType: 'image/svg+xml', bytes: 9 })
    expect(await ask({ thumb: svg })).toMatchObject({ code: 'bad_request' })
    expect(await ask({ thumb: 'nothing' })).toMatchObject({ code: 'not_found' })
    const stranger = await openPhone(await createAccount())
    expect(await ask({ thumb: await announce(stranger) })).toMatchObject({ code: 'not_found' })
  })

  it('of what is no type, of no bytes or of a wrong form is bad_request, and nothing is stored', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const bad = [
      { contentType: 'image' },
      { contentType: 'image/' },
      { contentType: 'a b/c' },
      { contentType: 'image/png\r\nx: y' },
      { bytes: 0 },
      { bytes: -1 },
      { bytes: 1.5 },
      { bytes: '9' },
      { width: 0 },
      { duration: -1 },
      { name: '' },
    ]
    for (const more of bad) {
      expect(await phone.request({ type: 'upload', ...PHOTO, ...more } as never), JSON.stringify(more)).toMatchObject({
        code: 'bad_request',
      })
    }
    expect(await rowsOf(ada)).toEqual([])
  })

  it('S28: keeps no name that would reverse its letters, leave its folder or break its line', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    await announce(phone, { ...PHOTO, name: '../a\u202egnp\u200b.exe\r\n' })
    await announce(phone, { ...PHOTO, name: '\u202e\n' })
    expect(new Set((await rowsOf(ada)).map(({ name }) => name))).toEqual(new Set(['..agnp.exe', null]))
  })

  it('is not_allowed in words where there is no bucket, and all else works', async () => {
    const { phoneA, phoneB, conversation } = await createPair()
    const there = env.MEDIA
    env.MEDIA = undefined as never
    try {
      expect(await phoneA.request({ type: 'upload', ...PHOTO })).toMatchObject({
        code: 'not_allowed',
        message: 'This server takes no uploads',
      })
      const text = { type: 'send' as const, id: uuid(), conversation: conversation.id, text: 'words' }
      expect(await phoneA.request(text)).toMatchObject({ type: 'ok' })
      await phoneB.event('message')
    } finally {
      env.MEDIA = there as never
    }
  })
})

describe('sending an upload', () => {
  it('before its bytes, or its thumbnail’s, are there is media_not_ready; nothing is sent', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const thumb = await announce(phoneA)
    const media = await announce(phoneA, { ...PHOTO, thumb })
    const id = uuid()
    expect(await send(phoneA, conversation.id, media, id)).toMatchObject({ code: 'media_not_ready' })
    expect(await phoneA.request({ type: 'media', id: media })).toMatchObject({ code: 'media_not_ready' })
    await store(ada, media)
    expect(await send(phoneA, conversation.id, media, id)).toMatchObject({ code: 'media_not_ready' })
    await store(ada, thumb)
    await evict(ada)
    const sent = await send(phoneA, conversation.id, media, id)
    expect(sent).toMatchObject({ message: { seq: 2, media: { id: media, thumb: expect.any(String) } } })
    expect(await send(phoneA, conversation.id, media, id)).toEqual({ ...sent, ref: expect.any(String) })
  })

  it('S21: of another account, or received from one, is not_found', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    const media = await upload(ada, phoneA)
    await send(phoneA, conversation.id, media)
    const { message } = await phoneB.event('message')
    for (const id of [media, message.media?.id ?? '', 'nothing']) {
      expect(await send(phoneB, message.conversation, id)).toMatchObject({ code: 'not_found' })
      expect(await bo.stub.updateProfile(bo.caller, { avatar: id })).toMatchObject({ code: 'not_found' })
    }
    expect(await phoneB.request({ type: 'media', id: media })).toMatchObject({ code: 'not_found' })
  })

  it('finds the bytes in R2 when the account was not told, and none that are of another length', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const media = await announce(phoneA)
    await bucket().put(`${ada.id}/${media}`, new Uint8Array(8))
    expect(await send(phoneA, conversation.id, media)).toMatchObject({ code: 'media_not_ready' })
    await bucket().put(`${ada.id}/${media}`, new Uint8Array(9))
    expect(await send(phoneA, conversation.id, media)).toMatchObject({ type: 'ok' })
  })
})

describe('deleting a message with media', () => {
  it('for all removes bytes, thumbnail and rows, on both sides', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    const thumb = await upload(ada, phoneA)
    const media = await upload(ada, phoneA, { ...PHOTO, thumb })
    const id = uuid()
    await send(phoneA, conversation.id, media, id)
    const { message } = await phoneB.event('message')
    expect(await objectsOf(ada)).toEqual([media, thumb].toSorted())
    await phoneA.request({ type: 'delete', conversation: conversation.id, id, for: 'all' })
    await phoneB.event('deleted')
    await untilSwept(ada)
    expect(await objectsOf(ada)).toEqual([])
    expect([...(await rowsOf(ada)), ...(await rowsOf(bo))]).toEqual([])
    for (const [phone, gone] of [
      [phoneA, media],
      [phoneB, message.media?.id ?? ''],
    ] as const) {
      expect(await phone.request({ type: 'media', id: gone })).toMatchObject({ code: 'not_found' })
    }
    expect(await send(phoneA, conversation.id, media)).toMatchObject({ code: 'not_found' })
    expect(await ada.stub.admitUpload(media)).toEqual({ outcome: 'gone' })
    expect(await ada.stub.uploaded(media)).toBe(false)
  })

  it('for all is carried out by the alarm until R2 has done it, through evictions', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const media = await upload(ada, phoneA)
    const id = uuid()
    await send(phoneA, conversation.id, media, id)
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const failing = vi.spyOn(Object.getPrototypeOf(bucket()), 'delete').mockRejectedValue(new Error('R2 is down'))
    await phoneA.request({ type: 'delete', conversation: conversation.id, id, for: 'all' })
    await vi.waitFor(() => expect(failing).toHaveBeenCalled(), { timeout: 5_000 })
    expect(await objectsOf(ada)).toEqual([media])
    expect(await phoneA.request({ type: 'media', id: media })).toMatchObject({ code: 'not_found' })
    failing.mockRestore()
    await evict(ada)
    expect(await alarmAt(ada.stub)).not.toBeNull()
    await vi.waitFor(async () => expect(await objectsOf(ada)).toEqual([]), { timeout: 10_000 })
    await vi.waitFor(async () => expect(await rowsOf(ada)).toEqual([]), { timeout: 5_000 })
  })

  it('for me leaves the other side its picture, and for all afterwards takes it away', async () => {
    const { ada, phoneA, phoneB, conversation } = await createPair()
    const media = await upload(ada, phoneA)
    const id = uuid()
    await send(phoneA, conversation.id, media, id)
    const { message } = await phoneB.event('message')
    await phoneA.request({ type: 'delete', conversation: conversation.id, id, for: 'me' })
    await untilSwept(ada)
    const history = await phoneA.request({ type: 'history', conversation: conversation.id })
    expect(history).toMatchObject({ messages: [{ id, deleted: true }] })
    expect((history as { messages: { media?: Media }[] }).messages[0]?.media).toBeUndefined()
    expect(await objectsOf(ada)).toEqual([media])
    expect(await phoneB.request({ type: 'media', id: message.media?.id ?? '' })).toMatchObject({ type: 'ok' })
    await phoneA.request({ type: 'delete', conversation: conversation.id, id, for: 'all' })
    await untilSwept(ada)
    expect(await objectsOf(ada)).toEqual([])
  })

  it('that another message shows too leaves it there until that one goes', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const other = await startWith(phoneA, await createAccount())
    const media = await upload(ada, phoneA)
    const [one, two] = [uuid(), uuid()]
    await send(phoneA, conversation.id, media, one)
    await send(phoneA, other.id, media, two)
    await phoneA.request({ type: 'delete', conversation: conversation.id, id: one, for: 'all' })
    await untilSwept(ada)
    expect(await objectsOf(ada)).toEqual([media])
    await phoneA.request({ type: 'delete', conversation: other.id, id: two, for: 'all' })
    await untilSwept(ada)
    expect(await objectsOf(ada)).toEqual([])
  })

  it('received, for me, forgets the row and leaves the sender’s bytes', async () => {
    const { ada, bo, phoneA, phoneB, conversation } = await createPair()
    const media = await upload(ada, phoneA)
    await send(phoneA, conversation.id, media)
    const { message } = await phoneB.event('message')
    await phoneB.request({ type: 'delete', conversation: message.conversation, id: message.id, for: 'me' })
    expect(await phoneB.request({ type: 'media', id: message.media?.id ?? '' })).toMatchObject({ code: 'not_found' })
    expect(await rowsOf(bo)).toEqual([])
    expect(await objectsOf(ada)).toEqual([media])
  })

  it('never touches the photos of the demo, which are everybody’s', async () => {
    const { ada, phoneA, conversation } = await createPair()
    await bucket().put('demo/shared.webp', new Uint8Array(9))
    const media = await runInDurableObject(ada.stub, (_, { storage }) =>
      insertMedia(storage.sql, { object: 'demo/shared.webp', ...PHOTO }, true),
    )
    await runInDurableObject(ada.stub, (_, { storage }) =>
      storage.sql.exec('UPDATE media SET uses = 0 WHERE id = ?', media),
    )
    const id = uuid()
    await send(phoneA, conversation.id, media, id)
    await phoneA.request({ type: 'delete', conversation: conversation.id, id, for: 'all' })
    await untilSwept(ada)
    expect(await rowsOf(ada)).toEqual([])
    expect(await bucket().head('demo/shared.webp')).not.toBeNull()
  })
})

describe('what nothing shows', () => {
  useFakeDate()

  it('is removed after a day: never put, put and never sent, and the thumbnail with it', async () => {
    const { ada, phoneA, conversation } = await createPair()
    const shown = await upload(ada, phoneA)
    await send(phoneA, conversation.id, shown)
    await announce(phoneA)
    const thumb = await upload(ada, phoneA)
    await upload(ada, phoneA, { ...PHOTO, thumb })
    advance(UPLOAD_KEPT_MS - 60_000)
    await untilSwept(ada)
    expect(await rowsOf(ada)).toHaveLength(4)
    await evict(ada)
    advance(60_001)
    await untilSwept(ada)
    expect((await rowsOf(ada)).map(({ id }) => id)).toEqual([shown])
    expect(await objectsOf(ada)).toEqual([shown])
  })

  it('cannot be used from the moment in which its removal began', async () => {
    const ada = await createAccount()
    const media = await upload(ada, await openPhone(ada))
    advance(UPLOAD_KEPT_MS + 1)
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    vi.spyOn(Object.getPrototypeOf(bucket()), 'delete').mockRejectedValueOnce(new Error('R2 is down'))
    await runDurableObjectAlarm(ada.stub)
    expect(await ada.stub.updateProfile(ada.caller, { avatar: media })).toMatchObject({ code: 'not_found' })
    expect(await objectsOf(ada)).toEqual([media])
    await fireAlarm(ada.stub)
    await untilSwept(ada)
    expect([await objectsOf(ada), await rowsOf(ada)]).toEqual([[], []])
  })

  it('stays known while there is no bucket to remove it from', async () => {
    const ada = await createAccount()
    const media = await upload(ada, await openPhone(ada))
    const there = env.MEDIA
    env.MEDIA = undefined as never
    try {
      await fireAlarm(ada.stub, UPLOAD_KEPT_MS)
      expect(await rowsOf(ada)).toMatchObject([{ id: media, state: MediaState.ready }])
    } finally {
      env.MEDIA = there as never
    }
    await fireAlarm(ada.stub)
    await untilSwept(ada)
    expect(await rowsOf(ada)).toEqual([])
  })

  it('is announced at most UPLOADS_AN_HOUR times in an hour', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    await announce(phone)
    await runInDurableObject(ada.stub, (_, { storage }) =>
      storage.sql.exec("UPDATE counters SET used = ? WHERE what = 'uploads'", UPLOADS_AN_HOUR),
    )
    expect(await phone.request({ type: 'upload', ...PHOTO })).toMatchObject({
      code: 'rate_limited',
      retryAfter: expect.any(Number),
    })
  })
})

describe('an avatar', () => {
  useFakeDate()

  it('is a raster picture of the owner’s own, uploaded and small', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const set = (avatar: string) => ada.stub.updateProfile(ada.caller, { avatar })
    const pending = await announce(phone)
    expect(await set(pending)).toMatchObject({ code: 'not_found' })
    expect(await set(await upload(ada, phone, { contentType: 'image/svg+xml', bytes: 9 }))).toMatchObject({
      code: 'not_found',
    })
    const large = await announce(phone, { ...PHOTO, bytes: AVATAR_BYTES + 1 })
    await ada.stub.uploaded(large)
    expect(await set(large)).toMatchObject({ code: 'payload_too_large' })
    // In R2 without the account's knowledge, as after a lost call.
    await bucket().put(`${ada.id}/${pending}`, new Uint8Array(9))
    expect(await set(pending)).toMatchObject({ value: { avatar: { id: pending } } })
    expect(await phone.event('profile')).toMatchObject({ account: { avatar: { id: pending } } })
  })

  it('that was replaced is removed a day later, when the peers have the new one', async () => {
    const ada = await createAccount()
    const phone = await openPhone(ada)
    const set = (avatar: string | null) => ada.stub.updateProfile(ada.caller, { avatar })
    const [one, two] = [await upload(ada, phone), await upload(ada, phone)]
    await set(one)
    await set(one)
    await set(two)
    advance(UPLOAD_KEPT_MS - 60_000)
    await untilSwept(ada)
    expect(await objectsOf(ada)).toEqual([one, two].toSorted())
    advance(60_001)
    await untilSwept(ada)
    expect(await objectsOf(ada)).toEqual([two])
    await set(null)
    advance(UPLOAD_KEPT_MS + 1)
    await untilSwept(ada)
    expect(await objectsOf(ada)).toEqual([])
    expect(await rowsOf(ada)).toEqual([])
  })
})

describe('media of a database of version 1', () => {
  it('is in R2, and shown by the message that it came with', async () => {
    await runInDurableObject(env.ACCOUNT.get(env.ACCOUNT.newUniqueId()), (_, { storage }) => {
      migrate(storage, MIGRATIONS.slice(0, 1))
      const insert = "INSERT INTO media VALUES (?, ?, 'demo/lake.webp', NULL, 'image/webp', 9, NULL, NULL, NULL, NULL)"
      storage.sql.exec(insert, 'mine', 1)
      storage.sql.exec(insert, 'theirs', 0)
      migrate(storage)
      const kept = { state: MediaState.ready, thumb: null, sweep_at: null, bytes: 9 }
      expect(findMedia(storage.sql, 'mine')).toMatchObject({ ...kept, uses: 1 })
      expect(findMedia(storage.sql, 'theirs')).toMatchObject({ ...kept, uses: 0 })
    })
  })
})
