/** Linked devices, living and ended. An ended one stays for 90 days, so that a late call cannot make it again. */
import { ENDED_DEVICE_KEPT_MS } from '../protocol/limits.ts'
import type { DeviceDetail, UnlinkReason } from '../protocol/model.ts'
import { clearDue, setDue, setDueOnce, type Due } from './due.ts'
import { appendEvent } from './event-log.ts'
import { memoryOf } from './memory.ts'
import type { NewDevice } from './rpc.ts'
import { first, type DeviceRow } from './rows.ts'

export function findDevice(sql: SqlStorage, id: string): DeviceRow | null {
  return first<DeviceRow>(sql, 'SELECT * FROM devices WHERE id = ?', id)
}

/** One that is linked now. */
export function livingDevice(sql: SqlStorage, id: string): DeviceRow | null {
  return first<DeviceRow>(sql, 'SELECT * FROM devices WHERE id = ? AND ended_at IS NULL', id)
}

/** In the order in which they were linked. */
export function livingDevices(sql: SqlStorage): DeviceRow[] {
  return sql.exec<DeviceRow>('SELECT * FROM devices WHERE ended_at IS NULL ORDER BY linked_at, id').toArray()
}

export function onlineDevices(sql: SqlStorage): readonly DeviceRow[] {
  const memory = memoryOf(sql)
  memory.onlineDevices ??= sql.exec<DeviceRow>('SELECT * FROM devices WHERE online = 1 AND ended_at IS NULL').toArray()
  return memory.onlineDevices
}

/** Links a device and tells of it (S10). */
export function insertDevice(sql: SqlStorage, device: NewDevice, online: boolean, idleMs: number, now: number): void {
  delete memoryOf(sql).onlineDevices
  sql.exec(
    'INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)',
    device.id,
    device.name,
    device.browser,
    device.os,
    device.place?.city ?? null,
    device.place?.country ?? null,
    device.linkedAt,
    now,
    online ? 1 : 0,
  )
  appendEvent(sql, { kind: 'device', device: device.id, a: 1 })
  setDueOnce(sql, 'idle', now + idleMs)
}

/** Notes that a device's socket opened or closed. */
export function setOnline(sql: SqlStorage, id: string, online: boolean, now: number): void {
  delete memoryOf(sql).onlineDevices
  sql.exec('UPDATE devices SET online = ?, last_seen_at = ? WHERE id = ?', online ? 1 : 0, now, id)
}

/** Notes that a device was found to have no socket: it has not been used since it was last seen. */
export function setGone(sql: SqlStorage, id: string): void {
  delete memoryOf(sql).onlineDevices
  sql.exec('UPDATE devices SET online = 0 WHERE id = ?', id)
}

/** Renames a device and tells of it. */
export function setDeviceName(sql: SqlStorage, { id, name: before }: DeviceRow, name: string): void {
  if (name === before) return
  delete memoryOf(sql).onlineDevices
  sql.exec('UPDATE devices SET name = ? WHERE id = ?', name, id)
  appendEvent(sql, { kind: 'device', device: id, a: 1 })
}

/**
 * Ends a device and tells of it. Unless the companion asked for it itself, it is to be told: due until it was.
 * @returns false if it was not living
 */
export function endDevice(sql: SqlStorage, id: string, reason: UnlinkReason, retryAt: number, now: number): boolean {
  if (livingDevice(sql, id) === null) return false
  delete memoryOf(sql).onlineDevices
  sql.exec('UPDATE devices SET online = 0, ended_at = ?, reason = ? WHERE id = ?', now, reason, id)
  appendEvent(sql, { kind: 'device', device: id, a: 0 })
  if (reason !== 'companion') setDue(sql, endOf(id), retryAt)
  if (livingDevices(sql).length === 0) clearDue(sql, 'idle')
  return true
}

/** What is due until an ended companion was told. */
export function endOf(device: string): Due {
  return `end:${device}`
}

/** Ends the devices unused for `idleMs` (S27) and sets the next look. @returns the ended ones */
export function expireDevices(sql: SqlStorage, idleMs: number, retryAt: number, now: number): string[] {
  const ended = livingDevices(sql).filter(
    (device) =>
      device.online === 0 && device.last_seen_at + idleMs <= now && endDevice(sql, device.id, 'idle', retryAt, now),
  )
  const seen = livingDevices(sql).map((device) => (device.online === 1 ? now : device.last_seen_at))
  if (seen.length === 0) clearDue(sql, 'idle')
  else setDue(sql, 'idle', Math.min(...seen) + idleMs)
  sql.exec(
    `DELETE FROM devices WHERE ended_at <= ? AND id NOT IN (SELECT device FROM events WHERE kind = 'device')`,
    now - ENDED_DEVICE_KEPT_MS,
  )
  return ended.map((device) => device.id)
}

/** A device as the phone lists it. */
export function deviceDetail(row: DeviceRow): DeviceDetail {
  const place = {
    ...(row.city === null ? {} : { city: row.city }),
    ...(row.country === null ? {} : { country: row.country }),
  }
  return {
    id: row.id,
    name: row.name,
    browser: row.browser,
    os: row.os,
    ...(Object.keys(place).length === 0 ? {} : { place }),
    linkedAt: row.linked_at,
    lastSeenAt: row.last_seen_at,
    online: row.online === 1,
  }
}
