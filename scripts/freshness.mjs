// Whether the build is older than what it was made from. Asking costs milliseconds, so that what is started often need not
// ask turbo, and what is started at once many times does not build over itself.
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}test/dist/.built`

/** Notes that a build of everything that the lab needs, begun at `startedAt`, has succeeded. */
export function markFresh(startedAt) {
  writeFileSync(stamp, '')
  utimesSync(stamp, startedAt, startedAt)
}

/** Whether something has changed since the last build that was noted, or there was none. */
export function isStale() {
  if (!existsSync(stamp) || !existsSync(`${root}test/dist/lab/main.js`)) return true
  const since = statSync(stamp).mtimeMs
  const packages = readdirSync(`${root}packages`)
  if (packages.some((name) => !existsSync(`${root}packages/${name}/dist`))) return true
  return ['test/lab', ...packages.map((name) => `packages/${name}/src`)].some((folder) =>
    readdirSync(root + folder, { withFileTypes: true, recursive: true }).some(
      (file) => file.isFile() && statSync(`${file.parentPath ?? file.path}/${file.name}`).mtimeMs > since,
    ),
  )
}
