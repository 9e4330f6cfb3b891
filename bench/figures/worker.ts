/** The Worker's size, and the CPU that its script takes before it can answer. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { buildWorker } from '../../test/support/outside/build.ts'
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import type { Plan } from '../measure/rounds.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
const KIB = 1024

/** A CPU profile as V8 writes it, as much as is needed. */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string } }[]
  samples: number[]
  timeDeltas: number[]
}

/** `wrangler check startup` evaluates the bundle in the runtime under its profiler. */
export async function measureWorker(_: Generator, { rounds, say }: Plan): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-bench-startup-'))
  try {
    const built = await buildWorker()
    const size = gzipSync(await readFile(built.script)).length
    await rm(built.directory, { recursive: true, force: true })
    const floor = join(directory, 'floor.toml')
    await writeFile(
      floor,
      `name = "floor"\nmain = "${join(ROOT, 'bench/floor/worker.ts')}"\n${await compatibilityDate()}\n`,
    )
    const subjects = { tandem: 'wrangler.toml', floor }
    const values: Record<string, number[]> = { tandem: [], floor: [] }
    for (const [name, config] of Object.entries(subjects)) {
      const bundle = join(directory, `${name}.bundle`)
      await wrangler(directory, 'deploy', '--dry-run', '--minify', '--config', config, '--env=', '--outfile', bundle)
    }
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(subjects)) {
        const profile = join(directory, 'startup.cpuprofile')
        const bundle = join(directory, `${name}.bundle`)
        await wrangler(directory, 'check', 'startup', '--worker', bundle, '--outfile', profile)
        values[name]?.push(activeMs(JSON.parse(await readFile(profile, 'utf8')) as Profile))
      }
      say(`round ${round + 1} of ${rounds}`)
    }
    return [
      {
        id: 'worker.size',
        name: 'the Worker, gzipped',
        unit: 'KiB',
        better: 'less',
        values: { tandem: [size / KIB] },
        targets: [{ of: 'tandem', base: null, is: 'at most', limit: 150 }],
      },
      {
        id: 'worker.startup',
        name: 'CPU of its start (a second is allowed)',
        unit: 'ms',
        better: 'less',
        values,
        targets: [{ of: 'tandem', base: null, is: 'at most', limit: 1_000 }],
      },
    ]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The line of wrangler.toml. */
async function compatibilityDate(): Promise<string> {
  const config = await readFile(join(ROOT, 'wrangler.toml'), 'utf8')
  return /^compatibility_date = .*$/m.exec(config)?.[0] ?? ''
}

/** All that was not idling, the runtime's own part included. */
function activeMs({ nodes, samples, timeDeltas }: Profile): number {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]))
  const active = samples.map((id, index) => (names.get(id) === '(idle)' ? 0 : (timeDeltas[index] ?? 0)))
  return active.reduce((sum, microseconds) => sum + microseconds, 0) / 1000
}

async function wrangler(log: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: log, CI: 'true' }
  await promisify(execFile)(process.execPath, [WRANGLER, ...args], { cwd: ROOT, env, timeout: 120_000 })
}
