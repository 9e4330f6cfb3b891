/** Randomness that a seed repeats. */

export interface Random {
  /** 0 ≤ x < 1. */
  next(): number
  /** A whole number, 0 ≤ n < limit. */
  below(limit: number): number
  /** A time until the next of events that come at `rate` a second, in milliseconds. */
  gap(rate: number): number
}

/** Mulberry32: 32 bits of state, good enough for arrivals and waits. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    gap: (rate) => (-Math.log(1 - next()) / rate) * 1000,
  }
}

/** Draws from 0 … count - 1, the n-th as often as 1/(n + 1): few are written to by many. */
export function createPopularity(count: number): (random: Random) => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let index = 0; index < count; index++) sums[index] = sum += 1 / (index + 1)
  return (random) => {
    const drawn = random.next() * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sums[middle] ?? 0) > drawn) high = middle
      else low = middle + 1
    }
    return low
  }
}
