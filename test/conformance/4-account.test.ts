/** Section 4: the account as a whole: its export, its end, and what the others see of that. */
import { inflateRawSync } from 'node:zlib'
import { expect } from 'vitest'
import { asPhone, link, message, openPhone, pair, resume, signIn } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { call, expectProblem } from '../support/outside/http.ts'
import { requirement } from './requirements.ts'

const server = useServer({ vars: { DEMO: 'off' } })

requirement('4.25', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'remember me'))
  const { message: received } = await bobPhone.event('message')
  const browser = await link(ada)
  expect((await asPhone(ada, '/v1/account', { method: 'DELETE' })).status).toBe(204)

  expect((await browser.socket.first('unlinked')).reason).toBe('account')
  expect((await browser.socket.ends(1_000)).code).toBe(4410)
  expect((await adaPhone.ends(1_000)).code).toBe(4401)
  const back = await resume(browser, server)
  expect((await back.first('unlinked')).reason).toBe('account')
  expect((await back.ends()).code).toBe(4410)
  for (const [method, path] of [
    ['GET', '/v1/account'],
    ['PATCH', '/v1/account'],
    ['DELETE', '/v1/account'],
    ['GET', '/v1/account/export'],
    ['GET', '/v1/devices'],
  ] as const) {
    const body = method === 'PATCH' ? { json: { name: 'Back' } } : {}
    expectProblem(await asPhone(ada, path, { method, ...body }), 401, 'unauthorized')
  }
  const refreshed = await call(`${server.origin}/v1/phone/refresh`, {
    method: 'POST',
    json: { refreshToken: ada.refreshToken },
  })
  expectProblem(refreshed, 401, 'unauthorized')

  // The peer is told once, keeps what was said, and can send nothing more.
  await bobPhone.event('conversation', (event) => event.conversation.peer.gone === true)
  const history = await bobPhone.ok({ type: 'history', conversation: received.conversation })
  expect(history.messages).toMatchObject([{ text: 'remember me' }])
  expect(await bobPhone.ask(message(received.conversation, 'hello?'))).toMatchObject({ code: 'not_found' })

  // The number is free: it opens another account, which the old tokens do not.
  const again = await signIn(server, ada.number)
  expect(again.account.id).not.toBe(ada.account.id)
  expectProblem(await asPhone(ada, '/v1/account'), 401, 'unauthorized')
  const { socket, snapshot } = await openPhone(again)
  expect(snapshot.conversations).toEqual([])
  const started = await bobPhone.ok({ type: 'start', number: ada.number })
  expect(started.conversation.peer.account).toBe(again.account.id)
  await bobPhone.ok(message(started.conversation.id, 'welcome'))
  expect((await socket.event('message')).message.from).toBe(bob.account.id)
})

requirement('4.26', async () => {
  const { ada, bob, adaPhone, bobPhone, conversation } = await pair(server)
  await adaPhone.ok(message(conversation, 'hello "bob"\nagain'))
  const { message: received } = await bobPhone.event('message')
  await bobPhone.ok(message(received.conversation, '你好'))
  await adaPhone.event('message', (event) => event.message.text === '你好')
  const answer = await asPhone(ada, '/v1/account/export')
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/zip')
  expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+\.zip"$/)
  const files = unzip(answer.bytes)
  expect(JSON.parse(text(files, 'account.json'))).toMatchObject({ id: ada.account.id, number: ada.number })
  expect(JSON.parse(text(files, 'conversations.json'))).toMatchObject([
    { id: conversation, account: bob.account.id, number: bob.number },
  ])
  const messages = text(files, 'messages.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(messages).toMatchObject([
    { from: 'me', text: 'hello "bob"\nagain', conversation },
    { from: bob.account.id, text: '你好', conversation },
  ])
  expectProblem(await call(`${server.origin}/v1/account/export`), 401, 'unauthorized')
})

requirement('4.41', async () => {
  const person = await signIn(server)
  const [{ socket: phone }, desk, couch] = [await openPhone(person), await link(person), await link(person)]
  await asPhone(person, `/v1/devices/${desk.device}`, { method: 'PATCH', json: { name: 'Desk' } })
  for (const socket of [phone, desk.socket, couch.socket]) {
    await socket.event('device', ({ device, linked }) => device.id === desk.device && device.name === 'Desk' && linked)
  }
  await desk.socket.close()
  await couch.socket.close()
})

function text(files: ReadonlyMap<string, Buffer>, name: string): string {
  const file = files.get(name)
  if (file === undefined) throw new Error(`the archive has no ${name}`)
  return file.toString('utf8')
}

/** The files of a ZIP archive by its central directory (APPNOTE 4.3.12), read with nothing but this. */
function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.lastIndexOf('PK\u0005\u0006', undefined, 'latin1')
  if (end < 0) throw new Error('no end of a central directory')
  const files = new Map<string, Buffer>()
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packed] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20)]
    const [named, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const local = archive.readUInt32LE(at + 42)
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    const body = archive.subarray(start, start + packed)
    files.set(archive.toString('utf8', at + 46, at + 46 + named), method === 0 ? body : inflateRawSync(body))
    at += 46 + named + extra + comment
  }
  return files
}
