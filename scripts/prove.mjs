// npm run prove: the long forms of the proofs whose short forms run in CI. `npm run prove` runs every part, `npm run prove --
// linearizability` those that are named, `-- --list` tells what there is. Each part's output is shown as it comes; the
// summary stands at the end, and the exit code is 1 if any part failed or went on for longer than its minutes.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Suites of vitest, in files or folders. */
const vitest = (...paths) => [`${root}node_modules/.bin/vitest`, 'run', ...paths]

/**
 * The parts, by name and in the order in which they run. `env` is what makes the form a long one; a variable that is set already
 * stays as it is, so that `LATCHKEY_IMPORT_ROWS=9000 npm run prove -- import` is a shorter long form.
 */
const parts = {
  import: {
    proves: 'a hundred thousand keys are imported, and an import that is interrupted goes on where it was',
    command: vitest('test/cli/import.test.ts'),
    env: { LATCHKEY_IMPORT_ROWS: '100000' },
    minutes: 30,
  },
  fuzz: {
    proves: 'of all that a hundred thousand changes make of each provider’s messages only the same message is let in',
    command: vitest('test/signatures/fuzz.test.ts', 'packages/http-signatures/src/verify-anything.test.ts'),
    env: { LATCHKEY_FUZZ_RUNS: '100000' },
    minutes: 60,
  },
  linearizability: {
    proves:
      'two thousand random histories over each store have an order, whatever befalls its processes, network and server',
    command: vitest('test/linearizability'),
    env: { LATCHKEY_HISTORIES: '2000' },
    minutes: 60,
  },
  'leak-scan': {
    proves: 'on every framework over every store no canary is in anything that a service lets out',
    command: vitest('test/leak-scan'),
    env: { LATCHKEY_LEAK_SCAN: 'all' },
    minutes: 20,
  },
  soak: {
    proves:
      'half an hour of mixed traffic leaves neither memory nor handles behind, and answers as fast as at the start',
    command: vitest('test/soak'),
    env: { LATCHKEY_SOAK_SECONDS: '1800' },
    minutes: 45,
  },
  runtimes: {
    proves: 'the suites hold on the other versions of Node, on Bun, on Deno and on workerd',
    command: [process.execPath, `${root}scripts/runtimes.mjs`],
    minutes: 120,
  },
}

/** Runs one part to its end; answers with what is wrong, if anything is. */
function run({ command: [file, ...args], env, minutes }) {
  const child = spawn(file, args, {
    cwd: root,
    // Under CI nothing is skipped for want of a server: it fails.
    env: { CI: 'true', ...env, ...process.env },
    shell: process.platform === 'win32',
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve) => {
    const limit = setTimeout(() => child.kill(), minutes * 60_000)
    child.on('error', (error) => resolve(String(error)))
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      resolve(signal ? `ended by ${signal} (it may take ${minutes} min)` : code === 0 ? undefined : `exit code ${code}`)
    })
  })
}

const args = process.argv.slice(2)
const unknown = args.filter((name) => name !== '--list' && !Object.hasOwn(parts, name))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}`)
  process.exit(1)
}
if (args.includes('--list')) {
  for (const [name, { proves, minutes }] of Object.entries(parts))
    console.log(`${name}: ${proves} (${minutes} min at most)`)
  process.exit()
}

build()
const summary = []
for (const name of args.length > 0 ? new Set(args) : Object.keys(parts)) {
  console.log(`\n--- ${name}: ${parts[name].proves}`)
  const began = performance.now()
  const complaint = await run(parts[name])
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  summary.push({
    complaint,
    line: `${complaint ? 'FAILED' : 'ok    '} ${name} (${seconds} s)${complaint ? `: ${complaint}` : ''}`,
  })
}
const failed = summary.filter(({ complaint }) => complaint).length
console.log(`\n${summary.map(({ line }) => line).join('\n')}`)
console.log(failed === 0 ? 'Everything is proved.' : `${failed} of the ${summary.length} parts failed.`)
if (failed > 0) process.exit(1)
