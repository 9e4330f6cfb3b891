/** Signs the visitor in on the phone, as its page would: a number, the code that the demo echoes, a session. */
import { createPhoneSession } from '../../client/phone-session.ts'
import { createSessionLock, createSessionStore, sleep } from '../phone/browser.ts'

/** No area has this code (North American Numbering Plan), so the number is nobody's. */
const NOBODYS_AREA = '+1555'
const DIGITS = 7

/**
 * Makes an account for the visitor. Its session is stored where the phone's page keeps it, which hears of it.
 * @returns null when that worked; `code` where the service sends codes instead of showing them
 */
export async function signVisitorIn(): Promise<'rate_limited' | 'code' | 'failed' | null> {
  const session = createPhoneSession({
    transport: { origin: location.origin, fetch: (url, init) => fetch(url, init) },
    store: createSessionStore(() => undefined),
    lock: createSessionLock(),
    now: () => Date.now(),
    sleep,
  })
  const number = NOBODYS_AREA + randomDigits()
  const sent = await session.askForCode(number)
  if (!sent.ok) return sent.code === 'rate_limited' ? 'rate_limited' : 'failed'
  if (sent.value.code === undefined) return 'code'
  const signedIn = await session.signIn(number, sent.value.code)
  return signedIn.ok ? null : 'failed'
}

function randomDigits(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return String(random % 10 ** DIGITS).padStart(DIGITS, '0')
}
