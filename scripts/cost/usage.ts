/** What a thing uses of each resource that is metered, reckoned from the counted bill (bench/bill.json). */
import { MESSAGES_A_REQUEST, OBJECT_GB, type Resource } from './prices.ts'

type Tally = Record<string, number>

/** A unit as the tests count it. */
export interface Unit {
  what: string
  workerRequests: Tally
  objectRequests: Tally
  socketMessages: Tally
  rowsWritten: Tally
  rowsRead: Tally
  r2: Tally
}

/** bench/bill.json. */
export interface Bill {
  units: Record<string, Unit>
  stored: Record<string, { what: string; bytes: number }>
}

export type Usage = Record<Resource, number>

/** What the count cannot say: it is of one machine, and times are the platform's. */
export interface Times {
  /** CPU of one Worker request. */
  cpuMs: number
  /** An object is awake for one event's handler. */
  handlerMs: number
  /** An object is awake while it waits for another one's answer. */
  hopMs: number
  /** A resuming browser's object is awake until the proof is there. */
  proofMs: number
  /** An object is billed after each event, before it sleeps; by the published rule nothing. */
  idleMs: number
}

/** Measured locally and rounded up, except for the hops, which are between data centres of a region. */
export const TIMES: Times = { cpuMs: 3, handlerMs: 3, hopMs: 30, proofMs: 200, idleMs: 0 }

/** Who calls these waits, awake, in an object of its own. */
const CALLED_BY_OBJECTS = new Set([
  'Account.addDevice',
  'Account.connectDevice',
  'Account.deliver',
  'Account.deviceRequests',
  'Account.disconnectDevice',
  'Account.lastUsedAt',
  'Account.peerCard',
  'Account.peerTyping',
  'Account.pull',
  'Account.signIn',
  'Account.unlinkSelf',
  'Companion.end',
  'Companion.push',
  'Keyring.keys',
  'Number.lookUp',
  'Number.release',
  'Spelling.claim',
])

const NOTHING: Usage = {
  workerRequests: 0,
  workerCpuMs: 0,
  objectRequests: 0,
  objectGbSeconds: 0,
  rowsRead: 0,
  rowsWritten: 0,
  objectGb: 0,
  r2ClassA: 0,
  r2ClassB: 0,
  r2Gb: 0,
}

/** What one such unit uses. */
export function usageOf(unit: Unit, times: Times): Usage {
  const workerRequests = sum(unit.workerRequests)
  const requests = sum(unit.objectRequests)
  const messages = sum(unit.socketMessages)
  const hops = sum(unit.objectRequests, (name) => CALLED_BY_OBJECTS.has(name))
  const proofs = unit.objectRequests['Account.connectDevice'] ?? 0
  const awakeMs = (requests + messages) * (times.handlerMs + times.idleMs) + hops * times.hopMs + proofs * times.proofMs
  return {
    ...NOTHING,
    workerRequests,
    workerCpuMs: workerRequests * times.cpuMs,
    objectRequests: requests + messages / MESSAGES_A_REQUEST,
    objectGbSeconds: (awakeMs / 1000) * OBJECT_GB,
    rowsRead: sum(unit.rowsRead),
    rowsWritten: sum(unit.rowsWritten),
    r2ClassA: unit.r2.put ?? 0,
    r2ClassB: (unit.r2.get ?? 0) + (unit.r2.head ?? 0),
  }
}

/** The sum of usages, each so many times. */
export function total(...parts: readonly (readonly [usage: Usage, times: number])[]): Usage {
  const result = { ...NOTHING }
  for (const [usage, times] of parts) {
    for (const resource of Object.keys(result) as Resource[]) result[resource] += usage[resource] * times
  }
  return result
}

/** Bytes kept for a month. */
export function stored(objectBytes: number, r2Bytes: number): Usage {
  return { ...NOTHING, objectGb: objectBytes / 1e9, r2Gb: r2Bytes / 1e9 }
}

/**
 * A unit as one of several within the ten seconds before the alarm that follows a change: they share it.
 * @param burst - how many, 1 for one that stands alone
 */
export function inBurst(unit: Unit, burst: number): Unit {
  const share = (tally: Tally, isShared: (name: string) => boolean): Tally =>
    Object.fromEntries(Object.entries(tally).map(([name, count]) => [name, isShared(name) ? count / burst : count]))
  return {
    ...unit,
    objectRequests: share(unit.objectRequests, (name) => name === 'Account.alarm'),
    rowsWritten: share(unit.rowsWritten, (name) => name.startsWith('Account: set alarm')),
  }
}

function sum(tally: Tally, isCounted: (name: string) => boolean = () => true): number {
  return Object.entries(tally).reduce((count, [name, more]) => count + (isCounted(name) ? more : 0), 0)
}
