/** wrangler.toml holds its promises: what a deploy with the defaults does, and how little local use differs from it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { experimental_readRawConfig } from 'wrangler'
import { parseConfig } from '../../src/config.ts'

const FILE = resolve(import.meta.dirname, '../../wrangler.toml')

/** The parts of wrangler's configuration that are judged here. */
interface Configuration extends Record<string, unknown> {
  vars?: Record<string, string>
  r2_buckets?: unknown[]
  analytics_engine_datasets?: unknown[]
  observability?: { logs?: { invocation_logs?: boolean }; traces?: { enabled?: boolean } }
  migrations?: { new_sqlite_classes?: string[]; new_classes?: string[] }[]
  durable_objects?: { bindings: { class_name: string }[] }
  env?: { local?: Configuration }
}

const config = experimental_readRawConfig({ config: FILE }).rawConfig as Configuration
const local = config.env?.local ?? {}

describe('the default configuration', () => {
  it('names neither R2 nor Analytics Engine, so that it deploys on a fresh free account', () => {
    expect(config.r2_buckets ?? []).toEqual([])
    expect(config.analytics_engine_datasets ?? []).toEqual([])
    const uncommented = readFileSync(FILE, 'utf8').replaceAll(/^\s*#.*$/gm, '')
    expect(uncommented.split('[env.local')[0]).not.toMatch(/r2_buckets|analytics_engine/)
  })

  it('echoes no code and has no demo content', () => {
    expect(config.vars?.CODE_DELIVERY).toBe('webhook')
    expect(config.vars?.DEMO).toBe('off')
    const parsed = parseConfig(config.vars ?? {})
    expect(parsed.codeDelivery).toEqual({ kind: 'webhook', url: null, secret: null })
    expect(parsed.demo).toBe(false)
  })

  it('holds no secret', () => {
    const names = Object.keys({ ...config.vars, ...local.vars })
    expect(names.filter((name) => /SECRET|PASSWORD|PRIVATE/.test(name))).toEqual([])
  })

  it('S16: keeps platform request logs and traces off, whose paths would hold live tokens', () => {
    expect(config.observability?.logs?.invocation_logs).toBe(false)
    expect(config.observability?.traces?.enabled ?? false).toBe(false)
    expect(local.observability).toBeUndefined()
    expect(config.logpush ?? false).toBe(false)
  })

  it('keeps every object in SQLite, which the free plan has, and sets no routes', () => {
    const made = config.migrations?.flatMap((migration) => migration.new_sqlite_classes ?? []) ?? []
    const bound = config.durable_objects?.bindings.map(({ class_name: name }) => name) ?? []
    expect(made.toSorted()).toEqual(bound.toSorted())
    expect(config.migrations?.flatMap((migration) => migration.new_classes ?? [])).toEqual([])
    expect(config.routes ?? config.route).toBeUndefined()
  })
})

describe('[env.local]', () => {
  /** All that local use may differ in. */
  const DIFFERENT_VARS = { CODE_DELIVERY: 'echo', DEMO: 'on' }
  const MEDIA = [{ binding: 'MEDIA', bucket_name: 'tandem-media' }]

  it('repeats every var, but those that local use may have otherwise', () => {
    expect(local.vars).toEqual({ ...config.vars, ...DIFFERENT_VARS })
  })

  it('repeats every binding, and adds media', () => {
    const { vars: _, ...bindings } = local
    expect(bindings).toEqual({
      durable_objects: config.durable_objects,
      ratelimits: config.ratelimits,
      r2_buckets: MEDIA,
    })
  })

  it('leaves out no kind of binding that the default has', () => {
    const inherited = [
      'minify',
      'upload_source_maps',
      'name',
      'main',
      'compatibility_date',
      'workers_dev',
      'build',
      'assets',
      'observability',
    ]
    const elsewhere = ['migrations', 'env', 'vars', '$schema']
    const kinds = Object.keys(config).filter((key) => ![...inherited, ...elsewhere].includes(key))
    for (const kind of kinds) expect(Object.keys(local), kind).toContain(kind)
  })
})
