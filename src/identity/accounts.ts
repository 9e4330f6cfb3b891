/** Accounts as the identity room reaches them: by their wire ids, through the RPC types of their own room. */
import type { AccountForIdentity } from '../account/rpc.ts'
import { parseWireId } from '../protocol/ids.ts'

/** The account with a wire id that is ours. @throws TypeError for any other */
export function accountNamed(env: Env, account: string): AccountForIdentity {
  const found = findAccount(env, account)
  if (found === null) throw new TypeError('not the id of an account')
  return found
}

/** @returns null for an id that is malformed or of no object here; one never made answers as a stranger would */
export function findAccount(env: Env, account: string): AccountForIdentity | null {
  const hex = parseWireId(account)
  if (hex === null) return null
  try {
    const stub: unknown = env.ACCOUNT.get(env.ACCOUNT.idFromString(hex))
    return stub as AccountForIdentity
  } catch {
    // idFromString refuses ids of other classes and ones made up.
    return null
  }
}
