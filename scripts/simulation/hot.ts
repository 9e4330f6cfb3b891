/** One object that many ask: how long its queue grows, and the waits in it, at a steady rate of random arrivals. */
import { createRandom } from './random.ts'
import { Station, Waits } from './station.ts'

export interface HotSettings {
  seed: number
  /** Requests a second that come. */
  arrivals: number
  /** Requests a second that it takes. */
  perSecond: number
  seconds: number
}

export interface HotResult {
  longestQueue: number
  meanMs: number
  p50Ms: number
  p99Ms: number
  longestMs: number
}

/** Lets requests come for a time, one by one and independent of each other. */
export function simulateHot({ seed, arrivals, perSecond, seconds }: HotSettings): HotResult {
  const random = createRandom(seed)
  const waits = new Waits()
  const station = new Station(perSecond, waits)
  for (let now = random.gap(arrivals); now < seconds * 1_000; now += random.gap(arrivals)) station.take(now)
  return {
    longestQueue: station.longestQueue,
    meanMs: waits.mean,
    p50Ms: waits.quantile(0.5),
    p99Ms: waits.quantile(0.99),
    longestMs: waits.longest,
  }
}
