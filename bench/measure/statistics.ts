/** Medians, percentiles and spread. Pure. */

/** The value below which the share `of` of the values lie (nearest rank). @throws RangeError for no values */
export function percentile(values: readonly number[], of: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * of) - 1)]
  if (value === undefined) throw new RangeError('there are no values')
  return value
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const half = values.length / 2
  if (!Number.isInteger(half)) return percentile(values, 0.5)
  return (percentile(values, 0.5) + percentile(values, 0.5 + 1 / values.length)) / 2
}

/** What the rounds of one figure came to. */
export interface Summary {
  median: number
  least: number
  most: number
  rounds: number
}

export function summarise(values: readonly number[]): Summary {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values), rounds: values.length }
}

/** The ratio of two subjects, round by round: both were measured within the same minute, so what slowed one slowed both. */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
  if (values.length !== base.length) throw new RangeError('not as many rounds of one as of the other')
  return values.map((value, round) => value / (base[round] ?? Number.NaN))
}

/** The order of subjects in a round: each begins as often as the others, and neighbours change. */
export function orderOf<T>(subjects: readonly T[], round: number): T[] {
  const turned = subjects.map((_, index) => subjects[(index + round) % subjects.length] as T)
  return round % 2 === 0 ? turned : turned.toReversed()
}
