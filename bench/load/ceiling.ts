/**
 * The trivial echo: a Node process that answers each step at once out of memory, with no storage, no second hop and no
 * check. What the generator reaches against it is the generator's own ceiling (with this process's share of the machine).
 */
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createFrameReader } from '../../test/support/outside/websocket-frames.ts'

const browsers = new Map<string, Socket>()
const accounts = new Map<string, Socket[]>()
let last = 0
let cursor = 0

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (part: string) => void (body += part))
  request.on('end', () => {
    const answer = respond(request.url ?? '', body, bearer(request.headers.authorization))
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(answer))
  })
})

server.on('upgrade', (request, given) => {
  const stream = given as Socket
  stream.setNoDelay(true)
  stream.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  stream.on('error', () => {})
  const { searchParams, pathname } = new URL(request.url ?? '', 'http://echo')
  const account = bearer(request.headers.authorization)
  if (pathname === '/v1/account/socket') {
    join(account, stream)
    say(stream, { type: 'snapshot', cursor: 0, conversations: [] })
    const read = createFrameReader(({ opcode, payload }) => {
      if (opcode === 1) hear(account, stream, payload.toString('utf8'))
    })
    stream.on('data', (chunk) => read(unmasked(chunk)))
  } else if (searchParams.has('device')) say(stream, { type: 'resumed', cursor: 0 })
  else {
    const token = `token-${++last}`
    browsers.set(token, stream)
    say(stream, { type: 'qr', token, device: token })
  }
})

server.listen(0, '127.0.0.1', () => {
  process.send?.({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
process.once('disconnect', () => process.exit(0))

function respond(path: string, body: string, account: string): object {
  if (path === '/v1/phone/session') {
    const id = `account-${++last}`
    return { account: { id }, accessToken: id }
  }
  const { token } = JSON.parse(body) as { token: string }
  const browser = browsers.get(token)
  if (browser === undefined) return {}
  if (path === '/v1/link/scan') say(browser, { type: 'scanned', match: null })
  else {
    join(account, browser)
    say(browser, { type: 'linked', device: { id: token } })
    say(browser, { type: 'snapshot', cursor: 0 })
  }
  return { device: { id: token } }
}

function hear(account: string, phone: Socket, text: string): void {
  const frame = JSON.parse(text) as { type: string; ref: string; account: string }
  if (frame.type === 'start') return say(phone, { type: 'ok', ref: frame.ref, conversation: { id: frame.account } })
  const told = [...(accounts.get(account) ?? []), ...(accounts.get(JSON.parse(text).conversation as string) ?? [])]
  const event = { type: 'event', cursor: ++cursor, event: { kind: 'message', message: frame } }
  for (const stream of told) say(stream, event)
  say(phone, { type: 'ok', ref: frame.ref })
}

function join(account: string, stream: Socket): void {
  accounts.set(account, [...(accounts.get(account) ?? []), stream])
}

function say(stream: Socket, frame: object): void {
  const payload = Buffer.from(JSON.stringify(frame))
  const { length } = payload
  const head = length < 126 ? Buffer.from([0x81, length]) : Buffer.from([0x81, 126, length >> 8, length & 0xff])
  stream.write(Buffer.concat([head, payload]))
}

/** The generator masks with zeros, so a client's frame becomes a server's by taking the four zeros out. */
function unmasked(chunk: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < chunk.length;) {
    const short = chunk[at + 1]! & 0x7f
    const extra = short === 126 ? 2 : 0
    const length = extra === 2 ? chunk.readUInt16BE(at + 2) : short
    const start = at + 2 + extra
    parts.push(
      Buffer.from([chunk[at]!, short]),
      chunk.subarray(at + 2, start),
      chunk.subarray(start + 4, start + 4 + length),
    )
    at = start + 4 + length
  }
  return Buffer.concat(parts)
}

function bearer(header: string | undefined): string {
  return (header ?? '').slice('Bearer '.length)
}
