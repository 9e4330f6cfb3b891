/**
 * Every socket drops at once, as a deploy makes them: linked browsers come back by the client library's own rule, each to
 * its companion, each companion to its account, and each isolate that has just begun asks the Keyring for the keys.
 */
import { retryDelay } from '../../src/client/connection.ts'
import { KEY_FLIGHT_MS } from '../../src/protocol/limits.ts'
import { Agenda } from './agenda.ts'
import { createRandom } from './random.ts'
import { Station, Waits } from './station.ts'

export interface StormSettings {
  seed: number
  sockets: number
  /** Linked browsers of one account. */
  devices: number
  /** Objects that share an isolate and its keys; 1 is the worst case. */
  accountsAnIsolate: number
  /** Objects that give the keys out: one, or mirrors of it. */
  keyrings: number
  /** What an object takes; documented as 1,000 a second. */
  perSecond: number
  /** One call from object to object, there and back. */
  hopMs: number
  /** From the dial to the proof: the upgrade, the challenge and the answer. */
  proofMs: number
  /** A wait in the Keyring's queue after which a call counts as failed. */
  patienceMs: number
}

export const STORM: StormSettings = {
  seed: 1,
  sockets: 100_000,
  devices: 2,
  accountsAnIsolate: 10,
  keyrings: 1,
  perSecond: 1_000,
  hopMs: 30,
  proofMs: 200,
  patienceMs: 10_000,
}

export interface StormResult {
  /** Dials in each second since the drop. */
  dials: number[]
  /** The share of all sockets that dialled within the busiest second, wherever it begins. */
  busiestShare: number
  /** When half, 99 % and all were back, milliseconds. */
  backMs: { half: number; most: number; all: number }
  failed: number
  account: { longestQueue: number; p99Ms: number; longestMs: number }
  keyring: {
    asked: number
    longestQueue: number
    p50Ms: number
    p99Ms: number
    longestMs: number
    busiestSecond: number
  }
}

/** Lets the storm pass. */
export function simulateStorm(settings: StormSettings): StormResult {
  const { sockets, devices, perSecond, hopMs, patienceMs } = settings
  const random = createRandom(settings.seed)
  const agenda = new Agenda()
  const accountWaits = new Waits()
  const accounts = Array.from({ length: Math.ceil(sockets / devices) }, () => new Station(perSecond, accountWaits))
  const keyringWaits = new Waits()
  const keyrings = Array.from({ length: settings.keyrings }, () => new Station(perSecond, keyringWaits))
  /** When each isolate asked for the keys, and has them. */
  const flights = new Map<number, { askedAt: number; readyAt: number }>()
  const asks: number[] = []
  const dials: number[] = []
  const back: number[] = []
  let failed = 0

  for (let socket = 0; socket < sockets; socket++) dialAfter(0, socket, 0)
  agenda.run()

  function dialAfter(now: number, socket: number, failures: number): void {
    agenda.add(now + retryDelay(failures, random.next()), (at) => dial(at, socket, failures))
  }

  function dial(now: number, socket: number, failures: number): void {
    dials.push(now)
    const account = Math.floor(socket / devices)
    agenda.add(now + settings.proofMs + hopMs / 2, (at) => connect(at, socket, account, failures))
  }

  function connect(now: number, socket: number, account: number, failures: number): void {
    const isolate = Math.floor(account / settings.accountsAnIsolate)
    const flight = flights.get(isolate)
    // As `http/keys.ts` has it: a request waits for another one's call for so long, then makes its own.
    const isShared = flight !== undefined && (now >= flight.readyAt || now - flight.askedAt < KEY_FLIGHT_MS)
    const keys = isShared ? flight.readyAt : ask(now, isolate)
    if (keys === null) {
      failed++
      dialAfter(now + patienceMs, socket, failures + 1)
      return
    }
    // What the account answers waits for the keys; until then it takes other requests in.
    agenda.add(Math.max(now, keys), (at) => {
      back.push((accounts[account]?.take(at) ?? at) + hopMs / 2)
    })
  }

  /** @returns when the keys are there; null where the Keyring has too many to answer first */
  function ask(now: number, isolate: number): number | null {
    asks.push(now)
    const keyring = keyrings[isolate % keyrings.length]!
    if (keyring.waitAt(now) > patienceMs) return null
    const readyAt = Math.min(keyring.take(now) + hopMs, flights.get(isolate)?.readyAt ?? Infinity)
    flights.set(isolate, { askedAt: now, readyAt })
    return readyAt
  }

  const ordered = back.toSorted((a, b) => a - b)
  const at = (share: number): number => ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0
  return {
    dials: bySecond(dials),
    busiestShare: busiest(dials) / sockets,
    backMs: { half: at(0.5), most: at(0.99), all: at(1) },
    failed,
    account: {
      longestQueue: accounts.reduce((most, { longestQueue }) => Math.max(most, longestQueue), 0),
      p99Ms: accountWaits.quantile(0.99),
      longestMs: accountWaits.longest,
    },
    keyring: {
      asked: asks.length,
      longestQueue: Math.max(...keyrings.map(({ longestQueue }) => longestQueue)),
      p50Ms: keyringWaits.quantile(0.5),
      p99Ms: keyringWaits.quantile(0.99),
      longestMs: keyringWaits.longest,
      busiestSecond: busiest(asks),
    },
  }
}

/** The most of these moments (milliseconds) that lie within any one second. */
export function busiest(moments: readonly number[]): number {
  const sorted = Float64Array.from(moments).toSorted()
  let most = 0
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[first]! <= sorted[last]! - 1_000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

/** How many of these moments fall into each second. */
export function bySecond(moments: readonly number[]): number[] {
  const seconds: number[] = []
  for (const moment of moments) {
    const second = Math.floor(moment / 1_000)
    while (seconds.length <= second) seconds.push(0)
    seconds[second]!++
  }
  return seconds
}
