/** The simulation of queues and storms: where theory knows the answer it must give that, and its seed repeats it. */
import { describe, expect, it } from 'vitest'
import { Agenda } from '../../scripts/simulation/agenda.ts'
import { DAY, shareAt, simulateDay } from '../../scripts/simulation/day.ts'
import { simulateHot } from '../../scripts/simulation/hot.ts'
import { LATE, simulateLate } from '../../scripts/simulation/late.ts'
import { createPopularity, createRandom } from '../../scripts/simulation/random.ts'
import { Station, Waits } from '../../scripts/simulation/station.ts'
import { busiest, bySecond, simulateStorm, STORM } from '../../scripts/simulation/storm.ts'

describe('its parts', () => {
  it('let things happen in the order of their times, also what is added meanwhile', () => {
    const random = createRandom(7)
    const agenda = new Agenda()
    const happened: number[] = []
    for (let index = 0; index < 500; index++) {
      agenda.add(random.next() * 1_000, (now) => {
        happened.push(now)
        if (index % 3 === 0) agenda.add(now + 10, (later) => void happened.push(later))
      })
    }
    agenda.run()
    expect(happened).toHaveLength(500 + 167)
    expect(happened).toEqual(happened.toSorted((a, b) => a - b))
  })

  it('draw what their seed says, evenly, at the rate that is asked for', () => {
    const [one, again, other] = [createRandom(1), createRandom(1), createRandom(2)]
    const drawn = Array.from({ length: 10_000 }, () => one.next())
    expect(Array.from({ length: 10_000 }, () => again.next())).toEqual(drawn)
    expect(other.next()).not.toBe(drawn[0])
    expect(drawn.reduce((sum, value) => sum + value) / drawn.length).toBeCloseTo(0.5, 1)
    const gaps = Array.from({ length: 20_000 }, () => one.gap(100))
    expect(gaps.reduce((sum, gap) => sum + gap) / gaps.length).toBeCloseTo(10, 0)
  })

  it('make the first ten times as popular as the tenth', () => {
    const [random, draw] = [createRandom(3), createPopularity(100)]
    const counts = Array.from({ length: 100 }, () => 0)
    for (let index = 0; index < 100_000; index++) counts[draw(random)]!++
    expect(counts[0]! / counts[9]!).toBeGreaterThan(8.5)
    expect(counts[0]! / counts[9]!).toBeLessThan(11.5)
  })

  it('take requests one after the other, and know the waits', () => {
    const waits = new Waits()
    const station = new Station(100, waits)
    expect([station.take(0), station.take(0), station.take(5), station.take(100)]).toEqual([10, 20, 30, 110])
    expect(station).toMatchObject({ served: 4, longestQueue: 2 })
    expect(waits.longest).toBe(15)
    expect(waits.mean).toBeCloseTo((0 + 10 + 15 + 0) / 4)
    expect(waits.quantile(0.5)).toBe(0)
    expect(waits.quantile(0.75)).toBeGreaterThanOrEqual(10)
  })

  it('find the busiest second wherever it begins', () => {
    expect(busiest([0, 900, 950, 1_800, 1_899, 5_000])).toBe(4)
    expect(bySecond([0, 999, 1_000, 3_500])).toEqual([2, 1, 0, 1])
  })
})

describe('one object that many ask', () => {
  it.each([0.3, 0.5, 0.8, 0.9])('waits at %d of its limit as the theory of queues says (M/D/1)', (load) => {
    const { meanMs } = simulateHot({ seed: 5, arrivals: load * 1_000, perSecond: 1_000, seconds: 600 })
    expect(meanMs / (load / (2 * (1 - load)))).toBeGreaterThan(0.9)
    expect(meanMs / (load / (2 * (1 - load)))).toBeLessThan(1.1)
  })

  it('falls behind by what is too much, beyond its limit', () => {
    const { longestQueue } = simulateHot({ seed: 5, arrivals: 1_100, perSecond: 1_000, seconds: 60 })
    expect(longestQueue).toBeGreaterThan(5_000)
    expect(longestQueue).toBeLessThan(7_000)
  })
})

describe('a storm', () => {
  it('comes back within the window and a little, no second with a quarter of it, the same for the same seed', () => {
    const storm = simulateStorm({ ...STORM, sockets: 2_000 })
    expect(storm.busiestShare).toBeGreaterThan(0.125)
    expect(storm.busiestShare).toBeLessThan(0.25)
    expect(storm.backMs.all).toBeLessThan(8_000 + 500)
    expect(storm.failed).toBe(0)
    expect(storm.keyring.asked).toBe(2_000 / 2 / STORM.accountsAnIsolate)
    expect(simulateStorm({ ...STORM, sockets: 2_000 })).toEqual(storm)
    expect(simulateStorm({ ...STORM, sockets: 2_000, seed: 2 })).not.toEqual(storm)
  })

  it('of more isolates than one object can answer in time lasts longer, and mirrors of it help', () => {
    const narrow = { ...STORM, sockets: 4_000, accountsAnIsolate: 1, perSecond: 20, patienceMs: 2_000 }
    const storm = simulateStorm(narrow)
    expect(storm.failed).toBeGreaterThan(0)
    expect(storm.backMs.all).toBeGreaterThan(30_000)
    expect(simulateStorm({ ...narrow, keyrings: 32 }).failed).toBe(0)
  })
})

describe('a day', () => {
  it('has its mean and its peak', () => {
    const shares = Array.from({ length: 1_440 }, (_, minute) => shareAt(minute * 60_000, 2.5))
    expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeCloseTo(1 / 2.5, 2)
    expect(shareAt(20 * 3_600_000, 2.5)).toBeCloseTo(1)
  })

  it('of a few people makes nobody wait', () => {
    const day = simulateDay({ ...DAY, accounts: 300 })
    expect(day.messages / (300 * DAY.messages)).toBeCloseTo(1, 1)
    expect(day.waits.p99Ms).toBeLessThan(1)
    expect(day.keyring.longestMs).toBeLessThan(5)
    expect(day.awakeAtOnce).toBeLessThan(60)
  })
})

it('alarms that are late by up to a minute leave a dead code for as long as theory says', () => {
  const { deadShare, longestDeadMs } = simulateLate({ ...LATE, rotations: 200_000 })
  // Uniform over 60 s, 20 s of grace: 13⅓ s dead of 50 s on show.
  expect(deadShare).toBeCloseTo(13.333 / 50, 2)
  expect(longestDeadMs).toBeLessThanOrEqual(40_000)
  expect(simulateLate({ ...LATE, rotations: 1_000, late: 0 }).deadShare).toBe(0)
})
