// Peer (d): the device authorization grant (RFC 8628) as better-auth ships it: the browser polls every 5 s until the
// person has approved its code.
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { bearer, deviceAuthorization } from 'better-auth/plugins'
import { createServer } from 'node:http'

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`
  const store = { user: [], session: [], account: [], verification: [], deviceCode: [] }
  const auth = betterAuth({
    baseURL: origin,
    secret: 'of this bench only, on loopback only, for minutes',
    database: memoryAdapter(store),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [bearer(), deviceAuthorization({ interval: '5s', verificationUri: '/device' })],
  })
  server.on('request', toNodeHandler(auth))
  process.send?.({ origin })
})
process.once('disconnect', () => process.exit(0))
