// Peer (b): partyserver, which is what one takes on this platform for rooms of sockets: a party for the browser's code and
// one for the account. Written by its own means (names, hibernation, onAlarm, setState), with the same guarantees: a code is
// used once, the device's row and the account's log are durable before anybody is told.
import { getServerByName, Server } from 'partyserver'

const ROTATE_MS = 20_000
const HOLD_MS = 120_000

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    const account = (request.headers.get('authorization') ?? '').slice('Bearer '.length)
    switch (pathname) {
      case '/v1/socket': {
        const name = crypto.randomUUID()
        const stub = await getServerByName(env.COMPANION, name)
        const headers = new Headers(request.headers)
        headers.set('x-key', searchParams.get('key') ?? '')
        return stub.fetch(new Request(request, { headers }))
      }
      case '/v1/account/socket':
        return (await getServerByName(env.ACCOUNT, account)).fetch(request)
      case '/v1/phone/session': {
        const id = crypto.randomUUID()
        await (await getServerByName(env.ACCOUNT, id)).make()
        return Response.json({ account: { id }, accessToken: id })
      }
      case '/v1/link/scan': {
        const { token } = await request.json()
        const done = await (await getServerByName(env.COMPANION, token.slice(0, 36))).scan(token, account)
        return done ? Response.json({ request: {}, match: 'none' }) : new Response(null, { status: 410 })
      }
      case '/v1/link/approve': {
        const { token } = await request.json()
        const device = await (await getServerByName(env.COMPANION, token.slice(0, 36))).approve(token, account)
        return device === null ? new Response(null, { status: 410 }) : Response.json({ device })
      }
      default:
        return new Response(null, { status: 404 })
    }
  },
}

export class Companion extends Server {
  static options = { hibernate: true }

  onConnect(connection, { request }) {
    this.#show(connection, request.headers.get('x-key'))
  }

  onAlarm() {
    for (const connection of this.getConnections()) {
      if (!connection.state.linked) this.#show(connection, connection.state.key)
    }
  }

  async scan(token, account) {
    for (const connection of this.getConnections()) {
      const { state } = connection
      if (state.token !== token || state.linked || (state.hold ?? account) !== account) continue
      connection.setState({ ...state, hold: account })
      await this.ctx.storage.setAlarm(Date.now() + HOLD_MS)
      connection.send(JSON.stringify({ type: 'scanned', match: null }))
      return true
    }
    return false
  }

  async approve(token, account) {
    for (const connection of this.getConnections()) {
      const { state } = connection
      if (state.token !== token || state.linked || state.hold !== account) continue
      connection.setState({ ...state, linked: true })
      await this.ctx.storage.put('account', account)
      const device = { id: this.name }
      const { cursor } = await (await getServerByName(this.env.ACCOUNT, account)).addDevice(this.name, state.key)
      await this.ctx.storage.deleteAlarm()
      connection.send(JSON.stringify({ type: 'linked', device, account: { id: account } }))
      connection.send(JSON.stringify({ type: 'snapshot', cursor, account: { id: account }, conversations: [] }))
      return device
    }
    return null
  }

  push(frame) {
    this.broadcast(JSON.stringify(frame))
  }

  #show(connection, key) {
    const token = `${this.name}${crypto.randomUUID()}`
    connection.setState({ key, token })
    connection.send(JSON.stringify({ type: 'qr', token, device: this.name, expiresAt: Date.now() + ROTATE_MS }))
    void this.ctx.storage.setAlarm(Date.now() + ROTATE_MS)
  }
}

export class Account extends Server {
  static options = { hibernate: true }

  onStart() {
    void this.sql`CREATE TABLE IF NOT EXISTS devices (id TEXT PRIMARY KEY, key TEXT NOT NULL)`
    void this.sql`CREATE TABLE IF NOT EXISTS events (cursor INTEGER PRIMARY KEY, body TEXT NOT NULL)`
    void this.sql`CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, account TEXT NOT NULL UNIQUE)`
    void this.sql`CREATE TABLE IF NOT EXISTS messages (author TEXT, id TEXT, seq INTEGER, text TEXT, PRIMARY KEY (author, id))`
  }

  make() {}

  async addDevice(id, key) {
    void this.sql`INSERT OR IGNORE INTO devices VALUES (${id}, ${key})`
    const frame = this.#append({ kind: 'device', device: { id }, linked: true })
    await this.#tell(frame, id)
    return { cursor: frame.cursor }
  }

  onConnect(connection) {
    const snapshot = { type: 'snapshot', cursor: 0, account: { id: this.name }, conversations: [] }
    connection.send(JSON.stringify(snapshot))
  }

  async onMessage(connection, data) {
    const frame = JSON.parse(data)
    if (frame.type === 'start') {
      const { id } = this.#conversation(frame.account)
      connection.send(JSON.stringify({ type: 'ok', ref: frame.ref, conversation: { id } }))
      return
    }
    const { id, conversation, text } = frame
    const [{ account }] = this.sql`SELECT account FROM conversations WHERE id = ${conversation}`
    const event = this.#take('me', { id, conversation, text, from: 'me', sentAt: Date.now() })
    connection.send(JSON.stringify({ type: 'ok', ref: frame.ref, message: { id } }))
    if (event === null) return
    const peer = await getServerByName(this.env.ACCOUNT, account)
    await Promise.all([this.#tell(event), peer.deliver(this.name, { id, text })])
  }

  async deliver(from, { id, text }) {
    const { id: conversation } = this.#conversation(from)
    const event = this.#take(from, { id, conversation, text, from, sentAt: Date.now() })
    if (event !== null) await this.#tell(event)
  }

  #take(author, message) {
    return this.ctx.storage.transactionSync(() => {
      const [known] = this.sql`SELECT seq FROM messages WHERE author = ${author} AND id = ${message.id}`
      if (known !== undefined) return null
      const event = this.#append({ kind: 'message', message })
      void this.sql`INSERT INTO messages VALUES (${author}, ${message.id}, ${event.cursor}, ${message.text})`
      return event
    })
  }

  async #tell(frame, except) {
    this.broadcast(JSON.stringify(frame))
    const devices = this.sql`SELECT id FROM devices`.filter(({ id }) => id !== except)
    await Promise.all(devices.map(async ({ id }) => (await getServerByName(this.env.COMPANION, id)).push(frame)))
  }

  #append(event) {
    const [{ cursor }] = this.sql`INSERT INTO events (body) VALUES (${JSON.stringify(event)}) RETURNING cursor`
    return { type: 'event', cursor, event }
  }

  #conversation(account) {
    const [known] = this.sql`SELECT id FROM conversations WHERE account = ${account}`
    if (known !== undefined) return known
    const id = crypto.randomUUID()
    void this.sql`INSERT INTO conversations VALUES (${id}, ${account})`
    return { id }
  }
}
