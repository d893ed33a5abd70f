// npm run check: format and lint (biome), types (tsc), unused code (knip), and the packages as they would be published
// (publint, attw). Every check runs, whatever the ones before it said; the exit code is 1 if any of them failed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(root, 'node_modules', '.bin', name)
const packages = readdirSync(join(root, 'packages'))
const tarballs = mkdtempSync(join(tmpdir(), 'latchkey-check-'))
let failed = 0

/** Runs one command; its output is shown only where it fails. */
function run(command, args) {
  const child = spawn(command, args, {
    cwd: root,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(String(error)))
    child.on('close', (code) => resolve(code === 0 ? undefined : output.trim() || `exit code ${code}`))
  })
}

async function check(name, ...commands) {
  const began = performance.now()
  const complaints = (await Promise.all(commands.map(([command, ...args]) => run(command, args)))).filter(Boolean)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${complaints.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (complaints.length === 0) return
  failed += 1
  console.log(complaints.join('\n\n'))
}

try {
  await check('biome', [bin('biome'), 'check', '--error-on-warnings', '--colors=off'])
  await check('tsc', [bin('tsc'), '-b'])
  await check('knip', [bin('knip'), '--no-progress'])
  const workspaces = packages.flatMap((name) => ['-w', `packages/${name}`])
  await check('pack', ['npm', 'pack', '--silent', '--pack-destination', tarballs, ...workspaces])
  const packed = readdirSync(tarballs).map((file) => join(tarballs, file))
  await check('publint', ...packed.map((file) => [bin('publint'), 'run', file, '--strict']))
  await check('attw', ...packed.map((file) => [bin('attw'), file, '--profile', 'esm-only', '--no-definitely-typed']))
} finally {
  rmSync(tarballs, { recursive: true, force: true })
}
console.log(failed === 0 ? 'All checks passed.' : `${failed} of the checks failed.`)
if (failed > 0) process.exit(1)
