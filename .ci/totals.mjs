// Prints "<passed> <failed>" from vitest's JSON report and exit code. A file that failed without a failed test in it (it could
// not be loaded) counts as one failure, and so does a run that failed for a reason that no test shows.
import { readFileSync } from 'node:fs'

const [file, exitCode] = process.argv.slice(2)
let passed = 0
let failed = 0
try {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed = report.numPassedTests
  failed = report.numFailedTests
  for (const suite of report.testResults) {
    if (suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed')) failed += 1
  }
  const skipped = report.numPendingTests + report.numTodoTests
  if (skipped > 0) console.error(`${skipped} skipped`)
} catch (error) {
  console.error(`No report of the tests: ${error}`)
}
if (exitCode !== '0' && failed === 0) failed = 1
console.log(passed, failed)
