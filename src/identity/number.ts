/**
 * A phone number, named by its E.164 spelling: the one-time code that proves it, and the account that it opens.
 *
 * Storage (key-value; nothing else refers to it):
 * - `code` {@link StoredCode}: the living code's salted hash and tries; gone when used, burned, or an hour old. Six digits
 *   are soon searched by whoever has the hash: what protects a code is its ten minutes and five tries.
 * - `issued`: the instants of the codes of the last hour, for the limit.
 * - `account`: the wire id that this number opens; until released, or replaced because it lapsed.
 * The alarm erases the first two an hour after the last code, so that a number nobody signed in with leaves nothing.
 */
import { DurableObject } from 'cloudflare:workers'
import { equalSecrets, hashSecret, randomBytes, randomInteger } from '../http/secrets.ts'
import type { SessionGrant } from '../account/rpc.ts'
import { toBase64Url } from '../protocol/bytes.ts'
import { wireId } from '../protocol/ids.ts'
import {
  CODE_DIGITS,
  CODE_MS,
  CODE_RESEND_SECONDS,
  CODE_TRIES,
  CODES_AN_HOUR_NUMBER,
  HOUR_MS,
  NUMBER_LAPSES_MS,
} from '../protocol/limits.ts'
import { failure, success, type Result } from '../protocol/result.ts'
import { accountNamed } from './accounts.ts'
import type { NumberRpc } from './rpc.ts'

interface StoredCode {
  salt: string
  hash: string
  expiresAt: number
  triesLeft: number
}

interface Stored {
  code: StoredCode
  issued: number[]
  account: string
}

export class Number extends DurableObject<Env> implements NumberRpc {
  /** The sign-in under way. The next waits for it, because a code is used up only once the account has answered. */
  #turn: Promise<unknown> = Promise.resolve()

  async issueCode(): Promise<Result<{ code: string; retryAfter: number }>> {
    const now = Date.now()
    const issued = (this.#get('issued') ?? []).filter((at) => now - at < HOUR_MS)
    const [first] = issued
    if (first !== undefined && issued.length >= CODES_AN_HOUR_NUMBER) {
      return failure('rate_limited', { retryAfter: Math.ceil((first + HOUR_MS - now) / 1000) })
    }
    const code = randomInteger(0, 10 ** CODE_DIGITS - 1)
      .toString()
      .padStart(CODE_DIGITS, '0')
    const salt = toBase64Url(randomBytes(16))
    this.#put('code', {
      salt,
      hash: hashSecret(salt + code),
      expiresAt: now + CODE_MS,
      triesLeft: CODE_TRIES,
    })
    this.#put('issued', [...issued, now])
    await this.ctx.storage.setAlarm(now + HOUR_MS)
    return success({ code, retryAfter: CODE_RESEND_SECONDS })
  }

  async signIn(number: string, code: string): Promise<Result<SessionGrant & { accountId: string }>> {
    const turn = this.#turn.then(() => this.#signIn(number, code))
    // A failed turn is its own caller's to hear of.
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async lookUp(): Promise<string | null> {
    return this.#get('account') ?? null
  }

  async release(account: string): Promise<void> {
    if (this.#get('account') !== account) return
    this.#delete('account')
  }

  /** Decides by the clock: it may come late, twice, or after another code was made. */
  override async alarm(): Promise<void> {
    const last = this.#get('issued')?.at(-1)
    const now = Date.now()
    if (last !== undefined && now - last < HOUR_MS) {
      await this.ctx.storage.setAlarm(last + HOUR_MS)
      return
    }
    this.#delete('code')
    this.#delete('issued')
    if (this.#get('account') === undefined) await this.ctx.storage.deleteAll()
  }

  async #signIn(number: string, code: string): Promise<Result<SessionGrant & { accountId: string }>> {
    const checked = this.#checkCode(code, Date.now())
    if (checked === null) return failure('code_invalid')
    const accountId = await this.#account()
    const granted = await accountNamed(this.env, accountId).signIn(accountId, number)
    if (!granted.ok) return granted
    // A code that was made meanwhile stays good.
    if (this.#get('code')?.hash === checked.hash) this.#delete('code')
    return success({ ...granted.value, accountId })
  }

  /** @returns the living code if `code` is right; null after counting a try that could have been */
  #checkCode(code: string, now: number): StoredCode | null {
    const stored = this.#get('code')
    if (stored === undefined || now >= stored.expiresAt) return null
    if (equalSecrets(hashSecret(stored.salt + code), stored.hash)) return stored
    if (!CODE_SHAPE.test(code)) return null
    const triesLeft = stored.triesLeft - 1
    if (triesLeft > 0) this.#put('code', { ...stored, triesLeft })
    else this.#delete('code')
    return null
  }

  /**
   * The account to sign in to. A new one is named before it is asked, so that a try whose answer is lost finds it again;
   * one that is gone, or unused for so long that the number may be somebody else's by now, is left behind.
   */
  async #account(): Promise<string> {
    const known = this.#get('account')
    if (known !== undefined) {
      const usedAt = await accountNamed(this.env, known).lastUsedAt()
      if (usedAt !== null && Date.now() - usedAt < NUMBER_LAPSES_MS) return known
    }
    const fresh = wireId(this.env.ACCOUNT.newUniqueId().toString())
    this.#put('account', fresh)
    return fresh
  }

  #get<K extends keyof Stored>(key: K): Stored[K] | undefined {
    return this.ctx.storage.kv.get<Stored[K]>(key)
  }

  #put<K extends keyof Stored>(key: K, value: Stored[K]): void {
    this.ctx.storage.kv.put(key, value)
  }

  #delete(key: keyof Stored): void {
    this.ctx.storage.kv.delete(key)
  }
}

/** What could be a code; anything else is a slip, not a guess, and costs no try. */
const CODE_SHAPE = new RegExp(`^[0-9]{${CODE_DIGITS}}$`)
