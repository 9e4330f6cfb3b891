/** Browsers that wait for their approval by polling (RFC 8628 section 3.5), against better-auth. */
import { randomUUID } from 'node:crypto'
import { post } from './http.ts'
import type { Target } from './people.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const CLIENT = 'bench'

/** @returns milliseconds from the approval to the browser's knowing, of each of `count` browsers side by side */
export async function grants({ origin }: Target, { count }: { count: number }): Promise<number[]> {
  const person = { email: `${randomUUID()}@example.org`, password: randomUUID(), name: 'Somebody' }
  const { token } = await post<{ token: string }>(origin, '/api/auth/sign-up/email', person)
  return Promise.all(Array.from({ length: count }, () => grant(origin, token)))
}

async function grant(origin: string, token: string): Promise<number> {
  const asked = await post<{ device_code: string; user_code: string; interval: number }>(
    origin,
    '/api/auth/device/code',
    { client_id: CLIENT },
  )
  let approvedAt = 0
  const approving = (async () => {
    // At any moment between two polls, after the first.
    await quiet((1 + Math.random()) * asked.interval * 1000)
    await claim(origin, asked.user_code, token)
    approvedAt = performance.now()
    await post(origin, '/api/auth/device/approve', { userCode: asked.user_code }, token)
  })()
  for (;;) {
    await quiet(asked.interval * 1000)
    const given = { grant_type: GRANT, device_code: asked.device_code, client_id: CLIENT }
    const granted = await post(origin, '/api/auth/device/token', given).catch((error: Error) => {
      if (!error.message.includes('authorization_pending')) throw error
      return null
    })
    if (granted !== null) break
  }
  const known = performance.now()
  await approving
  return known - approvedAt
}

/** The person opens the page that shows what is asked. */
async function claim(origin: string, userCode: string, token: string): Promise<void> {
  const answer = await fetch(`${origin}/api/auth/device?user_code=${userCode}`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  if (!answer.ok) throw new Error(`the code was not found: ${answer.status}`)
}

function quiet(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
