import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Check, checks } from './checks.js'
import { install } from './installation.js'
import { writePage } from './page.js'
import { checkedOut, type Finding, record } from './record.js'
import { root, runtimeNamed, runtimes } from './runtimes.js'
import { bundleWorker } from './worker-bundle.js'

const minutes = 30

/** Runs every check of the runtimes that `args` name, of all where they name none. Answers how many failed. */
export async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => arg !== '--write')
  const wanted = names.length === 0 ? runtimes : names.map(runtimeNamed)
  install(wanted)
  if (wanted.some(({ name }) => name === 'workers')) await bundleWorker()
  let failed = 0
  for (const check of checks.filter(({ runtime }) => wanted.some(({ name }) => name === runtime))) {
    const { title } = runtimeNamed(check.runtime)
    const began = performance.now()
    const finding = await run(check)
    const seconds = Math.round((performance.now() - began) / 1000)
    if (finding.failed > 0) failed += 1
    const { passed, skipped } = finding
    const counts = `${passed} passed, ${skipped} skipped, ${finding.failed} failed`
    console.log(`${finding.failed > 0 ? 'FAILED' : 'ok    '} ${title}, ${check.area}: ${counts} (${seconds} s)`)
    if (args.includes('--write')) writePage(record([finding]))
  }
  return failed
}

/** Runs one check; what it prints is shown only where it fails. */
async function run(check: Check): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-runtimes-'))
  const report = join(folder, 'report.json')
  const { file, args, env } = check.command()
  const child = spawn(file, [...args, '--root', '.', '--reporter=json', `--outputFile=${report}`], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const limit = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(limit)
  const counts = counted(report, code)
  rmSync(folder, { recursive: true })
  if (counts.complaints.length > 0) console.log(counts.complaints.join('\n'), output.slice(-4000))
  const { version } = runtimeNamed(check.runtime)
  const { passed, skipped, failed } = counts
  const date = new Date().toISOString().slice(0, 10)
  return { runtime: check.runtime, version, area: check.area, passed, skipped, failed, commit: checkedOut(), date }
}

interface Report {
  readonly numPassedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** What vitest reports. A file that did not load is a failure, and so is a run that ended badly whatever its tests say. */
function counted(report: string, code: number | null) {
  let found: Report | undefined
  try {
    found = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { passed: 0, skipped: 0, failed: 1, complaints: [`There is no report; the run ended with ${code}`] }
  }
  const { numPassedTests: passed, numPendingTests, numTodoTests, testResults } = found as Report
  const complaints = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failures = assertionResults.filter((test) => test.status === 'failed')
    const told = failures.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]?.slice(0, 300)}`)
    return status === 'failed' && told.length === 0 ? [`${name}: ${message}`] : told
  })
  if (complaints.length === 0 && (code !== 0 || passed === 0)) complaints.push(`The run ended with ${code}`)
  return { passed, skipped: numPendingTests + numTodoTests, failed: complaints.length, complaints }
}
