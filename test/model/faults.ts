/**
 * Calls between objects that fail: before they did anything, or after they did it and before the answer came. Also knows
 * which calls are under way, so that a test can await the moment when nothing is.
 */
import { vi } from 'vitest'
import { Account } from '../../src/account/account.ts'
import { Companion } from '../../src/companion/companion.ts'

export type When = 'before' | 'after'

const ACCOUNT_CALLS = [
  'deliver',
  'pull',
  'connectDevice',
  'disconnectDevice',
  'deviceRequests',
  'peerCard',
  'peerTyping',
] as const
const COMPANION_CALLS = ['push', 'end'] as const
/** Counted while under way, never made to fail: they are called by the runtime. */
const EVENTS = ['webSocketMessage', 'webSocketClose', 'alarm'] as const

export const FAILING_CALLS = [...ACCOUNT_CALLS, ...COMPANION_CALLS]
export type FailingCall = (typeof FAILING_CALLS)[number]

const IDLE_MS = 5_000

export class Faults {
  readonly #planned = new Map<string, When[]>()
  readonly #undo: (() => void)[] = []
  #underWay = 0

  /**
   * Wraps the classes' prototypes until {@link uninstall}. Not by `vi.spyOn`, which keeps every argument and result of a
   * run's thousands of calls.
   */
  install(): void {
    // Every planned failure is also recorded on the console.
    for (const way of ['log', 'error'] as const) vi.spyOn(console, way).mockReturnValue()
    for (const name of [...ACCOUNT_CALLS, ...EVENTS]) this.#wrap(Account.prototype, name)
    for (const name of [...COMPANION_CALLS, ...EVENTS]) this.#wrap(Companion.prototype, name)
  }

  uninstall(): void {
    for (const undo of this.#undo.splice(0)) undo()
    vi.restoreAllMocks()
  }

  /** The next `times` calls of this name fail. */
  plan(call: FailingCall, when: When, times: number): void {
    this.#planned.set(call, [...(this.#planned.get(call) ?? []), ...Array<When>(times).fill(when)])
  }

  /** From now on nothing fails. */
  clear(): void {
    this.#planned.clear()
  }

  /**
   * Resolves when no call is under way. @throws Error when that takes too long
   * Asked by a timer: a promise that an object's call resolves would go on in that object's context (2026-11-22).
   */
  async idle(): Promise<void> {
    const late = performance.now() + IDLE_MS
    while (this.#underWay > 0) {
      if (performance.now() > late) throw new Error(`${this.#underWay} calls are still under way`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #wrap(prototype: object, name: string): void {
    const target = prototype as Record<string, (...given: unknown[]) => unknown>
    const original = target[name]
    if (original === undefined) throw new TypeError(`there is no ${name}`)
    const planned = (): When | undefined => this.#planned.get(name)?.shift()
    const count = (change: 1 | -1): void => void (this.#underWay += change)
    this.#undo.push(() => void (target[name] = original))
    target[name] = async function (this: unknown, ...given: unknown[]) {
      const when = planned()
      if (when === 'before') throw new Error('planned to fail before')
      count(1)
      try {
        const result = await Reflect.apply(original, this, given)
        if (when === 'after') throw new Error('planned to fail after')
        return result
      } finally {
        count(-1)
      }
    }
  }
}
