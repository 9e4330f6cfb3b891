/** What the floor's Worker and its objects share. */
import { formatLinkToken } from '../../src/protocol/ids.ts'

export interface FloorEnv {
  COMPANION: DurableObjectNamespace<import('./companion.ts').Companion>
  ACCOUNT: DurableObjectNamespace<import('./account.ts').Account>
}

/** A token of the service's own form, so that its picture is as large. */
export function tokenOf(id: DurableObjectId): string {
  return formatLinkToken(id.toString(), crypto.getRandomValues(new Uint8Array(16)))
}
