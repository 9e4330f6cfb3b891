/** The long ones: thousands of sockets that show codes, and thousands that are linked and idle. */
import type { Generator } from '../load/driver.ts'
import type { CompanionsResult } from '../load/soaks.ts'
import type { Figure } from '../measure/figure.ts'
import type { Plan } from '../measure/rounds.ts'
import { percentile } from '../measure/statistics.ts'
import { startSubject, type Subject } from '../subjects.ts'

/** What `GET /v1/bench/counts` of the instrumented service tells. */
interface Counts {
  constructed: number
  statements: number
  rowsRead: number
  rowsWritten: number
  keyValueCalls: number
  alarmsSet: number
}

/** A companion that is awake takes five descriptors of its process (three of SQLite, two of the socket), which may have 20,000. */
const PROCESSES = 2

/** 5,000 unlinked companions for three minutes, the floor's and then ours, each alone on the machine. */
export async function measureCompanions(generator: Generator, { quick, say }: Plan): Promise<Figure[]> {
  const plan = quick ? { count: 200, perSecond: 50, seconds: 25 } : { count: 5_000, perSecond: 100, seconds: 180 }
  const part = { ...plan, count: plan.count / PROCESSES, perSecond: plan.perSecond / PROCESSES }
  const results: Record<string, CompanionsResult & { perCompanion: number; cpu: number }> = {}
  for (const name of ['floor', 'tandem'] as const) {
    const subjects = await Promise.all(Array.from({ length: PROCESSES }, () => startSubject(name)))
    const sum = async (of: (subject: Subject) => Promise<number>): Promise<number> =>
      (await Promise.all(subjects.map(of))).reduce((total, value) => total + value, 0)
    try {
      // The runtime has served a little before its memory is taken as what it is without companions.
      for (const subject of subjects) {
        await generator.run('companions', subject, { count: 20, perSecond: 20, seconds: 1 })
        await generator.run('idle', subject, { step: 'close', count: 0 })
      }
      const memory = await sum((subject) => subject.memory())
      const cpuBefore = await sum((subject) => subject.cpuSeconds())
      const parts = await Promise.all(subjects.map((subject) => generator.run('companions', subject, part)))
      const perCompanion = ((await sum((subject) => subject.memory())) - memory) / plan.count
      const cpu = (await sum((subject) => subject.cpuSeconds())) - cpuBefore
      const codes = parts.reduce((total, each) => total + each.codes, 0)
      const dropped = parts.reduce((total, each) => total + each.dropped, 0)
      results[name] = { late: parts.flatMap(({ late }) => late), codes, dropped, perCompanion, cpu }
      for (const subject of subjects) await generator.run('idle', subject, { step: 'close', count: 0 })
      say(`${name}: ${codes} codes, ${dropped} sockets dropped, ${cpu.toFixed(0)} s of CPU`)
    } finally {
      for (const subject of subjects) await subject.stop()
    }
  }
  const pick = (take: (result: (typeof results)[string]) => number): Record<string, number[]> =>
    Object.fromEntries(Object.entries(results).map(([name, result]) => [name, [take(result)]]))
  const name = `${plan.count} unlinked companions for ${plan.seconds} s`
  return [
    {
      id: 'companions.dropped',
      name: `${name}: dropped`,
      unit: 'sockets',
      better: 'less',
      values: pick(({ dropped }) => dropped),
      targets: [{ of: 'tandem', base: null, is: 'at most', limit: 0 }],
    },
    ...[0.5, 0.99].map((share): Figure => ({
      id: `companions.late.p${share * 100}`,
      name: `lateness of the code, p${share * 100}`,
      unit: 'ms',
      better: 'less',
      values: pick(({ late }) => percentile(late, share)),
      targets:
        share === 0.5
          ? []
          : [
              { of: 'tandem', base: 'floor', is: 'at most', limit: 1.3 },
              { of: 'tandem', base: null, is: 'at most', limit: 1_000 },
            ],
    })),
    {
      id: 'companions.memory',
      name: 'resident memory a companion',
      unit: 'KB',
      better: 'less',
      values: pick(({ perCompanion }) => perCompanion / 1000),
      targets: [{ of: 'tandem', base: 'floor', is: 'at most', limit: 1.2 }],
    },
    {
      id: 'companions.cpu',
      name: 'CPU of the runtime over all of it',
      unit: 's',
      better: 'less',
      values: pick(({ cpu }) => cpu),
      targets: [],
    },
  ]
}

/** 2,000 linked sockets for ten minutes: whatever the objects did in that time was counted. */
export async function measureIdle(generator: Generator, { quick, say }: Plan): Promise<Figure[]> {
  const [count, seconds] = quick ? [40, 20] : [2_000, 600]
  const subject = await startSubject('tandem', { instrumented: true })
  try {
    await generator.run('idle', subject, { step: 'open', count })
    say(`${count} linked; their objects fall asleep`)
    // The last link's alarm is ten seconds ahead, and an object that did something sleeps after ten more.
    await quiet(quick ? 25_000 : 60_000)
    const setUp = await countsOf(subject)
    if (setUp.constructed === 0 || setUp.rowsWritten === 0) throw new Error('the counting does not count')
    await quiet(seconds * 1000)
    const counts = await countsOf(subject)
    const open = await generator.run('idle', subject, { step: 'look', count })
    await generator.run('idle', subject, { step: 'close', count })
    const figure = (id: string, name: string, value: number, unit: string): Figure => ({
      id: `idle.${id}`,
      name,
      unit,
      better: 'less',
      values: { tandem: [value] },
      targets: [{ of: 'tandem', base: null, is: 'at most', limit: 0 }],
    })
    return [
      figure(
        'constructed',
        `${count} linked sockets idle for ${seconds} s: objects constructed`,
        counts.constructed,
        '',
      ),
      figure('read', 'rows read, and reads of keys', counts.rowsRead + counts.keyValueCalls + counts.statements, ''),
      figure('written', 'rows written, and alarms set', counts.rowsWritten + counts.alarmsSet, ''),
      figure('lost', 'sockets lost', count - open, ''),
    ]
  } finally {
    await subject.stop()
  }
}

async function countsOf({ origin }: Subject): Promise<Counts> {
  return (await (await fetch(`${origin}/v1/bench/counts`)).json()) as Counts
}

function quiet(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
