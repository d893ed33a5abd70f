import { build, type Rollup } from 'vite'
import { expect, test } from 'vitest'

/** What a bundler makes of a program, as one text. */
async function bundled(program: string): Promise<string> {
  const entry = 'virtual:program'
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
      minify: false,
      rollupOptions: { input: entry, external: /^node:/, preserveEntrySignatures: 'strict' },
    },
  })
  const [{ output: chunks }] = [output].flat() as [Rollup.RollupOutput]
  return chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n')
}

test('a program that verifies one scheme carries nothing of the other features', async () => {
  const code = await bundled(`
    import { github, signature } from '@latchkey/core'
    export const guard = (secret) => signature({ scheme: github({ secrets: [secret] }), replay: false })
  `)
  expect(code).toContain('x-hub-signature-256')
  expect(code).not.toMatch(/idempotency\.claimed|api-key\.accepted|stripe-signature|abacus/)
})

test('a program that draws a token carries no guard', async () => {
  const code = await bundled(`
    import { tokenUrlsafe } from '@latchkey/core'
    export const token = () => tokenUrlsafe(32)
  `)
  expect(code).toContain('randomFillSync')
  expect(code).not.toMatch(/problem\+json|x-hub-signature-256|abacus/)
})
