// JSON over node:http for the Node peers, on a free loopback port that the bench is told.
import { createServer } from 'node:http'

/** Serves `routes`, a function by path of (body, bearer token). @returns the server */
export function serve(routes) {
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const token = (request.headers.authorization ?? '').slice('Bearer '.length)
    const route = routes[request.url]
    const answer = route === undefined ? null : await route(JSON.parse(Buffer.concat(chunks)), token).catch(() => null)
    response.writeHead(answer === null ? 404 : 200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1', () => process.send?.({ origin: `http://127.0.0.1:${server.address().port}` }))
  process.once('disconnect', () => process.exit(0))
  return server
}
