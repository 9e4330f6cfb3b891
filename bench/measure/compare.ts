/** A run against an earlier one: by ratios to the floor where there is one, because machines and their moods differ. Pure. */
import { type Figure, judge } from './figure.ts'
import { number } from './table.ts'
import { summarise } from './statistics.ts'

/** Changes within this share are taken for noise. */
const NOISE = 0.1

/** A line for each figure that both runs have. */
export function comparisonOf(before: readonly Figure[], after: readonly Figure[]): string[] {
  return after.flatMap((figure) => {
    const earlier = before.find(({ id }) => id === figure.id)
    const [then, now] = [earlier, figure].map((given) => (given === undefined ? null : keyOf(given)))
    if (then == null || now == null || then.of !== now.of) return []
    const change = now.value / then.value - 1
    return [
      `${figure.name}: ${now.of} ${number(then.value)} → ${number(now.value)} (${verdict(change, figure.better)})`,
    ]
  })
}

/** The ratio that a figure's first target is about, or its first subject's own value. */
function keyOf(figure: Figure): { of: string; value: number } | null {
  const [first] = judge(figure)
  if (first !== undefined) return { of: `${first.of} ÷ ${first.base ?? '1'}`, value: first.reached.median }
  const [subject, values] = Object.entries(figure.values)[0] ?? []
  if (subject === undefined || values === undefined || values.length === 0) return null
  return { of: subject, value: summarise(values).median }
}

function verdict(change: number, better: Figure['better']): string {
  const percent = `${change > 0 ? '+' : ''}${(change * 100).toFixed(0)} %`
  if (Math.abs(change) <= NOISE) return `${percent}, within noise`
  return `${percent}, ${change > 0 === (better === 'more') ? 'better' : 'WORSE'}`
}
