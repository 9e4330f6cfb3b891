/** An account that answers as told, in the place of the real one: the identity room is tested by itself here. */
import { Account } from '../../src/account/account.ts'
import type { AccountForIdentity, SessionGrant } from '../../src/account/rpc.ts'
import { randomBytes } from '../../src/http/secrets.ts'
import { toBase64Url } from '../../src/protocol/bytes.ts'
import { success } from '../../src/protocol/result.ts'

/** A possible number that no other test has. */
export function uniqueNumber(): string {
  const [digits] = crypto.getRandomValues(new Uint32Array(1))
  return `+49151${String(digits).padStart(10, '0').slice(0, 8)}`
}

export function grantFor(account: string, number: string): SessionGrant {
  const session = toBase64Url(randomBytes(12))
  const refreshToken = `${account}.${session}.${toBase64Url(randomBytes(32))}`
  return { session, refreshToken, account: { id: account, name: number, number } }
}

/** Puts `methods` in the place of the account's own. Call what is returned when the test is over. */
export function replaceAccount(methods: Partial<AccountForIdentity> = {}): () => void {
  const signedIn = new Map<string, number>()
  const all: AccountForIdentity = {
    async signIn(account, number) {
      signedIn.set(account, Date.now())
      return success(grantFor(account, number))
    },
    refresh: async (token) => success(grantFor(token.slice(0, 43), '+4915100000000')),
    signOut: async () => undefined,
    cutOff: async () => success({ devices: 0, sessions: 0 }),
    lastUsedAt: async () => [...signedIn.values()].at(-1) ?? null,
    ...methods,
  }
  const before = Object.keys(all).map(
    (name) => [name, Object.getOwnPropertyDescriptor(Account.prototype, name)] as const,
  )
  for (const [name, value] of Object.entries(all)) {
    Object.defineProperty(Account.prototype, name, { value, configurable: true, writable: true })
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(Account.prototype, name)
      else Object.defineProperty(Account.prototype, name, descriptor)
    }
  }
}

/** Another code than `code`. */
export function wrongFor(code: string): string {
  return code === '000000' ? '000001' : '000000'
}
