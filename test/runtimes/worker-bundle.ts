import { build } from 'vite'
import { root } from './runtimes.js'

/** What the Worker asks of workerd, with `nodejs_compat`. */
export const compatibilityDate = '2026-08-01'

export const workerFile: string = `${root}test/dist/worker/worker.js`

/** Makes the lab for Workers one module, which imports nothing but what Node has built in. */
export async function bundleWorker(): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true, target: 'webworker' },
    build: {
      ssr: `${root}test/dist/runtimes/serve-worker.js`,
      outDir: `${root}test/dist/worker`,
      emptyOutDir: true,
      minify: false,
      target: 'es2023',
      rolldownOptions: { external: [/^node:/], output: { codeSplitting: false, entryFileNames: 'worker.js' } },
    },
  })
}
