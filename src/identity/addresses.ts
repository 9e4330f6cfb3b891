/** Network addresses as the identity room counts them. */
import type { Config } from '../config.ts'
import type { Visitor } from '../http/types.ts'
import { addressKey } from '../http/visitor.ts'
import type { AddressRpc } from './rpc.ts'

/** Who counts for a visitor's address. @returns null for local addresses and unknown ones, which are everybody's */
export function addressOf(env: Env, config: Config, { ip, local }: Visitor): AddressRpc | null {
  if ((local && !config.limitLoopback) || ip === 'unknown') return null
  return env.ADDRESS.getByName(addressKey(ip))
}
