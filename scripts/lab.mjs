// npm run lab: starts the lab in this very process, so that its signals and its exit code are the lab's own. What has
// changed is built first, by one starter at a time: several labs often start at once.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const entry = `${root}test/dist/lab/main.js`
const built = `${root}test/dist/.lab-built`
const lock = `${root}test/.lab-building`

if (isStale()) await build()
process.env.NODE_ENV ??= 'production'
await import('../test/dist/lab/main.js')

async function build() {
  while (!tryLock()) await sleep(50)
  try {
    if (!isStale()) return
    const startedAt = new Date()
    // A process of its own: the arguments of this one are the lab's.
    const script = [`${root}scripts/build.mjs`, '--filter=@latchkey/tests...']
    const { status } = spawnSync(process.execPath, script, { stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error('the lab cannot be built')
    writeFileSync(built, '')
    utimesSync(built, startedAt, startedAt)
  } finally {
    rmdirSync(lock)
  }
}

function tryLock() {
  try {
    mkdirSync(lock)
    return true
  } catch {
    // A builder that was killed leaves its lock; no build takes this long.
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 180_000) rmdirSync(lock)
    return false
  }
}

/** Whether something has changed since the last build for the lab, or there was none. */
function isStale() {
  if (!existsSync(entry) || !existsSync(built)) return true
  const since = statSync(built).mtimeMs
  const folders = readdirSync(`${root}packages`).map((name) => `packages/${name}/src`)
  return ['test/lab', ...folders].some((folder) =>
    readdirSync(root + folder, { withFileTypes: true, recursive: true }).some(
      (file) => file.isFile() && statSync(`${file.parentPath ?? file.path}/${file.name}`).mtimeMs > since,
    ),
  )
}
