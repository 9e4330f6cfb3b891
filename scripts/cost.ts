// `npm run cost -- --accounts 1000 --companions 1000 --messages 30 …`: what the service costs, from what the tests have
// counted (bench/bill.json) and Cloudflare's prices (scripts/cost/prices.ts). Without arguments: the defaults. --json: as JSON.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { costOf, dollarsOf, freeADay, HABITS, monthOf, unitUsages, type Habits } from './cost/model.ts'
import { parseOptions } from './cost/options.ts'
import { PLAN_DOLLARS, PRICES, PRICES_READ, type Resource } from './cost/prices.ts'
import { compact, dollars, table } from './cost/table.ts'
import { TIMES, total, type Bill, type Times, type Usage } from './cost/usage.ts'

const BILL = resolve(import.meta.dirname, '../bench/bill.json')

const bill = JSON.parse(readFileSync(BILL, 'utf8')) as Bill
const { numbers, flags } = parseOptions(process.argv.slice(2), { ...HABITS, ...TIMES }, ['json', 'help'])
if (flags.has('help')) printHelp()
else print(numbers, numbers)

function print(habits: Habits, times: Times): void {
  const units = unitUsages(bill, times)
  const lines = monthOf(bill, habits, times)
  const month = total(...lines.map(({ usage }) => [usage, 1] as const))
  if (flags.has('json')) {
    const out = { habits, prices: PRICES_READ, units, lines, month, costs: costOf(month), dollars: dollarsOf(month) }
    console.log(JSON.stringify(out, null, 2))
    return
  }
  console.log(`Counted: bench/bill.json. Prices: Cloudflare's, read ${PRICES_READ} (scripts/cost/prices.ts).\n`)
  printUnits(units)
  console.log(
    `\nA month: ${compact(habits.accounts)} accounts, ${compact(habits.companions)} linked browsers, ${habits.messages} messages an account and day\n`,
  )
  console.log(
    table(
      ['', 'times', 'rows written', 'object requests', 'Worker requests', 'GB-s', '$'],
      lines.map(({ name, times: count, usage }) => [
        name,
        compact(count),
        compact(usage.rowsWritten),
        compact(usage.objectRequests),
        compact(usage.workerRequests),
        compact(usage.objectGbSeconds),
        dollars(dollarsOf(usage, true)),
      ]),
    ),
  )
  console.log(
    `\n${table(
      ['resource', 'used', 'included', '$'],
      costOf(month).map(({ resource, used, dollars: cost }) => [
        PRICES[resource].name,
        compact(used),
        compact(PRICES[resource].included),
        dollars(cost),
      ]),
    )}`,
  )
  console.log(`\nIn all ${dollars(dollarsOf(month))} a month, ${dollars(PLAN_DOLLARS)} of it the plan.`)
  const { times: carried, endedBy } = freeADay(total([month, 1 / 30]))
  console.log(
    carried >= 1
      ? `The free plan would carry this day ${compact(carried)} times; ${nameOf(endedBy)} end it.`
      : `The free plan carries ${compact(carried * 100)} % of such a day; ${nameOf(endedBy)} end it.`,
  )
}

function printUnits(units: Record<string, Usage>): void {
  const shown: [string, Usage | undefined][] = [
    ['an open link page, a minute', units.pageMinute],
    ['a link', units.link],
    ['a link by a typed code', units.linkTyped],
    ['a linked idle month', units.idleMonth],
    ['a resume', units.resume],
    ['a message, to no browser', units.message],
    ['a message, to one browser', units.messageToOne],
    ['a message, to four', units.messageToFour],
    ['a conversation read', units.read],
    ['a file sent', total([units.upload!, 1], [units.photo!, 1], [units.message!, 1])],
    ['a file looked at', units.download],
    ['a sign-in', units.signIn],
  ]
  const head = ['unit', 'Worker', 'object', 'GB-s', 'read', 'written', 'R2', '$ a million', 'free plan, a day']
  console.log(
    table(
      head,
      shown.map(([name, usage]) => {
        const one = usage ?? total()
        const { times, endedBy } = freeADay(one)
        return [
          name,
          compact(one.workerRequests),
          compact(one.objectRequests),
          compact(one.objectGbSeconds),
          compact(one.rowsRead),
          compact(one.rowsWritten),
          compact(one.r2ClassA + one.r2ClassB),
          dollars(dollarsOf(one, true) * 1_000_000),
          `${compact(Math.floor(times))} (${nameOf(endedBy)})`,
        ]
      }),
    ),
  )
}

function printHelp(): void {
  console.log(
    'npm run cost -- [--json] [--NAME NUMBER] …, where NAME is one of (see scripts/cost/model.ts and usage.ts):',
  )
  for (const [name, value] of Object.entries({ ...HABITS, ...TIMES })) console.log(`  --${name} ${value}`)
}

function nameOf(resource: Resource | null): string {
  return resource === null ? 'nothing' : PRICES[resource].name.toLowerCase()
}
