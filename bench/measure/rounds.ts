/** Rounds: every subject once in each, in an order that changes. */
import { orderOf } from './statistics.ts'
import { type StartSettings, startSubject, type Subject, type SubjectName } from '../subjects.ts'

/** What a figure is measured with. */
export interface Plan {
  rounds: number
  /** Small numbers: shows that the bench works, says nothing of the subjects. */
  quick: boolean
  say: (line: string) => void
}

/** Starts subjects, has `work` done with them, and stops them whatever happens. */
export async function withSubjects<T>(
  names: readonly SubjectName[],
  settings: StartSettings,
  work: (subjects: Subject[]) => Promise<T>,
): Promise<T> {
  const subjects: Subject[] = []
  try {
    for (const name of names) subjects.push(await startSubject(name, settings))
    return await work(subjects)
  } finally {
    for (const subject of subjects) await subject.stop()
  }
}

/** Measures each subject once a round. @returns a value a round by subject; `warm` rounds before that do not count */
export async function inRounds<T>(
  subjects: readonly Subject[],
  { rounds, say }: Plan,
  measure: (subject: Subject) => Promise<T>,
  warm = 1,
): Promise<Map<SubjectName, T[]>> {
  const results = new Map<SubjectName, T[]>(subjects.map(({ name }) => [name, []]))
  for (let round = -warm; round < rounds; round++) {
    for (const subject of orderOf(subjects, Math.max(0, round))) {
      const result = await measure(subject)
      if (round >= 0) results.get(subject.name)?.push(result)
    }
    say(round < 0 ? 'warm' : `round ${round + 1} of ${rounds}`)
  }
  return results
}

/** One number of each result, by subject. */
export function valuesOf<T>(results: Map<SubjectName, T[]>, pick: (result: T) => number): Record<string, number[]> {
  return Object.fromEntries([...results].map(([name, values]) => [name, values.map(pick)]))
}
