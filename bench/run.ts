/**
 * `npm run bench`: measures, prints one table and stores it as JSON.
 *
 *   --only link,stream    these figures only         --rounds 7    more rounds than five
 *   --against last        compares with the newest stored run, or with the named file of bench/results
 *   --quick               small numbers, one look that everything works; is not stored
 *   --soak                the long ones, one round (`npm run bench:soak`)
 */
import { parseArgs } from 'node:util'
import { FIGURES, SOAKS } from './figures/all.ts'
import { startGenerator } from './load/driver.ts'
import { comparisonOf } from './measure/compare.ts'
import type { Figure } from './measure/figure.ts'
import { describeRun, readRun, storeRun } from './measure/results.ts'
import { tableOf } from './measure/table.ts'

const ROUNDS = 5

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    against: { type: 'string' },
    quick: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
  },
})

const all = options.soak ? SOAKS : FIGURES
const wanted = options.only?.split(',') ?? Object.keys(all)
const unknown = wanted.filter((name) => !(name in all))
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}.`)
  process.exit(2)
}
const before = options.against === undefined ? null : await readRun(options.against)
if (options.against !== undefined && before === null) {
  console.error('There is no such run in bench/results.')
  process.exit(2)
}

const rounds = options.soak ? 1 : Number(options.rounds ?? (options.quick ? 1 : ROUNDS))
const run = describeRun(`npm run bench${options.soak ? ':soak' : ''} -- ${process.argv.slice(2).join(' ')}`)
const generator = startGenerator()
const figures: Figure[] = []
try {
  for (const name of wanted) {
    const say = (line: string): void => console.error(`${name}: ${line}`)
    const plan = { rounds, quick: options.quick, say }
    try {
      figures.push(...((await all[name]?.(generator, plan)) ?? []))
    } catch (error) {
      // What was measured until then is not thrown away with it.
      console.error(error)
      process.exitCode = 1
    }
  }
} finally {
  generator.stop()
}

console.log(`\n${tableOf(figures)}\n`)
const { cpu, cores, load } = run.machine
console.log(`${run.at}, commit ${run.commit}, ${cores} × ${cpu}, load before ${load.join(' ')}`)
if (!options.quick) console.log(`Stored as ${await storeRun({ ...run, figures })}`)
if (before !== null) {
  console.log(`\nAgainst ${before.at}, commit ${before.commit}:`)
  for (const line of comparisonOf(before.figures, figures)) console.log(`  ${line}`)
}
