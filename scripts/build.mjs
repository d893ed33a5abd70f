// npm run build, and what the other scripts begin with: builds what has changed. Turbo runs with its telemetry off, and its
// log goes to standard error, so that a script that prints for programs can build first.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { markFresh } from './freshness.mjs'

const turbo = fileURLToPath(new URL('../node_modules/.bin/turbo', import.meta.url))

/** Builds what `flags` of `turbo run build` choose, everything where there are none. Ends the process where that fails. */
export function build(...flags) {
  const { status } = spawnSync(turbo, ['run', 'build', '--output-logs=errors-only', ...flags], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    shell: process.platform === 'win32',
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(status ?? 1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const startedAt = new Date()
  const flags = process.argv.slice(2)
  build(...flags)
  if (flags.length === 0) markFresh(startedAt)
}
