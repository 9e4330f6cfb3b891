/** Plain HTTP for load: connections are kept, nothing is retried. */
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const WAIT_MS = 60_000

/** An answer's body. @throws Error for any status but 2xx */
export function post<T>(origin: string, path: string, body: unknown, token?: string): Promise<T> {
  const payload = Buffer.from(JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const call = request(origin + path, {
      method: 'POST',
      agent,
      timeout: WAIT_MS,
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': payload.length,
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
    })
    call.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => void (text += part))
      response.on('error', reject)
      response.on('end', () => {
        const status = response.statusCode ?? 0
        if (status < 200 || status > 299) reject(new Error(`${path}: ${status} ${text.slice(0, 200)}`))
        else resolve((text === '' ? null : JSON.parse(text)) as T)
      })
    })
    call.on('timeout', () => call.destroy(new Error(`${path} was not answered`)))
    call.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a kept connection in the moment in which it was used again: nothing was heard of the call.
      if (call.reusedSocket && error.code === 'ECONNRESET') resolve(post<T>(origin, path, body, token))
      else reject(error)
    })
    call.end(payload)
  })
}
