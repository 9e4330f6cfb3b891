/** Whole links a second, and how soon the browser learns of its approval. */
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import { inRounds, type Plan, valuesOf, withSubjects } from '../measure/rounds.ts'
import { percentile } from '../measure/statistics.ts'
import { withoutMissing } from './subjects.ts'

const WIDTH = 16

/** Measures both in the same rounds: many links side by side, then one at a time. */
export async function measureLinks(generator: Generator, plan: Plan): Promise<Figure[]> {
  const names = await withoutMissing(['tandem', 'floor', 'ws-redis', 'partyserver', 'ceiling'], plan)
  const [many, single] = plan.quick ? [32, 10] : [200, 150]
  const results = await withSubjects(names, {}, (subjects) =>
    inRounds(subjects, plan, async (subject) => {
      const wide = await generator.run('links', subject, { count: many, width: WIDTH })
      const narrow = await generator.run('links', subject, { count: single, width: 1 })
      return { perSecond: wide.perSecond, approved: narrow.approved }
    }),
  )
  return [
    {
      id: 'link.throughput',
      name: `whole links, ${WIDTH} at a time`,
      unit: '/s',
      better: 'more',
      values: valuesOf(results, ({ perSecond }) => perSecond),
      targets: [
        { of: 'tandem', base: 'floor', is: 'at least', limit: 0.75 },
        { of: 'tandem', base: 'partyserver', is: 'at least', limit: 1 },
      ],
    },
    ...[0.5, 0.99].map((share): Figure => {
      const name = `p${share * 100}`
      return {
        id: `link.approved.${name}`,
        name: `approve → linked frame, ${name}`,
        unit: 'ms',
        better: 'less',
        values: valuesOf(results, ({ approved }) => percentile(approved, share)),
        targets: [{ of: 'tandem', base: 'floor', is: 'at most', limit: 1.5 }],
      }
    }),
  ]
}
