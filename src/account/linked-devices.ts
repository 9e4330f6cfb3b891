/** What companions ask of their account: to be linked, connected, brought up to date, ended. */
import type { Caller } from '../http/types.ts'
import type { UnlinkReason } from '../protocol/model.ts'
import { backoff } from './backoff.ts'
import type { AccountCore } from './core.ts'
import { endDevice, findDevice, insertDevice, livingDevice, livingDevices, setOnline } from './devices.ts'
import { deviceCard } from './render.ts'
import type { AddDeviceResult, ConnectResult, NewDevice, PullResult } from './rpc.ts'

/** Links a device; an upsert by its id. Who asks matters for a new one only: a repeated call must not undo a link. */
export function addDevice(
  core: AccountCore,
  device: NewDevice,
  by: Pick<Caller, 'session' | 'issuedAt'> | null,
  online: boolean,
): AddDeviceResult {
  // An outside issuer's account is made at its first use, and the scan before this was one.
  if (core.profile() === null) return { outcome: 'unauthorized' }
  const known = findDevice(core.sql, device.id)
  if (known?.ended_at != null) return { outcome: 'ended', reason: reasonOf(known.reason) }
  if (known === null) {
    if (by !== null && !core.isWelcome(by)) return { outcome: 'unauthorized' }
    if (livingDevices(core.sql).length >= core.config.maxDevices) return { outcome: 'too_many_devices' }
    core.commit((now) => {
      insertDevice(core.sql, device, online, core.config.deviceIdleMs, now)
      // Its own beginning is in the snapshot that it is about to get.
      core.pushes.noteTaken(device.id, core.head())
    })
  } else if (online) {
    core.commit((now) => setOnline(core.sql, device.id, true, now))
  }
  const { name, linkedAt } = known === null ? device : deviceCard(known)
  const snapshot = core.renderer().snapshot()
  core.pushes.noteTaken(device.id, snapshot.cursor)
  return { outcome: 'linked', device: { id: device.id, name, linkedAt }, account: snapshot.account, snapshot }
}

/** A proven socket opened. */
export function connectDevice(core: AccountCore, device: string, cursor: number | null): ConnectResult {
  const reason = endedReason(core, device)
  if (reason !== null) return { outcome: 'ended', reason }
  core.commit((now) => setOnline(core.sql, device, true, now))
  const row = livingDevice(core.sql, device)
  if (row === null) throw new Error('a living device is gone within one step')
  const account = core.renderer().account()
  const catchUp = core.catchUp(cursor)
  const { kind } = catchUp
  const upTo = kind === 'snapshot' ? catchUp.snapshot.cursor : catchUp.events.after + catchUp.events.frames.length
  core.pushes.noteTaken(device, upTo)
  return { outcome: 'connected', device: deviceCard(row), account, catchUp }
}

/** Its last socket closed. */
export function disconnectDevice(core: AccountCore, device: string): void {
  if (core.profile() === null || livingDevice(core.sql, device) === null) return
  core.pushes.forget(device)
  core.commit((now) => setOnline(core.sql, device, false, now))
}

/** The next page after a cursor. */
export function pull(core: AccountCore, device: string, cursor: number): PullResult {
  const reason = endedReason(core, device)
  // Whether the answer arrives is not known here: what the device has, it says to a push.
  return reason === null ? { outcome: 'ok', catchUp: core.catchUp(cursor) } : { outcome: 'ended', reason }
}

/** Ends devices and tells of it; their companions are still to be told. @returns those that were living */
export function endDevices(core: AccountCore, devices: readonly string[], reason: UnlinkReason): string[] {
  if (core.profile() === null) return []
  for (const device of devices) core.pushes.forget(device)
  return core.commit((now) => devices.filter((device) => endDevice(core.sql, device, reason, now + backoff(1), now)))
}

/** @returns null for a living device. One of which nothing is known any more was ended long ago. */
function endedReason(core: AccountCore, device: string): UnlinkReason | null {
  if (core.profile() === null) return 'account'
  const row = findDevice(core.sql, device)
  return row !== null && row.ended_at === null ? null : reasonOf(row?.reason ?? null)
}

function reasonOf(reason: string | null): UnlinkReason {
  return (reason ?? 'phone') as UnlinkReason
}
