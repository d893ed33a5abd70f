import { Redis } from 'ioredis'
import { afterwards, type Rig } from './redis-rig.js'

/** What clients send while `work` goes on; what scripts do is not among it. */
export async function commandsDuring({ server }: Rig, work: () => Promise<unknown>): Promise<string[]> {
  const watcher = new Redis(server.url)
  // What the watcher itself asks while it connects comes before anything is watched.
  await watcher.ping()
  const monitor = await watcher.monitor()
  afterwards(() => {
    monitor.disconnect()
    watcher.disconnect()
  })
  const seen: string[] = []
  const ended = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, [name, value]: string[], source: string) => {
      if (value === 'the end') resolve()
      else if (source !== 'lua') seen.push(name!.toLowerCase())
    })
  })
  await work()
  await watcher.echo('the end')
  await ended
  return seen
}
