// Peer (a): one Node process with `ws`, Redis for what is short-lived (codes, holds, and which process has which socket)
// and SQLite for what must last. The same guarantees: a code is used once, the device's row and the account's log are
// durable before anybody is told. Everything goes through Redis' publish, as it must with more processes than one.
import { randomBytes, randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { WebSocketServer } from 'ws'
import { serve } from '../http.js'
import { openStore } from '../store.js'

const ROTATE_MS = 20_000
const GRACE_SECONDS = 20
const HOLD_SECONDS = 120

const store = openStore()
const redis = await createClient({ url: process.env.REDIS_URL }).connect()
const subscriber = await redis.duplicate().connect()
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

const server = serve({
  async '/v1/phone/session'() {
    const id = store.createAccount()
    return { account: { id }, accessToken: id }
  },
  async '/v1/link/scan'({ token }, account) {
    const companion = await redis.get(`code:${token}`)
    if (companion === null) return null
    const held = await redis.set(`hold:${companion}`, account, { NX: true, EX: HOLD_SECONDS })
    if (held === null && (await redis.get(`hold:${companion}`)) !== account) return null
    await redis.publish(`companion:${companion}`, JSON.stringify({ type: 'scanned', match: null }))
    return { request: {}, match: 'none' }
  },
  async '/v1/link/approve'({ token }, account) {
    // GETDEL is what makes the code single-use: of two who approve one gets it.
    const companion = await redis.getDel(`code:${token}`)
    if (companion === null || (await redis.getDel(`hold:${companion}`)) !== account) return null
    const key = (await redis.get(`key:${companion}`)) ?? ''
    const { cursor } = store.addDevice(companion, account, key)
    const device = { id: companion }
    const snapshot = { type: 'snapshot', cursor, account: { id: account }, conversations: [] }
    await redis.publish(`companion:${companion}`, JSON.stringify({ type: 'linked', device, account: { id: account } }))
    await redis.publish(`companion:${companion}`, JSON.stringify(snapshot))
    return { device }
  },
})

server.on('upgrade', (request, stream, head) => {
  sockets.handleUpgrade(request, stream, head, (socket) => {
    const { pathname, searchParams } = new URL(request.url, 'http://peer')
    if (pathname === '/v1/account/socket') openPhone(socket, request.headers.authorization.slice('Bearer '.length))
    else void openBrowser(socket, searchParams.get('key'))
  })
})

async function openBrowser(socket, key) {
  const companion = randomUUID()
  let following = null
  await subscriber.subscribe(`companion:${companion}`, (text) => {
    socket.send(text)
    const { type, account } = JSON.parse(text)
    if (type !== 'linked') return
    clearInterval(timer)
    following = follow(account.id, socket)
  })
  await redis.set(`key:${companion}`, key, { EX: 3600 })
  const show = async () => {
    const token = randomBytes(48).toString('base64url')
    await redis.set(`code:${token}`, companion, { EX: ROTATE_MS / 1000 + GRACE_SECONDS })
    socket.send(JSON.stringify({ type: 'qr', token, device: companion, expiresAt: Date.now() + ROTATE_MS }))
  }
  const timer = setInterval(() => void show(), ROTATE_MS)
  socket.on('close', () => {
    clearInterval(timer)
    void subscriber.unsubscribe(`companion:${companion}`)
    following?.()
  })
  await show()
}

function openPhone(socket, account) {
  socket.on('close', follow(account, socket))
  socket.send(JSON.stringify({ type: 'snapshot', cursor: 0, account: { id: account }, conversations: [] }))
  socket.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type === 'start') {
      socket.send(
        JSON.stringify({ type: 'ok', ref: frame.ref, conversation: { id: store.start(account, frame.account) } }),
      )
      return
    }
    for (const told of store.send(account, frame) ?? []) {
      void redis.publish(`account:${told.account}`, JSON.stringify(told.frame))
    }
    socket.send(JSON.stringify({ type: 'ok', ref: frame.ref, message: { id: frame.id } }))
  })
}

/** Sends an account's events to a socket. @returns what ends it */
function follow(account, socket) {
  const listener = (text) => socket.send(text)
  void subscriber.subscribe(`account:${account}`, listener)
  return () => void subscriber.unsubscribe(`account:${account}`, listener)
}
