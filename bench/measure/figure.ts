/** What a figure is: its values by subject and round, and what its ratio to another subject must reach. */
import { ratios, summarise, type Summary } from './statistics.ts'

/** A figure as measured. */
export interface Figure {
  /** Stable: results are compared by it. */
  id: string
  name: string
  unit: string
  /** Which is better. */
  better: 'more' | 'less'
  /** One value a round, by subject. */
  values: Record<string, number[]>
  targets: Target[]
  /** What a reader must know of it. */
  note?: string
}

/** `of` must be at most, or at least, `limit` times `base`; without a base, the value itself. */
export interface Target {
  of: string
  base: string | null
  is: 'at most' | 'at least'
  limit: number
}

/** A target held against the values. */
export interface Verdict extends Target {
  /** Of the rounds' ratios (or values). */
  reached: Summary
  met: boolean
}

/** Holds a figure against its targets. Those whose subject was left out are left out. */
export function judge({ values, targets }: Figure): Verdict[] {
  return targets.flatMap((target) => {
    const own = values[target.of]
    const base = target.base === null ? null : values[target.base]
    if (own === undefined || own.length === 0 || base === undefined || base?.length === 0) return []
    const reached = summarise(base === null ? own : ratios(own, base))
    const met = target.is === 'at most' ? reached.median <= target.limit : reached.median >= target.limit
    return [{ ...target, reached, met }]
  })
}
