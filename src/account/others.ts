/** Stubs of the objects that an account calls. Made for each call and never kept: an open one keeps both awake. */
import type { CompanionRpc } from '../companion/rpc.ts'
import type { NumberRpc } from '../identity/rpc.ts'
import { parseWireId } from '../protocol/ids.ts'
import type { AccountForPeers } from './rpc.ts'

/** The account of a wire id; null for an id that cannot be one of ours. */
export function accountOf(env: Env, id: string): AccountForPeers | null {
  const hex = parseWireId(id)
  if (hex === null) return null
  try {
    return env.ACCOUNT.get(env.ACCOUNT.idFromString(hex))
  } catch {
    // "not valid for this namespace": somebody made it up.
    return null
  }
}

/** The companion of a device's wire id. */
export function companionOf(env: Env, device: string): CompanionRpc {
  return env.COMPANION.get(companionIdOf(env, device))
}

/** Its object id, which may be kept. Only ids that companions gave themselves get here. */
export function companionIdOf(env: Env, device: string): DurableObjectId {
  const hex = parseWireId(device)
  if (hex === null) throw new TypeError('not the id of a device')
  return env.COMPANION.idFromString(hex)
}

/** The object of a number in E.164. */
export function numberOf(env: Env, number: string): NumberRpc {
  return env.NUMBER.getByName(number)
}
