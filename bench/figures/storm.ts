/** Linked browsers dropped at one moment, which all dial again at one moment. */
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import { inRounds, type Plan, valuesOf, withSubjects } from '../measure/rounds.ts'

/** Drops the same crowd in each round; each browser must get the one message that it missed, at its cursor. */
export async function measureStorm(generator: Generator, plan: Plan): Promise<Figure[]> {
  const accounts = plan.quick ? 10 : 500
  const results = await withSubjects(['tandem', 'floor'], {}, async (subjects) => {
    for (const subject of subjects) {
      const { seconds } = await generator.run('gather', subject, { accounts })
      plan.say(`${subject.name}: ${accounts * 4} browsers linked in ${seconds.toFixed(0)} s`)
    }
    const storms = await inRounds(subjects, plan, (subject) => generator.run('storm', subject, {}))
    for (const subject of subjects) await generator.run('scatter', subject, {})
    return storms
  })
  return [
    {
      id: 'storm.seconds',
      name: `${accounts * 4} linked sockets dropped at once: all resumed`,
      unit: 's',
      better: 'less',
      values: valuesOf(results, ({ seconds }) => seconds),
      targets: [{ of: 'tandem', base: 'floor', is: 'at most', limit: 1.5 }],
    },
    {
      id: 'storm.wrong',
      name: 'of which not exactly where they were',
      unit: 'sockets',
      better: 'less',
      values: valuesOf(results, ({ wrong }) => wrong),
      targets: [{ of: 'tandem', base: null, is: 'at most', limit: 0 }],
    },
  ]
}
