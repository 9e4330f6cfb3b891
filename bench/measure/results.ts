/** The history: one file a run in bench/results, named by its date and commit. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { type Figure, judge } from './figure.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const RESULTS = join(ROOT, 'bench/results')

/** A run as it is stored. */
export interface Run {
  at: string
  commit: string
  /** The command that repeats it. */
  command: string
  machine: { cpu: string; cores: number; memoryGiB: number; kernel: string; node: string; load: number[] }
  figures: Figure[]
}

/** What a run is to be known by. */
export function describeRun(command: string): Omit<Run, 'figures'> {
  const [cpu] = cpus()
  return {
    at: new Date().toISOString(),
    commit: commit(),
    command,
    machine: {
      cpu: cpu?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.version,
      load: loadavg().map((value) => Math.round(value * 100) / 100),
    },
  }
}

/** Stores a run beside the others. @returns the file's path from the root */
export async function storeRun(run: Run): Promise<string> {
  await mkdir(RESULTS, { recursive: true })
  const stem = `${run.at.slice(0, 10)}-${run.commit}`
  let name = `${stem}.json`
  for (let more = 2; existsSync(join(RESULTS, name)); more++) name = `${stem}-${more}.json`
  const judged = { ...run, figures: run.figures.map((figure) => ({ ...figure, verdicts: judge(figure) })) }
  await writeFile(join(RESULTS, name), `${JSON.stringify(judged, rounded, 1)}\n`)
  return `bench/results/${name}`
}

/** The newest stored run, or the one of this file name; null if there is none. */
export async function readRun(name: string): Promise<Run | null> {
  const files = existsSync(RESULTS) ? (await readdir(RESULTS)).filter((file) => file.endsWith('.json')) : []
  const runs = await Promise.all(
    files.map(async (file) => ({ file, run: JSON.parse(await readFile(join(RESULTS, file), 'utf8')) as Run })),
  )
  const newest = runs.toSorted((a, b) => b.run.at.localeCompare(a.run.at))
  return (name === 'last' ? newest[0] : newest.find(({ file }) => file === name))?.run ?? null
}

/** The commit that was measured; `+` when there are changes on top of it. */
function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  try {
    const isChanged = git('status', '--porcelain', '--', 'src', 'bench', 'package.json') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`
  } catch {
    return 'unknown'
  }
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}
