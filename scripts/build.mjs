// Builds every workspace that has changed. Turbo runs with its telemetry off, and its log goes to standard error, so that
// a script that prints for programs can build first.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const turbo = fileURLToPath(new URL('../node_modules/.bin/turbo', import.meta.url))
const { status } = spawnSync(turbo, ['run', 'build', '--output-logs=errors-only', ...process.argv.slice(2)], {
  cwd: new URL('..', import.meta.url),
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  shell: process.platform === 'win32',
  stdio: ['ignore', 2, 2],
})
if (status !== 0) process.exit(status ?? 1)
