/** What every route and middleware of the Worker shares, and who a request is from. */
import type { MiddlewareHandler } from 'hono'
import type { Config } from '../config.ts'

/** Where a request came from, as the Worker saw it; never taken from a client's own headers. */
export interface Visitor {
  ip: string
  /** Loopback or private: "This computer", no place. */
  local: boolean
  city?: string
  /** ISO 3166-1 alpha-2. */
  country?: string
  /** Degrees. */
  latitude?: number
  longitude?: number
}

/** Who calls as the phone: from a verified access token and nothing else. */
export interface Caller {
  /** The account's wire id. */
  account: string
  /** The embedded identity's session; null with an outside issuer, whose accounts are made at first use. */
  session: string | null
  /** Epoch milliseconds. A deleted account refuses tokens issued before its deletion (S32). */
  issuedAt: number
  expiresAt: number
}

/** The type parameter of every Hono instance and handler here. */
export interface AppEnv {
  Bindings: Env
  Variables: { config: Config; visitor: Visitor }
}

/** Routes behind `authenticate` also know who calls. */
export interface PhoneEnv extends AppEnv {
  Variables: AppEnv['Variables'] & { caller: Caller }
}

/** Made by `http/authenticate.ts` around a verifier and passed to the rooms by the app. */
export type Authenticate = MiddlewareHandler<PhoneEnv>
