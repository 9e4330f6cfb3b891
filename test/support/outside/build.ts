/**
 * Builds the Worker once for all tests from outside: the same bundle that `wrangler deploy` would upload.
 * A vitest globalSetup, and a function that anything else which runs the built Worker can call.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { unstable_getMiniflareWorkerOptions as readOptions } from 'wrangler'

/** What a host needs to run the built Worker; plain data, so that it travels to another process. */
export interface Built {
  /** Holds the bundle. */
  directory: string
  script: string
  /** Miniflare's options for the Worker by configuration of wrangler.toml. */
  options: { local: Record<string, unknown>; default: Record<string, unknown> }
}

declare module 'vitest' {
  interface ProvidedContext {
    built: Built
  }
}

const ROOT = resolve(import.meta.dirname, '../../..')
const CONFIG = join(ROOT, 'wrangler.toml')

/**
 * Builds the Worker into a new temporary directory. The caller removes it.
 * @param entry - instead of wrangler.toml's `main`, from the root
 */
export async function buildWorker(entry?: string): Promise<Built> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-built-'))
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
  const args = [wrangler, 'deploy', '--dry-run', '--outdir', directory, '--config', CONFIG, '--env=']
  if (entry !== undefined) args.push(join(ROOT, entry))
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: directory, CI: 'true' }
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env, timeout: 60_000 })
  const script = (await readdir(directory)).find((name) => name.endsWith('.js'))
  if (script === undefined || !existsSync(join(directory, script))) throw new Error('wrangler built no script')
  return {
    directory,
    script: join(directory, script),
    options: { local: optionsOf('local'), default: optionsOf(undefined) },
  }
}

/** Of the vitest projects that need the Worker, which run in one process, the first builds it. */
const shared = globalThis as { tandemBuilt?: Promise<Built> }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.tandemBuilt ??= buildWorker()
  const built = await shared.tandemBuilt
  project.provide('built', built)
  return () => rm(built.directory, { recursive: true, force: true })
}

/** `.dev.vars` of whoever runs the tests is left out: what is tested is wrangler.toml. */
function optionsOf(environment: string | undefined): Record<string, unknown> {
  const { workerOptions } = readOptions(CONFIG, environment, { envFiles: [] } as object)
  return JSON.parse(JSON.stringify(workerOptions)) as Record<string, unknown>
}
