/** What the alarm does: everything that is due, then whatever a lost call may have left undone. May run late and twice. */
import type { UnlinkReason } from '../protocol/model.ts'
import { SEARCH_FILL_EVERY_MS } from '../protocol/limits.ts'
import { errorName, record } from '../telemetry.ts'
import { backoff } from './backoff.ts'
import type { AccountCore } from './core.ts'
import { conversationByKey } from './conversations.ts'
import { eraseObjects, forget, releaseNumber } from './deletion.ts'
import { actAsContact } from './demo-contact.ts'
import { endOf, expireDevices, findDevice } from './devices.ts'
import { clearDue, dueAt, readDue, setDue, type Due } from './due.ts'
import { sweepMedia } from './media-objects.ts'
import { companionOf } from './others.ts'
import { waitingConversations } from './outbox.ts'
import { tellPeers } from './profile-changes.ts'
import { fillIndex } from './search-index.ts'

/** Runs the alarm. One duty that fails waits for its next time and keeps no other from being done. */
export async function runAlarm(core: AccountCore): Promise<void> {
  core.alarmFired()
  try {
    await core.ready()
  } catch {
    // No keys to be had just now. The runtime would try again a few times only.
    core.pushAgain()
    return
  }
  if (core.profile() === null && !core.isBuried()) return
  for (const { what, tries } of dueAt(core.sql, Date.now())) {
    try {
      await perform(core, what, tries)
    } catch (error) {
      const [route = ''] = what.split(':')
      record(core.env, { event: 'fault', error: errorName(error), method: 'ALARM', route })
      core.commit((now) => setDue(core.sql, what, now + backoff(tries + 1), tries + 1))
    }
  }
  await Promise.all([core.pushes.pushAll(), core.deliveries.deliverAll(Date.now(), waitingConversations(core.sql))])
  core.rearm()
}

/** Tells ended companions so; whoever cannot be reached is told by the alarm. */
export async function tellEnded(core: AccountCore, devices: readonly string[]): Promise<void> {
  await Promise.all(
    devices.map(async (device) => {
      const row = findDevice(core.sql, device)
      if (row === null || row.ended_at === null) return
      try {
        await companionOf(core.env, device).end((row.reason ?? 'phone') as UnlinkReason)
        core.commit(() => clearDue(core.sql, endOf(device)))
      } catch (error) {
        record(core.env, { event: 'call_failed', call: 'end', error: errorName(error) })
        core.commit((now) => {
          const tries = (readDue(core.sql, endOf(device))?.tries ?? 0) + 1
          setDue(core.sql, endOf(device), now + backoff(tries), tries)
        })
      }
    }),
  )
}

async function perform(core: AccountCore, what: Due, step: number): Promise<void> {
  const [kind, of = ''] = what.split(':')
  switch (kind) {
    case 'idle': {
      await core.pushes.findGone(core.config.deviceIdleMs, Date.now())
      const ended = core.commit((now) => expireDevices(core.sql, core.config.deviceIdleMs, now + backoff(1), now))
      return tellEnded(core, ended)
    }
    case 'end':
      return tellEnded(core, [of])
    case 'profile':
      return core.commit((now) => tellPeers(core.sql, now))
    case 'search':
      return core.commit((now) =>
        fillIndex(core.sql) ? setDue(core.sql, what, now + SEARCH_FILL_EVERY_MS) : clearDue(core.sql, what),
      )
    case 'release':
      return releaseNumber(core)
    case 'erase':
      return eraseObjects(core)
    case 'forget':
      return forget(core, step)
    case 'demo': {
      const typing = core.commit((now) => actAsContact(core.sql, Number(of), step, now))
      const conversation = conversationByKey(core.sql, Number(of))
      if (typing === null || conversation === null) return
      return core.showTyping({ type: 'typing', conversation: conversation.id, on: typing })
    }
    case 'media':
      return sweepMedia(core, step)
    case 'deliver':
      return core.deliveries.deliver(Number(of))
  }
}
