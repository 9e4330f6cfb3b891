/**
 * The operator's command (S27): ends an account's links from outside, as its owner could from the phone.
 *
 * Sessions end before a device is ended, in the same step: an approval that is on its way to this account comes from a
 * session, or an outside issuer's token, that is refused by then. Companions that cannot be told now are told by the alarm.
 */
import type { OperatorAnswer } from '../protocol/http.ts'
import { failure, success, type Result } from '../protocol/result.ts'
import type { AccountCore } from './core.ts'
import { livingDevices } from './devices.ts'
import { tellEnded } from './duties.ts'
import { endDevices } from './linked-devices.ts'
import { refuseTokens } from './profile.ts'
import type { Cut } from './rpc.ts'
import { closeSessions } from './sessions.ts'

/** Ends what is named; idempotent. @returns how much there was to end, once the companions were told */
export async function cutOff(core: AccountCore, what: Cut): Promise<Result<OperatorAnswer>> {
  if (core.profile() === null) return failure('not_found')
  const sessions = what === 'devices' ? 0 : endSessions(core)
  const living = what === 'sessions' ? [] : livingDevices(core.sql).map(({ id }) => id)
  const ended = endDevices(core, living, 'phone')
  await tellEnded(core, ended)
  return success({ devices: ended.length, sessions })
}

/** Signs every phone out: their sockets close, and no token that is out now is good any more. */
function endSessions(core: AccountCore): number {
  core.phones.closeAll()
  return core.commit((now) => {
    refuseTokens(core.sql, now)
    return closeSessions(core.sql)
  })
}
