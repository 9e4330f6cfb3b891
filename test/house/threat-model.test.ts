/** docs/threat-model.md names the test behind each rule, and each test that it names is there. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const document = readFileSync(resolve(ROOT, 'docs/threat-model.md'), 'utf8')
/** A row of the table: its rule, and all that stands after it. */
const ROW = /^\| (S\d+) \| (.*) \|$/gm
/** A file and the name of a test in it. */
const TEST = /`(test\/[^`]+\.ts)`: “([^”]+)”/g
const RULES = Array.from({ length: 33 }, (_, index) => `S${index + 1}`)
const rows = new Map(
  [...document.matchAll(ROW)].map(([, rule = '', cells = '']) => [
    rule,
    [...cells.matchAll(TEST)].map(([, file = '', name = '']) => ({ file, name })),
  ]),
)

describe('the threat model', () => {
  it('has a row for every rule, in order', () => {
    expect([...rows.keys()]).toEqual(RULES)
  })

  it('names a test for every rule', () => {
    expect(RULES.filter((rule) => rows.get(rule)?.length === 0)).toEqual([])
  })

  for (const [rule, tests] of rows) {
    it(`names tests of ${rule} that are there`, () => {
      for (const { file, name } of tests) {
        expect(existsSync(resolve(ROOT, file)), file).toBe(true)
        expect(readFileSync(resolve(ROOT, file), 'utf8'), file).toContain(`'${name}'`)
      }
    })
  }
})
