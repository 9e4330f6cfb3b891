/** The import law, seen to bite: a forbidden import is planted in each folder and lint must refuse it. */
import { execFile } from 'node:child_process'
import { mkdtemp, mkdir, rm, symlink, writeFile, copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
let house = ''

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'tandem-lint-'))
  await copyFile(join(ROOT, '.oxlintrc.json'), join(house, '.oxlintrc.json'))
  await symlink(join(ROOT, 'node_modules'), join(house, 'node_modules'))
})
afterAll(() => rm(house, { recursive: true }))

/** What lint says of one file with one import. */
async function lint(path: string, line: string): Promise<string> {
  const file = join(house, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${line}\nexport const used: unknown = Planted\n`)
  try {
    await run(process.execPath, [join(ROOT, 'node_modules/oxlint/bin/oxlint'), path], { cwd: house })
    return 'clean'
  } catch (error) {
    return (error as { stdout: string }).stdout
  } finally {
    await rm(file)
  }
}

describe('imports go one way', () => {
  const forbidden: [string, string][] = [
    ['src/protocol/a.ts', `import { Planted } from '../http/problem.ts'`],
    ['src/protocol/a.ts', `import { Planted } from 'hono'`],
    ['src/config.ts', `import { Planted } from './http/problem.ts'`],
    ['src/telemetry.ts', `import { Planted } from './identity/number.ts'`],
    ['src/http/a.ts', `import { Planted } from '../identity/keyring.ts'`],
    ['src/http/a.ts', `import { Planted } from '../account/rpc.ts'`],
    ['src/http/a.ts', `import { Planted } from '../app.ts'`],
    ['src/companion/a.ts', `import { Planted } from '../account/account.ts'`],
    ['src/companion/deep/a.ts', `import { Planted } from '../../account/account.ts'`],
    ['src/account/a.ts', `import { Planted } from '../identity/rpc.ts'`],
    ['src/identity/a.ts', `import { Planted } from '../media/routes.ts'`],
    ['src/media/a.ts', `import { Planted } from '../index.ts'`],
    ['src/client/a.ts', `import { Planted } from '../web/a.ts'`],
    ['src/client/a.ts', `import { Planted } from '../http/secrets.ts'`],
    ['src/web/phone/a.ts', `import { Planted } from '../../account/account.ts'`],
    ['src/client/a.ts', `import { Planted } from '../companion/rpc.ts'`],
    ['src/web/phone/a.ts', `import { Planted } from '../../companion/companion.ts'`],
    ['src/web/a.ts', `import { Planted } from 'hono'`],
    ['src/account/a.ts', `import { Planted } from './without-ending'`],
  ]
  it.each(forbidden)('%s may not: %s', async (path, line) => {
    expect(await lint(path, line)).toMatch(/no-restricted-imports|import\(extensions\)/)
  })

  const allowed: [string, string][] = [
    ['src/protocol/a.ts', `import { Planted } from './ids.ts'`],
    ['src/protocol/a.ts', `import * as Planted from 'valibot'`],
    ['src/account/a.ts', `import { Planted } from './rpc.ts'`],
    ['src/account/a.ts', `import { Planted } from '../http/secrets.ts'`],
    ['src/web/phone/a.ts', `import { Planted } from '../../client/phone.ts'`],
    ['src/web/try/a.ts', `import { Planted } from '../companion/link-screen.ts'`],
    ['src/client/a.ts', `import { Planted } from '../protocol/ids.ts'`],
    ['src/app.ts', `import { Planted } from './account/routes.ts'`],
  ]
  it.each(allowed)('%s may: %s', async (path, line) => {
    expect(await lint(path, line)).toBe('clean')
  })

  it('a room may import the types of another’s rpc.ts', async () => {
    const line = `import type { Named } from '../account/rpc.ts'\nconst Planted: Named | null = null`
    expect(await lint('src/identity/a.ts', line)).toBe('clean')
  })
})
