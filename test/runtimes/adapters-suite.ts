import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { adapterCases, adapterSuite, type StartedLab, type VectorReport } from '@latchkey/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deviations } from './deviations.js'
import { runtimeLab } from './runtime-lab.js'
import { runtimeNamed, type WebName } from './runtimes.js'

const runtime = runtimeNamed(process.env.LATCHKEY_RUNTIME ?? '').name as WebName

describe.each(['hono', 'fetch'] as const)('on %s', (adapter) => {
  adapterSuite(`@latchkey/${adapter} on ${runtime}`, {
    start: (settings) => runtimeLab(runtime, adapter, settings),
    skip: deviations(runtime, adapter),
  })

  test('every deviation names a case that there is', () => {
    const names = new Set(adapterCases.map(({ name }) => name))
    expect(Object.keys(deviations(runtime, adapter)).filter((name) => !names.has(name))).toEqual([])
  })

  describe('a field that comes twice', () => {
    let lab: StartedLab
    beforeAll(async () => {
      lab = await runtimeLab(runtime, adapter, {})
    })
    afterAll(() => lab.close())

    test.each<[string, (key: string) => Record<string, string | string[]>]>([
      ['Authorization', (key) => ({ authorization: [`Bearer ${key}`, `Bearer ${key}`] })],
      ['X-API-Key', (key) => ({ 'x-api-key': [key, key] })],
      ['X-API-Key, once empty', (key) => ({ 'x-api-key': [key, ''] })],
      ['Idempotency-Key', (key) => ({ authorization: `Bearer ${key}`, 'idempotency-key': ['one', 'one'] })],
    ])('%s: is refused, and nothing runs', async (_name, fields) => {
      const headers = { 'idempotency-key': 'a key', 'content-length': '0', ...fields(lab.keys.alice) }
      expect([400, 401]).toContain(await status(`${lab.url}/idem/charge`, headers))
      expect(await (await fetch(`${lab.url}/lab/runs`)).json()).toMatchObject({ total: 0 })
    })
  })
})

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

/** The status of a POST whose lists are sent as that many lines. */
function status(url: string, headers: Record<string, string | string[]>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    call.on('error', reject).end()
  })
}
