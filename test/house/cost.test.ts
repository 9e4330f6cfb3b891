/** The reckoning of what the service costs, on a bill of its own and on the pinned one. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { costOf, dollarsOf, freeADay, HABITS, monthOf, unitUsages } from '../../scripts/cost/model.ts'
import { parseOptions } from '../../scripts/cost/options.ts'
import { PLAN_DOLLARS, PRICES, type Resource } from '../../scripts/cost/prices.ts'
import { compact, dollars, table } from '../../scripts/cost/table.ts'
import { inBurst, TIMES, total, usageOf, type Bill, type Unit, type Usage } from '../../scripts/cost/usage.ts'

const bill = JSON.parse(readFileSync(new URL('../../bench/bill.json', import.meta.url), 'utf8')) as Bill
const NO_TIME = { cpuMs: 0, handlerMs: 0, hopMs: 0, proofMs: 0, idleMs: 0 }

function unit(parts: Partial<Unit>): Unit {
  return {
    what: '',
    workerRequests: {},
    objectRequests: {},
    socketMessages: {},
    rowsWritten: {},
    rowsRead: {},
    r2: {},
    ...parts,
  }
}

describe('what a unit uses', () => {
  it('counts twenty messages of a socket as one request, and each request, row and operation as one', () => {
    const usage = usageOf(
      unit({
        workerRequests: { 'GET /a': 2 },
        objectRequests: { 'Account.alarm': 1 },
        socketMessages: { Account: 5 },
        rowsWritten: { 'Account: insert a': 2, 'Account: insert b': 1 },
        rowsRead: { Account: 7 },
        r2: { put: 1, get: 1, head: 1, delete: 4 },
      }),
      NO_TIME,
    )
    expect(usage).toMatchObject({ workerRequests: 2, objectRequests: 1.25, rowsWritten: 3, rowsRead: 7 })
    expect(usage).toMatchObject({ r2ClassA: 1, r2ClassB: 2, objectGbSeconds: 0 })
  })

  it('keeps both objects awake while one waits for the other', () => {
    const times = { ...NO_TIME, handlerMs: 10, hopMs: 100 }
    const { objectGbSeconds } = usageOf(unit({ objectRequests: { 'Companion.push': 1, 'Account.alarm': 1 } }), times)
    expect(objectGbSeconds).toBeCloseTo(((10 + 10 + 100) / 1000) * 0.128)
  })

  it('shares the alarm after a change within a burst, and nothing else', () => {
    const { objectRequests, rowsWritten } = inBurst(
      unit({
        objectRequests: { 'Account.alarm': 2, 'Account.deliver': 1 },
        rowsWritten: {
          'Account: set alarm in 10 s': 2,
          'Companion: set alarm in 20 s': 1,
          'Account: insert events': 3,
        },
      }),
      4,
    )
    expect(objectRequests).toEqual({ 'Account.alarm': 0.5, 'Account.deliver': 1 })
    expect(rowsWritten).toEqual({
      'Account: set alarm in 10 s': 0.5,
      'Companion: set alarm in 20 s': 1,
      'Account: insert events': 3,
    })
  })
})

describe('what a usage costs', () => {
  it('is the plan alone up to what it includes, and the published price of a million beyond', () => {
    const included = total()
    for (const resource of Object.keys(PRICES) as Resource[]) included[resource] = PRICES[resource].included
    expect(dollarsOf(included)).toBe(PLAN_DOLLARS)
    expect(dollarsOf({ ...included, rowsWritten: included.rowsWritten + 3_000_000 })).toBeCloseTo(PLAN_DOLLARS + 3)
    expect(dollarsOf({ ...included, objectGb: included.objectGb + 10 })).toBeCloseTo(PLAN_DOLLARS + 2)
  })

  it('reproduces an example of the price list: 15 million requests of 7 ms are $8', () => {
    const usage = { ...total(), workerRequests: 15_000_000, workerCpuMs: 7 * 15_000_000 }
    expect(dollarsOf(usage)).toBeCloseTo(8)
  })

  it('reproduces another: 1.5 million requests to an object, 128,000 GB-s, before it rounds up', () => {
    const costs = costOf({ ...total(), objectRequests: 1_500_000, objectGbSeconds: 128_000 })
    expect(costs.find(({ resource }) => resource === 'objectRequests')?.dollars).toBeCloseTo(0.075)
    expect(costs.find(({ resource }) => resource === 'objectGbSeconds')?.dollars).toBe(0)
  })

  it('names what ends a day of the free plan', () => {
    expect(freeADay({ ...total(), rowsWritten: 20, objectRequests: 4 })).toEqual({
      times: 5_000,
      endedBy: 'rowsWritten',
    })
    expect(freeADay(total())).toEqual({ times: Infinity, endedBy: null })
  })
})

describe('a month', () => {
  it('of nobody costs the plan, and of a linked browser that idles next to nothing more', () => {
    const nobody = { ...HABITS, accounts: 0, companions: 0, isolates: 0 }
    expect(monthOf(bill, nobody, TIMES).every(({ usage }) => dollarsOf(usage, true) === 0)).toBe(true)
    const units = unitUsages(bill, TIMES)
    expect(dollarsOf(units.idleHour!, true)).toBe(0)
    expect(dollarsOf(units.idleMonth!, true)).toBeLessThan(0.00001)
  })

  it('grows in proportion with the people', () => {
    const sum = (many: number) => {
      const habits = { ...HABITS, accounts: many, companions: many, isolates: many / 10 }
      return total(...monthOf(bill, habits, TIMES).map(({ usage }) => [usage, 1] as const))
    }
    const [one, ten] = [sum(1_000), sum(10_000)]
    for (const resource of Object.keys(PRICES) as Resource[]) expect(ten[resource]).toBeCloseTo(10 * one[resource], 3)
  })

  it('never reckons with a negative part, on the pinned bill', () => {
    for (const usage of Object.values(unitUsages(bill, TIMES))) {
      for (const amount of Object.values(usage)) expect(amount).toBeGreaterThanOrEqual(0)
    }
  })

  it('counts a rotation as one alarm and one row, three a minute', () => {
    const { pageMinute } = unitUsages(bill, TIMES)
    expect(pageMinute?.rowsWritten).toBe(3)
    expect(Math.floor(pageMinute?.objectRequests ?? 0)).toBe(3)
  })
})

it('docs/scale.md shows what the pinned bill makes of each unit', () => {
  const units = unitUsages(bill, TIMES)
  const page = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8')
  const section = page.split('\n## ').find((part) => part.startsWith('One of each')) ?? ''
  const cells = [...section.matchAll(/^\| (a[^|]+) \|(.+)\|$/gm)].map(([, name, rest]) => [
    name,
    ...(rest ?? '').split('|').map((cell) => cell.trim()),
  ])
  const documented = cells.filter(({ length }) => length === 8)
  expect(documented).toHaveLength(10)
  const counted: Record<string, Usage | undefined> = {
    'an open link page, a minute': units.pageMinute,
    'a link': units.link,
    'a link by a typed code': units.linkTyped,
    'a linked browser that idles, a month': units.idleMonth,
    'a browser that comes back': units.resume,
    'a message, to no browser': units.message,
    'a message, to one browser': units.messageToOne,
    'a message, to four': units.messageToFour,
    'a conversation read': units.read,
    'a file sent': total([units.upload!, 1], [units.photo!, 1], [units.message!, 1]),
  }
  for (const [name = '', worker, object, , , written] of documented) {
    const usage = counted[name] ?? total()
    expect([worker, object, written], name).toEqual(
      [usage.workerRequests, usage.objectRequests, usage.rowsWritten].map(compact),
    )
  }
})

describe('the command line', () => {
  it('takes numbers by name, and says what it did not understand', () => {
    const defaults = { accounts: 1, messages: 2 }
    const { numbers, flags } = parseOptions(['--accounts', '1_000,000', '--json'], defaults, ['json'])
    expect(numbers).toEqual({ accounts: 1_000_000, messages: 2 })
    expect([...flags]).toEqual(['json'])
    for (const wrong of [['--acounts', '1'], ['--accounts'], ['--accounts', 'many'], ['--accounts', '-1']]) {
      expect(() => parseOptions(wrong, defaults)).toThrow(/unknown: --acounts|--accounts must be/)
    }
  })

  it('prints numbers to three digits that count', () => {
    expect([0, 0.019234, 5.374, 1234.5, 12_345_678, Infinity].map(compact)).toEqual([
      '0',
      '0.0192',
      '5.37',
      '1,235',
      '12.3M',
      '∞',
    ])
    expect([0, 0.0001, 3, 12345.678].map(dollars)).toEqual(['$0.00', '$0.0001', '$3.00', '$12,345.68'])
    expect(table(['a', 'b'], [['x', '10']])).toBe('a   b\n─  ──\nx  10')
  })
})
