/** Which devices were linked to the account without the person having been told of it on this one (S10). Pure. */
import type { DeviceCard, StreamEvent } from '../protocol/model.ts'

/** Bounds what waits for a person who never looks; an account has four devices at a time. */
const NOTICES = 8

/** The notices after an event, the newest first; the same array when it changes nothing. @param own this device */
export function noticesAfter(notices: readonly DeviceCard[], event: StreamEvent, own: string): readonly DeviceCard[] {
  if (event.kind !== 'device' || event.device.id === own) return notices
  const { device, linked } = event
  const others = notices.filter(({ id }) => id !== device.id)
  if (linked) return [device, ...others].slice(0, NOTICES)
  return others.length === notices.length ? notices : others
}
