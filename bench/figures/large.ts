/** Opening and searching an account of 1,000 conversations and 200,000 messages. */
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import type { Plan } from '../measure/rounds.ts'
import { median, orderOf } from '../measure/statistics.ts'
import { startSubject } from '../subjects.ts'

const SMALL = { conversations: 50, messages: 500 }
const LARGE = { conversations: 1_000, messages: 200_000 }

/** Both accounts are the service's own; the scan runs in the same object on the same table. */
export async function measureLarge(generator: Generator, { rounds, quick, say }: Plan): Promise<Figure[]> {
  const tandem = await startSubject('tandem', { instrumented: true })
  try {
    const small = await generator.run('fill', tandem, SMALL)
    const large = await generator.run('fill', tandem, quick ? { conversations: 100, messages: 10_000 } : LARGE)
    const [opens, asks] = quick ? [10, 5] : [60, 20]
    const opening: Record<string, number[]> = { large: [], small: [] }
    const asking: Record<string, Record<string, number[]>> = {
      needle: { search: [], LIKE: [] },
      pearl: { search: [], LIKE: [] },
    }
    for (let round = -1; round < rounds; round++) {
      for (const name of orderOf(['small', 'large'], Math.max(0, round))) {
        const times = await generator.run('opens', tandem, { person: name === 'small' ? small : large, count: opens })
        if (round >= 0) opening[name]?.push(median(times))
      }
      for (const name of orderOf(['search', 'LIKE'], Math.max(0, round))) {
        const type = name === 'search' ? 'search' : 'like'
        for (const [text, values] of Object.entries(asking)) {
          const times = await generator.run('asks', tandem, { person: large, type, text, count: asks })
          if (round >= 0) values[name]?.push(median(times))
        }
      }
      say(round < 0 ? 'warm' : `round ${round + 1} of ${rounds}`)
    }
    return [
      {
        id: 'large.snapshot',
        name: 'opening: dial → snapshot, p50; 1,000 conversations and 200,000 messages, or 50 and 500',
        unit: 'ms',
        better: 'less',
        values: opening,
        targets: [{ of: 'large', base: 'small', is: 'at most', limit: 1.3 }],
      },
      ...Object.entries(asking).map(([word, values]): Figure => ({
        id: `large.search.${word}`,
        name: `search among 200,000 messages, p50; a word ${word === 'pearl' ? 'that one of them says' : 'that every 500th says, 50 shown'}`,
        unit: 'ms',
        better: 'less',
        values,
        targets: [{ of: 'search', base: 'LIKE', is: 'at most', limit: 0.05 }],
      })),
    ]
  } finally {
    await tandem.stop()
  }
}
