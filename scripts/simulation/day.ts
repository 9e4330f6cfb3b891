/**
 * A day of people: messages with a peak in the evening, to receivers of whom few get many; link pages and sign-ins at the
 * same hours. Each object is a queue. What is asked is how long anybody waits, and how many objects are awake at once.
 */
import { KEY_CACHE_MS } from '../../src/protocol/limits.ts'
import { Agenda } from './agenda.ts'
import { createPopularity, createRandom } from './random.ts'
import { Station, Waits } from './station.ts'
import { busiest } from './storm.ts'

export interface DaySettings {
  seed: number
  accounts: number
  /** Messages that a person sends a day. */
  messages: number
  /** Linked browsers of each account. */
  devices: number
  /** Links that a person makes a day. */
  links: number
  /** How much busier the busiest hour is than the mean. */
  peak: number
  perSecond: number
  hopMs: number
  /** Objects that share an isolate and its keys. */
  accountsAnIsolate: number
  /** An object that was not asked for so long is put out of memory. */
  awakeMs: number
}

export const DAY: DaySettings = {
  seed: 1,
  accounts: 20_000,
  messages: 30,
  devices: 1,
  links: 0.01,
  peak: 2.5,
  perSecond: 1_000,
  hopMs: 30,
  accountsAnIsolate: 10,
  awakeMs: 10_000,
}

export interface DayResult {
  messages: number
  links: number
  /** Requests to accounts and companions in the busiest second. */
  busiestSecond: number
  /** Requests to the one account that had the most, and in its busiest second. */
  hottest: { requests: number; busiestSecond: number; longestQueue: number }
  waits: { p50Ms: number; p99Ms: number; p9999Ms: number; longestMs: number }
  awakeAtOnce: number
  keyring: { asked: number; busiestSecond: number; longestQueue: number; longestMs: number }
}

const DAY_MS = 86_400_000

/** Lets a day pass. */
export function simulateDay(settings: DaySettings): DayResult {
  const { accounts, devices, perSecond, hopMs } = settings
  const random = createRandom(settings.seed)
  const draw = createPopularity(accounts)
  const agenda = new Agenda()
  const waits = new Waits()
  const keyringWaits = new Waits()
  const stations = Array.from({ length: accounts }, () => new Station(perSecond, waits))
  const keyring = new Station(perSecond, keyringWaits)
  const lastAsked = new Float64Array(accounts).fill(-Infinity)
  const keysAsked = new Float64Array(Math.ceil(accounts / settings.accountsAnIsolate)).fill(-Infinity)
  const requests: number[] = []
  const asks: number[] = []
  /** When the account that most is written to was asked. */
  const first: number[] = []
  const awake: { at: number; change: number }[] = []
  let [messages, links] = [0, 0]

  arrive(settings.messages * accounts, (now) => {
    messages++
    const [author, reader] = [random.below(accounts), draw(random)]
    ask(author, now)
    agenda.add(now + hopMs, (later) => ask(reader, later))
    agenda.add(now + 2 * hopMs, (later) => {
      for (let device = 0; device < 2 * devices; device++) requests.push(later)
    })
  })
  arrive(settings.links * accounts, (now) => {
    links++
    const account = random.below(accounts)
    ask(account, now)
    agenda.add(now + 5_000, (later) => ask(account, later))
  })
  agenda.run()
  for (const at of lastAsked) if (at > -Infinity) awake.push({ at: at + settings.awakeMs, change: -1 })

  const [hottest] = stations
  return {
    messages,
    links,
    busiestSecond: busiest(requests),
    hottest: { requests: first.length, busiestSecond: busiest(first), longestQueue: hottest?.longestQueue ?? 0 },
    waits: {
      p50Ms: waits.quantile(0.5),
      p99Ms: waits.quantile(0.99),
      p9999Ms: waits.quantile(0.9999),
      longestMs: waits.longest,
    },
    awakeAtOnce: mostAtOnce(awake),
    keyring: {
      asked: asks.length,
      busiestSecond: busiest(asks),
      longestQueue: keyring.longestQueue,
      longestMs: keyringWaits.longest,
    },
  }

  /** So many arrivals in the day, thinned out by the hour (Lewis and Shedler 1979). */
  function arrive(count: number, happen: (now: number) => void): void {
    const most = (count / 86_400) * settings.peak
    const next = (now: number): void => {
      const at = now + random.gap(most)
      if (at >= DAY_MS) return
      agenda.add(at, (then) => {
        if (random.next() < shareAt(then, settings.peak)) happen(then)
        next(then)
      })
    }
    next(0)
  }

  function ask(account: number, now: number): void {
    requests.push(now)
    const before = lastAsked[account]!
    if (now - before > settings.awakeMs) {
      if (before > -Infinity) awake.push({ at: before + settings.awakeMs, change: -1 })
      awake.push({ at: now, change: 1 })
    }
    lastAsked[account] = now
    const isolate = Math.floor(account / settings.accountsAnIsolate)
    // Whether an isolate outlives its objects' sleep is the platform's matter; here it does, for as long as its keys.
    if (now - keysAsked[isolate]! > KEY_CACHE_MS) {
      keysAsked[isolate] = now
      asks.push(now)
      keyring.take(now)
    }
    stations[account]!.take(now)
    if (account === 0) first.push(now)
  }
}

/** The rate at a time of day as a share of the peak: a wave whose mean is 1 / peak and whose crest is at eight in the evening. */
export function shareAt(now: number, peak: number): number {
  const hour = (now / DAY_MS) * 24
  const wave = (1 + Math.cos(((hour - 20) / 24) * 2 * Math.PI)) / 2
  // The power that makes the wave's mean what it has to be is found once.
  return wave ** powerFor(peak)
}

const powers = new Map<number, number>()

function powerFor(peak: number): number {
  const known = powers.get(peak)
  if (known !== undefined) return known
  let [low, high] = [0, 200]
  for (let step = 0; step < 60; step++) {
    const power = (low + high) / 2
    let sum = 0
    for (let part = 0; part < 1_440; part++) sum += ((1 + Math.cos((part / 1_440) * 2 * Math.PI)) / 2) ** power
    if (sum / 1_440 > 1 / peak) low = power
    else high = power
  }
  powers.set(peak, low)
  return low
}

function mostAtOnce(changes: { at: number; change: number }[]): number {
  let [now, most] = [0, 0]
  for (const { change } of changes.toSorted((a, b) => a.at - b.at)) most = Math.max(most, (now += change))
  return most
}
