import { labOptions, UsageError } from './options.js'
import { startLab } from './start.js'

const drainSeconds = 5

/** Starts the lab that the command line describes and prints one line of JSON once it listens. */
async function main(): Promise<void> {
  const lab = await startLab(labOptions(process.argv.slice(2)))
  const { url, keys } = lab
  process.stdout.write(`${JSON.stringify({ url, pid: process.pid, keys })}\n`)
  const stop = () => void lab.close(drainSeconds).then(() => process.exit(0))
  process.once('SIGTERM', stop).once('SIGINT', stop)
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : error)
  process.exit(error instanceof UsageError ? 2 : 1)
})
