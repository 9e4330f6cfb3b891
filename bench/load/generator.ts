/** The load generator: a process of its own, told over IPC what to do, to loopback only. It ends with its parent. */
import { tasks } from './tasks.ts'
import type { Target } from './people.ts'

/** One order; the answer bears its number. */
export interface Order {
  number: number
  task: keyof typeof tasks
  target: Target
  settings: object
}

export type Report = { number: number; result: unknown } | { number: number; error: string }

process.on('message', (order: Order) => void obey(order))
process.once('disconnect', () => process.exit(0))

async function obey({ number, task, target, settings }: Order): Promise<void> {
  const report: Report = await perform(task, target, settings).then(
    (result) => ({ number, result }),
    (error: unknown) => ({ number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
  process.send?.(report)
}

async function perform(task: Order['task'], target: Target, settings: object): Promise<unknown> {
  const { hostname } = new URL(target.origin)
  if (hostname !== '127.0.0.1') throw new Error('load goes to loopback only')
  return (tasks[task] as (target: Target, settings: object) => Promise<unknown>)(target, settings)
}
