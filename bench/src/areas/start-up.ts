import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Area, Row } from '../area.js'
import { spreadOf } from '../spread.js'
import { entries, others } from '../start-up/entries.js'

const importer = fileURLToPath(new URL('../start-up/import-process.js', import.meta.url))
const mostRounds = 7

/** How long each package takes to import, in a fresh process each time, and what a bundler makes of it. */
export const startUp: Area = async function* (effort) {
  const names = [...entries, ...others]
  const times = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < Math.min(effort.rounds, mostRounds); round++) {
    for (const name of names) times.get(name)!.push(await importTime(name))
  }
  const rows: Row[] = []
  for (const name of names) {
    const isOurs = (entries as readonly string[]).includes(name)
    const size = await bundleSize(name)
    rows.push({
      name,
      kind: isOurs ? 'latchkey' : 'peer',
      cells: [spreadOf(times.get(name)!), size === undefined ? undefined : spreadOf([size])],
    })
  }
  const columns = [
    { title: 'import', unit: 'ms' },
    { title: 'bundled, minified, gzipped', unit: 'KiB' },
  ] as const
  yield { title: 'Importing, and the size with all that it brings along', columns, rows, goals: [] }
}

async function importTime(name: string): Promise<number> {
  const child = fork(importer, [name])
  const gone = once(child, 'exit').then(() => Promise.reject(new Error(`${name} could not be imported`)))
  gone.catch(() => undefined)
  const [took] = (await Promise.race([once(child, 'message'), gone])) as [number]
  await once(child, 'exit').catch(() => undefined)
  return took
}

/** Everything that the entry exports, with its dependencies and without Node's modules; `undefined`: no bundler takes it. */
async function bundleSize(name: string): Promise<number | undefined> {
  try {
    const { outputFiles } = await build({
      stdin: {
        contents: `export * from ${JSON.stringify(name)}`,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
    })
    return gzipSync(outputFiles[0]!.contents).length / 1024
  } catch {
    return undefined
  }
}
