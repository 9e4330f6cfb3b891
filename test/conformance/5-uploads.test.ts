/** Section 5, and `upload` of section 2: photos and files on their way in, by the address that the upload was given. */
import { expect } from 'vitest'
import { eventually } from '../support/outside/eventually.ts'
import { call, expectProblem, type Answer, type Call } from '../support/outside/http.ts'
import { asPhone, link, message, openPhone, pair, signIn } from '../support/outside/people.ts'
import { startServer } from '../support/outside/server.ts'
import { useServer } from '../support/outside/servers.ts'
import type { Frame, TestSocket } from '../support/outside/socket.ts'
import { requirement } from './requirements.ts'

const server = useServer()
const MIB = 1024 * 1024
/** One transparent pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

requirement('2.31', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  const browser = await link(ada)
  for (const socket of [adaPhone, browser.socket]) {
    const thumb = await upload(socket, PNG, { contentType: 'image/png', width: 1, height: 1 })
    const details = { contentType: 'image/png', name: 'dot.png', width: 1, height: 1 }
    const opened = await socket.ok({ type: 'upload', bytes: PNG.length, thumb, ...details })
    expect(opened).toMatchObject({ media: expect.any(String), put: expect.stringMatching(/^\//) })
    expect(opened.expiresAt).toBeGreaterThan(Date.now())
    const sending = { ...message(conversation, 'look'), media: opened.media }
    expect(await socket.ask(sending)).toMatchObject({ type: 'error', code: 'media_not_ready' })
    expect((await put(opened.put, PNG, 'image/png')).status).toBe(201)
    const { message: sent } = await socket.ok(sending)
    expect(sent).toMatchObject({ from: 'me', text: 'look', media: { id: opened.media, bytes: PNG.length, ...details } })
    const { message: got } = await bobPhone.event('message')
    expect(got).toMatchObject({ id: sent.id, text: 'look', media: { bytes: PNG.length, ...details } })
    for (const { url, thumb: small } of [sent.media, got.media]) {
      expect((await get(url)).bytes.equals(PNG)).toBe(true)
      expect((await get(small)).bytes.equals(PNG)).toBe(true)
    }
    const theirs = await bobPhone.ask({ ...message(got.conversation, 'mine?'), media: opened.media })
    expect(theirs).toMatchObject({ type: 'error', code: 'not_found' })
  }
  await browser.socket.close()
})

requirement('5.1', async () => {
  const [{ socket: phone }, { socket: other }] = [
    await openPhone(await signIn(server)),
    await openPhone(await signIn(server)),
  ]
  const bytes = Buffer.from('what was announced')
  const announced = { type: 'upload', contentType: 'image/webp', bytes: bytes.length }
  const { put: url } = await phone.ok(announced)
  const [{ put: another }, { put: theirs }] = [await phone.ok(announced), await other.ok(announced)]
  expectProblem(await put(url, bytes, 'image/png'), 400, 'bad_request')
  expectProblem(await put(url, bytes.subarray(1), 'image/webp'), 400, 'bad_request')
  expectProblem(await put(url, Buffer.concat([bytes, bytes]), 'image/webp'), 413, 'payload_too_large')
  const { pathname, searchParams, search } = new URL(url, server.origin)
  const forged = [
    new URL(another, server.origin).pathname + search,
    new URL(theirs, server.origin).pathname + search,
    pathname,
  ]
  for (const name of searchParams.keys()) {
    for (const value of ['', `${Number(searchParams.get(name)) + 3_600_000}`]) {
      const changed = new URLSearchParams(searchParams)
      changed.set(name, value)
      forged.push(`${pathname}?${changed}`)
    }
  }
  for (const address of forged) expectProblem(await put(address, bytes, 'image/webp'), 403, 'not_allowed')
  expectProblem(await get(url), 403, 'not_allowed')
  // Several at once, each with a content of its own: one of them is taken.
  const contents = Array.from({ length: 8 }, (_, index) => Buffer.alloc(bytes.length, 65 + index))
  const answers = await Promise.all(contents.map((content) => put(url, content, 'image/webp')))
  const taken = answers.flatMap(({ status }, index) => (status === 201 ? [index] : []))
  expect(taken).toHaveLength(1)
  for (const answer of answers) if (answer.status !== 201) expectProblem(answer, 409, 'already_uploaded')
  expectProblem(await put(url, bytes, 'image/webp'), 409, 'already_uploaded')
  const { media } = await phone.ok({ type: 'media', id: pathname.split('/').at(-1) })
  expect((await get(media.url)).bytes.equals(contents[taken[0]!]!)).toBe(true)
  expectProblem(await put(media.url, bytes, 'image/webp'), 403, 'not_allowed')
})

requirement('5.7', async () => {
  const { socket } = await openPhone(await signIn(server))
  const ask = (more: object) => socket.ask({ type: 'upload', contentType: 'video/mp4', bytes: 16 * MIB, ...more })
  expect(await ask({ bytes: 16 * MIB + 1 })).toMatchObject({ type: 'error', code: 'payload_too_large' })
  expect(await ask({ bytes: 0 })).toMatchObject({ type: 'error', code: 'bad_request' })
  expect(await ask({ contentType: 'nonsense' })).toMatchObject({ type: 'error', code: 'bad_request' })
  const large = await socket.ok({ type: 'upload', contentType: 'image/png', bytes: 64 * 1024 + 1 })
  expect(await ask({ thumb: large.media })).toMatchObject({ type: 'error', code: 'payload_too_large' })
  expect(await ask({ thumb: 'unknown' })).toMatchObject({ type: 'error', code: 'not_found' })
  const { put: url, media } = await ask({})
  const whole = Buffer.alloc(16 * MIB, 7)
  const tooLong = { body: Buffer.concat([whole, Buffer.from('x')]), chunked: true } as const
  expectProblem(await put(url, tooLong, 'video/mp4'), 413, 'payload_too_large')
  expectProblem(await put(url, { body: whole.subarray(1), chunked: true }, 'video/mp4'), 400, 'bad_request')
  expect(await socket.ask({ type: 'media', id: media })).toMatchObject({ type: 'error', code: 'media_not_ready' })
  expect((await put(url, { body: whole, chunked: true }, 'video/mp4')).status).toBe(201)
  const { media: shown } = await socket.ok({ type: 'media', id: media })
  const tail = await get(shown.url, { Range: 'bytes=-9' })
  expect(tail.status).toBe(206)
  expect(tail.headers['content-range']).toBe(`bytes ${16 * MIB - 9}-${16 * MIB - 1}/${16 * MIB}`)
})

requirement('5.8', async () => {
  const { adaPhone, bobPhone, conversation } = await pair(server)
  const page = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
  // The last of them lies: what is called a picture is shown as one, and no browser makes a page of it.
  for (const contentType of [
    'image/svg+xml',
    'text/html',
    'TEXT/HTML; charset=utf-8',
    'application/xhtml+xml',
    'image/png',
  ]) {
    const media = await upload(adaPhone, page, { contentType, name: 'page.html' })
    await adaPhone.ok({ ...message(conversation, 'open it'), media })
    const { message: got } = await bobPhone.event('message')
    const answer = await get(got.media.url)
    expect(answer.bytes.equals(page)).toBe(true)
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['content-security-policy']).toMatch(/\bsandbox\b(?!.*allow-scripts)/)
    if (contentType === 'image/png') continue
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    expect(answer.headers['content-disposition']).toMatch(/^attachment(;|$)/)
  }
})

requirement('5.9', async () => {
  const { adaPhone, bobPhone, conversation } = await pair(server)
  const thumb = await upload(adaPhone, PNG, { contentType: 'image/png' })
  const media = await upload(adaPhone, PNG, { contentType: 'image/png', thumb })
  const { message: sent } = await adaPhone.ok({ ...message(conversation, 'oh no'), media })
  const { message: got } = await bobPhone.event('message')
  expect((await get(got.media.url)).status).toBe(200)
  await adaPhone.ok({ type: 'delete', conversation, id: sent.id, for: 'all' })
  await bobPhone.event('deleted', ({ id }) => id === sent.id)
  const { messages } = await bobPhone.ok({ type: 'history', conversation: got.conversation })
  expect(messages).toMatchObject([{ id: sent.id, deleted: true }])
  expect(messages[0]).not.toHaveProperty('media')
  for (const url of [got.media.url, got.media.thumb, sent.media.url, sent.media.thumb]) await untilGone(url)
  expect(await bobPhone.ask({ type: 'media', id: got.media.id })).toMatchObject({ type: 'error', code: 'not_found' })
  expect(await adaPhone.ask({ type: 'media', id: media })).toMatchObject({ type: 'error', code: 'not_found' })
})

requirement('5.10', async () => {
  const { ada, adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'hello'))
  await bobPhone.event('message')
  const patch = (avatar: string): Promise<Answer> => asPhone(ada, '/v1/account', { method: 'PATCH', json: { avatar } })
  const pending = await adaPhone.ok({ type: 'upload', contentType: 'image/png', bytes: PNG.length })
  expectProblem(await patch(pending.media), 404, 'not_found')
  expectProblem(await patch(await upload(bobPhone, PNG, { contentType: 'image/png' })), 404, 'not_found')
  const drawing = await upload(adaPhone, PNG, { contentType: 'image/svg+xml' })
  expectProblem(await patch(drawing), 404, 'not_found')
  const large = await upload(adaPhone, Buffer.alloc(MIB + 1), { contentType: 'image/png' })
  expectProblem(await patch(large), 413, 'payload_too_large')
  const avatar = await upload(adaPhone, PNG, { contentType: 'image/png' })
  const changed = await patch(avatar)
  expect(changed).toMatchObject({ status: 200, json: { avatar: { id: avatar } } })
  await adaPhone.event('profile', ({ account }) => account.avatar?.id === avatar)
  const told = await bobPhone.event('conversation', (event) => event.conversation.avatar !== undefined)
  expect((await get(told.conversation.avatar.url)).bytes.equals(PNG)).toBe(true)
})

requirement('5.11', async () => {
  const bare = await startServer({ configuration: 'default', vars: { CODE_DELIVERY: 'echo', CONFIRM: 'never' } })
  try {
    const { adaPhone, bobPhone, conversation } = await pair(bare)
    const refused = await adaPhone.ask({ type: 'upload', contentType: 'image/png', bytes: PNG.length })
    expect(refused).toMatchObject({ type: 'error', code: 'not_allowed', message: expect.stringMatching(/\w+ \w+/) })
    await adaPhone.ok(message(conversation, 'words go all the same'))
    await bobPhone.event('message')
    const nowhere = await call(`${bare.origin}/v1/media/a/b?signature=x`, { method: 'PUT', body: PNG })
    expectProblem(nowhere, 404, 'not_found')
  } finally {
    await bare.stop()
  }
})

requirement('5.12', async () => {
  const own = await startServer()
  try {
    const person = await signIn(own)
    const { socket } = await openPhone(person)
    const { media, put: url } = await socket.ok({ type: 'upload', contentType: 'image/png', bytes: PNG.length })
    const bytes = { body: PNG, headers: { 'Content-Type': 'image/png' } }
    expect((await call(own.origin + url, { method: 'PUT', ...bytes })).status).toBe(201)
    await own.kill()
    await own.restart()
    const { socket: back } = await openPhone(person)
    const { media: shown } = await back.ok({ type: 'media', id: media })
    expect((await call(own.origin + shown.url)).bytes.equals(PNG)).toBe(true)
    expectProblem(await call(own.origin + url, { method: 'PUT', ...bytes }), 409, 'already_uploaded')
  } finally {
    await own.stop()
  }
})

/** Announces and puts. @returns the media's id */
async function upload(socket: TestSocket, bytes: Buffer, announced: Record<string, unknown>): Promise<string> {
  const opened: Frame = await socket.ok({ type: 'upload', bytes: bytes.length, ...announced })
  const answer = await put(opened.put, bytes, String(announced.contentType))
  if (answer.status !== 201) throw new Error(`the PUT was answered ${answer.status} ${answer.text}`)
  return opened.media
}

function put(url: string, body: Buffer | Pick<Call, 'body' | 'chunked'>, contentType: string): Promise<Answer> {
  const sent = Buffer.isBuffer(body) ? { body } : body
  return call(server.origin + url, { method: 'PUT', headers: { 'Content-Type': contentType }, ...sent })
}

function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return call(server.origin + url, { headers })
}

/** Removal is the alarm's work: soon, not at once. */
function untilGone(url: string): Promise<void> {
  return eventually('the removal', async () => [403, 404].includes((await get(url)).status))
}
