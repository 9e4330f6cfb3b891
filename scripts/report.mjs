// Reads vitest's JSON report and says, as its last line, how many tests passed and failed.
// A check that failed before or beside the tests (format, lint, types, a broken file) counts as one failure.
import { existsSync, readFileSync } from 'node:fs'

const [file, checks] = process.argv.slice(2)
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
const passed = report?.numPassedTests ?? 0
let failed = report?.numFailedTests ?? 0
// Suites that could not even be loaded hold no failed test.
failed += (report?.testResults ?? []).filter(({ status, assertionResults }) => {
  return status === 'failed' && !assertionResults.some((result) => result.status === 'failed')
}).length
if (failed === 0 && (checks !== '0' || report === null)) failed = 1

const left = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
if (left > 0) console.log(`${left} left out`)
process.exitCode = failed > 0 ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)
