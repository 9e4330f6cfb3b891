// `npm run simulate -- [day|storm|hot|late] [--name number …]`: queues and waits against the documented limits, repeated by
// its seed. Without a name: all four, with the figures of docs/scale.md. `check`: a storm on the real runtime, beside the
// simulated one.
import { parseOptions } from './cost/options.ts'
import { compact, table } from './cost/table.ts'
import { DAY, simulateDay } from './simulation/day.ts'
import { simulateHot } from './simulation/hot.ts'
import { LATE, simulateLate } from './simulation/late.ts'
import { measureStorm } from './simulation/measure.ts'
import { simulateStorm, STORM, type StormResult } from './simulation/storm.ts'

const LIMIT = 1_000
const LOADS = [0.5, 0.8, 0.9, 0.95, 0.99, 1.1]
/** The last two are the way out of what the ones before show. */
const CASES = [
  { sockets: 500, accountsAnIsolate: 1 },
  { sockets: 10_000, accountsAnIsolate: 1 },
  { sockets: 100_000, accountsAnIsolate: 1 },
  { sockets: 100_000, accountsAnIsolate: 10 },
  { sockets: 1_000_000, accountsAnIsolate: 10 },
  { sockets: 1_000_000, accountsAnIsolate: 100 },
  { sockets: 100_000, accountsAnIsolate: 1, keyrings: 64 },
  { sockets: 1_000_000, accountsAnIsolate: 10, keyrings: 64 },
]
const LATENESS = [0, 0.01, 0.1, 1]

const [asked = 'all', ...rest] =
  process.argv[2]?.startsWith('--') === false ? process.argv.slice(2) : ['all', ...process.argv.slice(2)]
const simulations: Record<string, () => void> = { day, storm, hot, late }
if (asked === 'all') for (const simulation of Object.values(simulations)) simulation()
else if (asked === 'check') await check()
else if (simulations[asked] === undefined) throw new Error(`one of ${Object.keys(simulations).join(', ')}, check`)
else simulations[asked]()

function day(): void {
  const { numbers } = parseOptions(asked === 'day' ? rest : [], DAY)
  const result = simulateDay(numbers)
  heading(
    `A day of ${compact(numbers.accounts)} people, ${compact(result.messages)} messages, ${compact(result.links)} links`,
  )
  console.log(
    table(
      ['', 'figure'],
      [
        ['requests to objects in the busiest second', compact(result.busiestSecond)],
        ['the account most written to: requests that day', compact(result.hottest.requests)],
        ['… in its busiest second', compact(result.hottest.busiestSecond)],
        ['… longest queue', compact(result.hottest.longestQueue)],
        ['wait for an account: median', ms(result.waits.p50Ms)],
        ['… 99 %', ms(result.waits.p99Ms)],
        ['… 99.99 %', ms(result.waits.p9999Ms)],
        ['… longest', ms(result.waits.longestMs)],
        ['accounts in memory at once', compact(result.awakeAtOnce)],
        ['the Keyring: asked', compact(result.keyring.asked)],
        ['… in its busiest second', compact(result.keyring.busiestSecond)],
        ['… longest wait', ms(result.keyring.longestMs)],
      ],
    ),
  )
}

function storm(): void {
  const isOne = asked === 'storm' && rest.length > 0
  const { numbers } = parseOptions(isOne ? rest : [], STORM)
  const cases = isOne ? [numbers] : CASES.map((one) => ({ ...STORM, ...one }))
  heading(`All sockets drop at once (${STORM.devices} browsers an account, an object takes ${LIMIT} a second)`)
  console.log(
    table(
      [
        'sockets / accounts an isolate / Keyrings',
        'busiest second',
        'half back',
        '99 % back',
        'all back',
        'Keyring asked',
        'queue',
        'wait p50',
        'wait p99',
        'failed',
      ],
      cases.map((settings) => {
        const { busiestShare, backMs, keyring, failed } = simulateStorm(settings)
        return [
          `${compact(settings.sockets)} / ${settings.accountsAnIsolate} / ${settings.keyrings}`,
          `${compact(busiestShare * 100)} %`,
          ms(backMs.half),
          ms(backMs.most),
          ms(backMs.all),
          compact(keyring.asked),
          compact(keyring.longestQueue),
          ms(keyring.p50Ms),
          ms(keyring.p99Ms),
          compact(failed),
        ]
      }),
    ),
  )
}

function hot(): void {
  const { numbers } = parseOptions(asked === 'hot' ? rest : [], { seed: 1, perSecond: LIMIT, seconds: 600 })
  heading(`One object that takes ${compact(numbers.perSecond)} requests a second, for ${numbers.seconds} s`)
  console.log(
    table(
      ['arrivals a second', 'longest queue', 'wait p50', 'wait p99', 'longest'],
      LOADS.map((load) => {
        const arrivals = load * numbers.perSecond
        const { longestQueue, p50Ms, p99Ms, longestMs } = simulateHot({ ...numbers, arrivals })
        return [compact(arrivals), compact(longestQueue), ms(p50Ms), ms(p99Ms), ms(longestMs)]
      }),
    ),
  )
}

function late(): void {
  const { numbers } = parseOptions(asked === 'late' ? rest : [], LATE)
  heading(`Link pages whose alarms are late by up to ${ms(numbers.latestMs)}`)
  console.log(
    table(
      ['alarms late', 'of its time a page shows a dead code', 'longest'],
      (asked === 'late' && rest.includes('--late') ? [numbers.late] : LATENESS).map((share) => {
        const { deadShare, longestDeadMs } = simulateLate({ ...numbers, late: share })
        return [`${compact(share * 100)} %`, `${compact(deadShare * 100)} %`, ms(longestDeadMs)]
      }),
    ),
  )
}

/** One point of the storm on the runtime of this machine, where a call takes hardly any time. */
async function check(): Promise<void> {
  const { numbers } = parseOptions(rest, { seed: 1, people: 125, devices: 4, proofMs: 10, hopMs: 2 })
  const { people, devices } = numbers
  heading(`${people * devices} linked browsers, all cut at once after a kill of the runtime`)
  const measured = await measureStorm(people, devices)
  const simulated = simulateStorm({ ...STORM, ...numbers, sockets: people * devices })
  const row = (name: string, of: (one: Pick<StormResult, 'busiestShare' | 'backMs' | 'dials'>) => string): string[] => [
    name,
    of(measured),
    of(simulated),
  ]
  console.log(
    table(
      ['', 'measured', 'simulated'],
      [
        row('share of the busiest second', ({ busiestShare }) => `${compact(busiestShare * 100)} %`),
        row('half back', ({ backMs }) => ms(backMs.half)),
        row('99 % back', ({ backMs }) => ms(backMs.most)),
        row('all back', ({ backMs }) => ms(backMs.all)),
        row('dials, second by second', ({ dials }) => dials.join(' ')),
      ],
    ),
  )
}

function heading(text: string): void {
  console.log(`\n${text}\n`)
}

function ms(milliseconds: number): string {
  return milliseconds >= 10_000 ? `${compact(milliseconds / 1_000)} s` : `${compact(milliseconds)} ms`
}
