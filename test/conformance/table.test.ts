/** Holds the table to the tests, and docs/conformance.md to the table. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requirements, type Requirement } from './requirements.ts'

const SECTIONS = [
  'The companion’s socket',
  'The stream',
  'The code’s picture',
  'The phone',
  'Media',
  'Close codes',
  'Around it',
]
const FOLDER = import.meta.dirname

const rows = Object.entries(requirements) as [string, Requirement][]
const tested = new Map<string, string>()
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.test.ts'))) {
  const source = readFileSync(join(FOLDER, file), 'utf8')
  for (const [, id] of source.matchAll(/\brequirement\(\s*'([\d.]+)'/g)) tested.set(id!, file)
}

test('every requirement has a test of its id, or names what it waits for', () => {
  const bare = rows.filter(([id, row]) => !tested.has(id) && row.waitsFor === undefined && row.shownBy === undefined)
  expect(bare.map(([id]) => id)).toEqual([])
})

test('no requirement that is tested says that it waits', () => {
  expect(rows.filter(([id, row]) => tested.has(id) && row.waitsFor !== undefined).map(([id]) => id)).toEqual([])
})

test('the tests elsewhere that are named are there', () => {
  const named = rows.flatMap(([, row]) => row.shownBy ?? [])
  expect(named.filter((path) => !existsSync(join(FOLDER, '../..', path)))).toEqual([])
})

test('docs/conformance.md agrees with the table (npx vitest run --project conformance -u writes it)', async () => {
  await expect(describeTable()).toMatchFileSnapshot('../../docs/conformance.md')
})

function describeTable(): string {
  const waiting = rows.filter(([, row]) => row.waitsFor !== undefined).length
  const lines = [
    '# Conformance',
    '',
    'What the contract (`docs/protocol.md`) promises, and the test that shows it. The tests are in `test/conformance/`:',
    'they run the built Worker and drive it from outside, over HTTP and WebSocket only, with clients that share no code',
    'with it. S… names the rule of `docs/threat-model.md` that a row shows.',
    '',
    `${rows.length} requirements, ${rows.length - waiting} tested, ${waiting} waiting. Written by \`test/conformance/table.test.ts\`; do not edit.`,
  ]
  for (const [index, title] of SECTIONS.entries()) {
    lines.push('', `## ${index + 1}. ${title}`, '', '| # | must hold | rule | test |', '| --- | --- | --- | --- |')
    for (const [id, row] of rows.filter(([name]) => name.startsWith(`${index + 1}.`))) {
      const shown = row.waitsFor === undefined ? `\`${row.shownBy ?? tested.get(id)}\`` : `waits for ${row.waitsFor}`
      lines.push(`| ${id} | ${row.text} | ${row.rule ?? ''} | ${shown} |`)
    }
  }
  return `${lines.join('\n')}\n`
}
