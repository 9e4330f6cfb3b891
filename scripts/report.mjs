// Reads vitest's JSON reports and says, as its last line, how many tests passed and failed in all of them.
// A check that failed before or beside the tests (format, lint, types, a broken file) counts as one failure.
import { existsSync, readFileSync } from 'node:fs'

const [checks, ...files] = process.argv.slice(2)
const reports = files.filter(existsSync).map((file) => JSON.parse(readFileSync(file, 'utf8')))
const passed = sum(({ numPassedTests }) => numPassedTests)
let failed = sum(({ numFailedTests }) => numFailedTests)
// Suites that could not even be loaded hold no failed test.
failed += sum(({ testResults = [] }) => testResults.filter(isBrokenSuite).length)
if (failed === 0 && (checks !== '0' || reports.length < files.length)) failed = 1

const left = sum(({ numPendingTests, numTodoTests }) => numPendingTests + numTodoTests)
if (left > 0) console.log(`${left} left out`)
process.exitCode = failed > 0 ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)

function sum(count) {
  return reports.reduce((total, report) => total + count(report), 0)
}

function isBrokenSuite({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((result) => result.status === 'failed')
}
