import { readFileSync } from 'node:fs'
import { adapterSuite, type VectorReport } from '@latchkey/conformance'
import { expect, test } from 'vitest'
import { deviations } from './deviations.js'
import { runtimeLab } from './runtime-lab.js'
import { runtimeNamed, type WebName } from './runtimes.js'

const runtime = runtimeNamed(process.env.LATCHKEY_RUNTIME ?? '').name as WebName

for (const adapter of ['hono', 'fetch'] as const) {
  adapterSuite(`@latchkey/${adapter} on ${runtime}`, {
    start: (settings) => runtimeLab(runtime, adapter, settings),
    skip: deviations(runtime, adapter),
  })
}

test('every signature vector is as it expects, by the cryptography of the runtime', async () => {
  const lab = await runtimeLab(runtime, 'fetch', {})
  const body = readFileSync(new URL('../vectors/signatures.json', import.meta.url))
  const response = await fetch(`${lab.url}/lab/vectors`, { method: 'POST', body })
  const { lines, differences } = (await response.json()) as VectorReport
  await lab.close()
  expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([])
  expect(differences).toBe(0)
  expect(lines.length).toBeGreaterThan(JSON.parse(body.toString()).length)
})
