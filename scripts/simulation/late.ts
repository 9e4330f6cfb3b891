/** A link page whose alarms are late: how much of its time shows a code that no phone can use any more. */
import { createRandom } from './random.ts'

export interface LateSettings {
  seed: number
  rotations: number
  /** The share of alarms that are late, by up to a minute. */
  late: number
  latestMs: number
  rotateMs: number
  graceMs: number
}

export const LATE: LateSettings = {
  seed: 1,
  rotations: 1_000_000,
  late: 1,
  latestMs: 60_000,
  rotateMs: 20_000,
  graceMs: 20_000,
}

/** A code is good to its end and for the grace after it, whether or not the next one has come. */
export function simulateLate(settings: LateSettings): { deadShare: number; longestDeadMs: number } {
  const { late, latestMs, rotateMs, graceMs } = settings
  const random = createRandom(settings.seed)
  let [shown, dead, longestDeadMs] = [0, 0, 0]
  for (let rotation = 0; rotation < settings.rotations; rotation++) {
    const lateMs = random.next() < late ? random.next() * latestMs : 0
    const deadMs = Math.max(0, lateMs - graceMs)
    shown += rotateMs + lateMs
    dead += deadMs
    longestDeadMs = Math.max(longestDeadMs, deadMs)
  }
  return { deadShare: dead / shown, longestDeadMs }
}
