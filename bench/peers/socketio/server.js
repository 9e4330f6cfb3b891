// Peer (c): socket.io with its Redis adapter, a room an account, and the same durable log as peer (a). It has no code and
// no link of its own: a browser comes with its account, and what is compared is the stream.
import { createAdapter } from '@socket.io/redis-adapter'
import { createClient } from 'redis'
import { Server } from 'socket.io'
import { serve } from '../http.js'
import { openStore } from '../store.js'

const store = openStore()
const publisher = await createClient({ url: process.env.REDIS_URL }).connect()
const subscriber = await publisher.duplicate().connect()

const server = serve({
  async '/v1/phone/session'() {
    const id = store.createAccount()
    return { account: { id }, accessToken: id }
  },
})
const io = new Server(server, { adapter: createAdapter(publisher, subscriber), transports: ['websocket'] })

io.on('connection', (socket) => {
  const { account, phone } = socket.handshake.auth
  void socket.join(account)
  socket.emit('f', { type: 'snapshot', cursor: 0, account: { id: account }, conversations: [] })
  if (!phone) return
  socket.on('f', (frame) => {
    if (frame.type === 'start') {
      socket.emit('f', { type: 'ok', ref: frame.ref, conversation: { id: store.start(account, frame.account) } })
      return
    }
    for (const told of store.send(account, frame) ?? []) io.to(told.account).emit('f', told.frame)
    socket.emit('f', { type: 'ok', ref: frame.ref, message: { id: frame.id } })
  })
})
