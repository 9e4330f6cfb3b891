/** The parent's side of the load generator. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Order, Report } from './generator.ts'
import type { Target } from './people.ts'
import type { tasks } from './tasks.ts'

type Tasks = typeof tasks
type SettingsOf<T extends keyof Tasks> =
  Parameters<Tasks[T]> extends [Target, infer S] ? S & object : Record<string, never>

export interface Generator {
  /** Has a task done. @throws Error that the generator met */
  run<T extends keyof Tasks>(task: T, target: Target, settings: SettingsOf<T>): Promise<Awaited<ReturnType<Tasks[T]>>>
  stop(): void
}

/** Starts the generator. */
export function startGenerator(): Generator {
  const child = fork(join(import.meta.dirname, 'generator.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  let last = 0
  child.on('message', (report: Report) => {
    const asked = waiting.get(report.number)
    waiting.delete(report.number)
    if ('error' in report) asked?.reject(new Error(report.error))
    else asked?.resolve(report.result as never)
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the load generator ended'))
  })
  return {
    run(task, target, settings) {
      const number = ++last
      const { promise, resolve, reject } = Promise.withResolvers<never>()
      waiting.set(number, { resolve, reject })
      const { origin, kind } = target
      child.send({ number, task, target: { origin, kind }, settings } satisfies Order)
      return promise
    },
    stop() {
      child.disconnect()
    },
  }
}
