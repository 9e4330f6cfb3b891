/**
 * The phone's sign-in: a number and its one-time code become a session, which is renewed before it runs out and
 * shared by every tab. No DOM in here: storage, lock, clock and `fetch` are given.
 *
 * The refresh token rotates. The old one works once more within 60 s while its successor is unused (contract,
 * section 4), so an answer that was lost is asked for again at once, and two tabs never renew at the same time.
 */
import { ACCESS_TOKEN_MS } from '../protocol/limits.ts'
import type { CodeAnswer, SessionAnswer } from '../protocol/http.ts'
import type { AccountCard } from '../protocol/model.ts'
import { callPhone, isUndecided, type PhoneFailure, type PhoneResult, type PhoneTransport } from './phone-http.ts'

/** A token is renewed when less than this is left of it, or a fifth of its life if that is shorter. */
const RENEW_AHEAD_MS = 60_000
/** A lost answer is asked for again this much later, once: the old refresh token works exactly once more. */
const LOST_ANSWER_WAIT_MS = 1_000

export interface StoredSession {
  accessToken: string
  refreshToken: string
  account: AccountCard
  /** By this device's own clock: from here on the access token is renewed before it is used. */
  renewAt: number
}

/** Where a session is kept. One place for all tabs; `load` sees what another tab saved. */
export interface SessionStore {
  load: () => StoredSession | null
  /** Null forgets it. */
  save: (session: StoredSession | null) => void
}

export interface SessionOptions {
  transport: PhoneTransport
  store: SessionStore
  /** Runs `task` while no other tab runs one. */
  lock: <T>(task: () => Promise<T>) => Promise<T>
  now: () => number
  sleep: (milliseconds: number) => Promise<void>
  /** Told of every change: signed in, renewed, renamed, and null for signed out. */
  onChange?: (session: StoredSession | null) => void
}

export interface PhoneSession {
  /** What is stored now. Null: signed out. */
  current: () => StoredSession | null
  askForCode: (number: string) => Promise<PhoneResult<CodeAnswer>>
  signIn: (number: string, code: string) => Promise<PhoneResult<AccountCard>>
  /** An access token that is good for a while. `not` names one that the service has just refused. */
  accessToken: (not?: string) => Promise<PhoneResult<string>>
  /** Keeps a profile that came from elsewhere (an answer, the stream) with the session. */
  keepAccount: (account: AccountCard) => Promise<void>
  /** Forgets the session here at once, then tells the service, whatever it says to that. */
  signOut: () => Promise<void>
}

/** Creates the session over its store. Nothing is asked of the network until a method needs it. */
export function createPhoneSession(options: SessionOptions): PhoneSession {
  const { transport, store, lock, now, sleep, onChange } = options
  let renewal: Promise<PhoneResult<string>> | null = null

  function keep(session: StoredSession | null): void {
    store.save(session)
    onChange?.(session)
  }

  function keepAnswer(answer: SessionAnswer): StoredSession {
    const { accessToken, refreshToken, account } = answer
    const session = { accessToken, refreshToken, account, renewAt: renewalTime(accessToken, now()) }
    keep(session)
    return session
  }

  async function renew(refused: string | undefined): Promise<PhoneResult<string>> {
    const before = store.load()
    if (before === null) return signedOut
    if (isGood(before, refused, now())) return { ok: true, value: before.accessToken }
    const call = { method: 'POST', path: '/v1/phone/refresh', body: { refreshToken: before.refreshToken } } as const
    let answer = await callPhone<SessionAnswer>(transport, call)
    if (!answer.ok && isUndecided(answer)) {
      await sleep(LOST_ANSWER_WAIT_MS)
      answer = await callPhone<SessionAnswer>(transport, call)
    }
    const after = store.load()
    // Without the lock another tab may have renewed or signed out meanwhile: what it stored is newer.
    if (after?.refreshToken !== before.refreshToken && (!answer.ok || after === null)) {
      return after === null ? signedOut : { ok: true, value: after.accessToken }
    }
    if (answer.ok) return { ok: true, value: keepAnswer(answer.value).accessToken }
    // Only the service's own 401 ends a session: a proxy's odd answer must not sign anybody out.
    if (answer.code !== 'unauthorized') return answer
    keep(null)
    return signedOut
  }

  return {
    current: () => store.load(),

    askForCode: (number) => callPhone(transport, { method: 'POST', path: '/v1/phone/code', body: { number } }),

    async signIn(number, code) {
      const body = { number, code }
      const answer = await callPhone<SessionAnswer>(transport, { method: 'POST', path: '/v1/phone/session', body })
      return answer.ok ? { ok: true, value: keepAnswer(answer.value).account } : answer
    },

    async accessToken(refused) {
      const session = store.load()
      if (session === null) return signedOut
      if (isGood(session, refused, now())) return { ok: true, value: session.accessToken }
      renewal ??= lock(() => renew(refused)).finally(() => {
        renewal = null
      })
      return renewal
    },

    async keepAccount(account) {
      const known = store.load()?.account
      if (known?.id !== account.id || JSON.stringify(known) === JSON.stringify(account)) return
      // Under the lock: a renewal of another tab between the two steps would be overwritten, its token lost.
      await lock(async () => {
        const session = store.load()
        if (session?.account.id === account.id) keep({ ...session, account })
      })
    },

    async signOut() {
      const session = store.load()
      if (session === null) return
      keep(null)
      const accessToken = isGood(session, undefined, now()) ? session.accessToken : await lastToken(session)
      if (accessToken !== null) await callPhone(transport, { method: 'DELETE', path: '/v1/phone/session', accessToken })
    },
  }

  async function lastToken({ refreshToken }: StoredSession): Promise<string | null> {
    const call = { method: 'POST', path: '/v1/phone/refresh', body: { refreshToken } } as const
    const answer = await callPhone<SessionAnswer>(transport, call)
    return answer.ok ? answer.value.accessToken : null
  }
}

const signedOut: PhoneFailure = { ok: false, code: 'unauthorized' }

function isGood(session: StoredSession, refused: string | undefined, now: number): boolean {
  return session.accessToken !== refused && now < session.renewAt
}

/** Clocks need not agree, so a token's life is its own `exp` − `iat`, counted from arrival. */
function renewalTime(accessToken: string, now: number): number {
  const life = lifeOf(accessToken) ?? ACCESS_TOKEN_MS
  return now + life - Math.min(RENEW_AHEAD_MS, life / 5)
}

function lifeOf(accessToken: string): number | null {
  try {
    const payload = accessToken.split('.')[1] ?? ''
    const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>
    const { iat, exp } = claims
    return typeof iat === 'number' && typeof exp === 'number' && exp > iat ? (exp - iat) * 1000 : null
  } catch {
    return null
  }
}
