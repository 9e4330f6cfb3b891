/** How soon a message from a phone is in the linked browser, and how many a second go through one account. */
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import { inRounds, type Plan, valuesOf, withSubjects } from '../measure/rounds.ts'
import { percentile } from '../measure/statistics.ts'
import { withoutMissing } from './subjects.ts'

/** Messages unanswered at once. */
const WINDOW = 64
/** Shown beside the 99th percentile, which few messages make: those that a checkpoint of SQLite falls on. */
const NEAR_THE_END = 0.95

/** Measures one message at a time, then as many as the account takes. */
export async function measureStream(generator: Generator, plan: Plan): Promise<Figure[]> {
  const names = await withoutMissing(['tandem', 'floor', 'ws-redis', 'partyserver', 'socketio', 'ceiling'], plan)
  const [timed, many] = plan.quick ? [50, 200] : [1_000, 2_000]
  const results = await withSubjects(names, {}, (subjects) =>
    inRounds(subjects, plan, async (subject) => {
      const times = await generator.run('pushes', subject, { count: timed })
      const before = await subject.cpuSeconds()
      const perSecond = await generator.run('messages', subject, { count: many, window: WINDOW })
      return { times, perSecond, cpu: ((await subject.cpuSeconds()) - before) / many }
    }),
  )
  const latency = (whose: 'own' | 'peer', share: number): Figure => {
    const name = `p${share * 100}`
    return {
      id: `stream.${whose}.${name}`,
      name: `message from phone → ${whose === 'own' ? 'own linked browser' : 'the other person’s browser'}, ${name}`,
      unit: 'ms',
      better: 'less',
      values: valuesOf(results, ({ times }) => percentile(times[whose], share)),
      targets: share === NEAR_THE_END ? [] : [{ of: 'tandem', base: 'floor', is: 'at most', limit: 1.5 }],
    }
  }
  return [
    latency('own', 0.5),
    latency('own', NEAR_THE_END),
    latency('own', 0.99),
    latency('peer', 0.5),
    latency('peer', NEAR_THE_END),
    latency('peer', 0.99),
    {
      id: 'stream.throughput',
      name: 'messages through one account with 4 devices',
      unit: '/s',
      better: 'more',
      values: valuesOf(results, ({ perSecond }) => perSecond),
      targets: [{ of: 'tandem', base: 'floor', is: 'at least', limit: 0.75 }],
    },
    {
      id: 'stream.cpu',
      name: 'CPU of the serving process for one of them',
      unit: 'ms',
      better: 'less',
      values: valuesOf(results, ({ cpu }) => cpu * 1000),
      targets: [],
    },
  ]
}
