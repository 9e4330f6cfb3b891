/**
 * What stands before the service at the edge: it takes the connections of clients and passes their bytes on. A deploy
 * is seen by clients as the moment in which all their sockets end while the next version is there already: `cutAll`.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Front {
  origin: string
  /** Connections of clients that are open now. */
  readonly open: number
  /** Drops every connection at once, without a word. */
  cutAll(): void
  stop(): Promise<void>
}

/** Starts it on a free loopback port, before the service at `origin`. */
export async function startFront(origin: string): Promise<Front> {
  const { hostname, port } = new URL(origin)
  const clients = new Set<Socket>()
  const front = createServer((client) => {
    const service = connect(Number(port), hostname)
    clients.add(client)
    client.setNoDelay(true)
    service.setNoDelay(true)
    client.pipe(service)
    service.pipe(client, { end: false })
    client.on('error', () => service.destroy())
    client.on('close', () => {
      clients.delete(client)
      service.destroy()
    })
    // The service dies first in a deploy; its clients learn of it when they are cut.
    service.on('error', () => {})
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    get open() {
      return clients.size
    },
    cutAll() {
      for (const client of clients) client.destroy()
    },
    async stop() {
      for (const client of clients) client.destroy()
      await new Promise((resolve) => front.close(resolve))
    },
  }
}
