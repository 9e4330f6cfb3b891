/** How soon a browser knows that it was approved: by the frame on its socket, or by polling as the device grant does. */
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import { inRounds, type Plan, valuesOf, withSubjects } from '../measure/rounds.ts'
import { median } from '../measure/statistics.ts'

/** Browsers that poll side by side, each approved at a moment of its own. */
const BROWSERS = 20

export async function measureGrant(generator: Generator, plan: Plan): Promise<Figure[]> {
  const results = await withSubjects(['tandem', 'device-grant'], {}, (subjects) =>
    inRounds(
      subjects,
      plan,
      async (subject) =>
        subject.name === 'tandem'
          ? (await generator.run('links', subject, { count: BROWSERS, width: 1 })).approved
          : generator.run('grants', subject, { count: BROWSERS }),
      0,
    ),
  )
  return [
    {
      id: 'grant.known',
      name: 'approve → known in the browser, p50',
      unit: 'ms',
      better: 'less',
      values: valuesOf(results, median),
      targets: [{ of: 'tandem', base: 'device-grant', is: 'at most', limit: 1 }],
    },
  ]
}
