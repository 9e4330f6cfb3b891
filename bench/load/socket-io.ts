/** socket.io's protocol (engine.io 4 on a WebSocket) as a lean client speaks it: connect, one event name, the heartbeat. */
import { type LoadSocket, openSocket } from './socket.ts'

const PREFIX = '42["f",'

/** Connects with `auth` and waits for the first frame of the contract, a snapshot. */
export async function openSocketIo(origin: string, auth: object): Promise<LoadSocket> {
  const socket = await openSocket(origin, '/socket.io/?EIO=4&transport=websocket', {
    dialect: {
      decode(text, answer) {
        // The transport is open: connect to the namespace. A ping: pong.
        if (text.startsWith('0')) answer(`40${JSON.stringify(auth)}`)
        if (text === '2') answer('3')
        return text.startsWith(PREFIX) ? text.slice(PREFIX.length, -1) : null
      },
      encode: (text) => `${PREFIX}${text}]`,
    },
  })
  await socket.first((text) => (text.includes('"snapshot"') ? text : null))
  return socket
}
