// npm run lab: starts the lab in this very process, so that its signals and its exit code are the lab's own (the script says
// `exec`, or npm would signal a shell that keeps them to itself). What has changed is built first, by one starter at a time:
// several labs often start at once.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isStale, markFresh } from './freshness.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const entry = `${root}test/dist/lab/main.js`
const lock = `${root}test/dist/.building`

if (isStale()) await build()
process.env.NODE_ENV ??= 'production'
await import('../test/dist/lab/main.js')

async function build() {
  mkdirSync(dirname(lock), { recursive: true })
  while (!tryLock()) await sleep(50)
  try {
    if (!isStale()) return
    const startedAt = new Date()
    // A process of its own: the arguments of this one are the lab's.
    const script = [`${root}scripts/build.mjs`, '--filter=@latchkey/tests...']
    const { status } = spawnSync(process.execPath, script, { stdio: ['ignore', 2, 2] })
    if (status === 0) markFresh(startedAt)
    else if (existsSync(entry)) console.error('The build failed: the lab starts as it was built before.')
    else throw new Error('The lab cannot be built')
  } finally {
    rmSync(lock, { force: true })
  }
}

function tryLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (isLeft()) rmSync(lock, { force: true })
    return false
  }
}

/** Whether the builder that holds the lock was killed. */
function isLeft() {
  try {
    const builder = Number(readFileSync(lock, 'utf8'))
    return builder > 0 && !process.kill(builder, 0)
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
