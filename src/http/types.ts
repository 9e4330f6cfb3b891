/** What every route and middleware of the Worker shares. */
import type { MiddlewareHandler } from 'hono'
import type { Caller } from '../account/rpc.ts'
import type { Visitor } from '../companion/rpc.ts'
import type { Config } from '../config.ts'

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
