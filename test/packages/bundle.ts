import { build, type Rollup } from 'vite'

interface BundleOptions {
  readonly minify?: boolean
  /** What is left out, besides the modules of Node. */
  readonly external?: readonly string[]
}

/** What a bundler makes of a program, as one text. */
export async function bundled(program: string, { minify = false, external = [] }: BundleOptions = {}): Promise<string> {
  const entry = 'virtual:program'
  const isExternal = (id: string) =>
    id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`))
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
    build: {
      write: false,
      minify,
      rollupOptions: { input: entry, external: isExternal, preserveEntrySignatures: 'strict' },
    },
  })
  const [{ output: chunks }] = [output].flat() as [Rollup.RollupOutput]
  return chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n')
}
