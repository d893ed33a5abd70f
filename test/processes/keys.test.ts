import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { post, until } from './client.js'
import { type LabProcess, labsOver } from './lab-process.js'
import { endProcesses } from './server-process.js'
import { overSharedStores } from './shared-stores.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

overSharedStores('keys that three processes verify', (shared) => {
  let labs: LabProcess[]
  beforeAll(async () => {
    labs = await labsOver(shared().url, ['express', 'koa', 'hono'], {}, 2)
  })
  afterAll(endProcesses)

  const ask = (lab: LabProcess, key: string) =>
    post(`${lab.url}/scoped/write`, { authorization: `Bearer ${key}` }).then(({ status, code }) => [status, code])
  const answers = (key: string) => Promise.all(labs.map((lab) => ask(lab, key)))
  const three = (status: number, code?: string) => Array(3).fill([status, code])

  it('are good and bad in each of them alike', async () => {
    const { alice, reader, revoked, disabled, expired } = labs[0]!.keys
    expect(await answers(alice)).toEqual(three(200))
    expect(await answers(reader)).toEqual(three(403, 'api-key-insufficient-scope'))
    expect(await answers(revoked)).toEqual(three(401, 'api-key-revoked'))
    expect(await answers(disabled)).toEqual(three(401, 'api-key-disabled'))
    expect(await answers(expired)).toEqual(three(401, 'api-key-expired'))
  })

  it('are neither while the store is down, save those that cannot be keys', async () => {
    const { alice, revoked } = labs[0]!.keys
    // Whoever reads a file of SQLite does not wait for its writer.
    const isReadable = shared().name === 'SQLite'
    await shared().whileDown(async () => {
      expect(await answers(alice)).toEqual(isReadable ? three(200) : three(503, 'api-key-store-unavailable'))
      expect(await answers(revoked)).toEqual(
        isReadable ? three(401, 'api-key-revoked') : three(503, 'api-key-store-unavailable'),
      )
      expect(await answers(`${alice.slice(0, -1)}!`)).toEqual(three(401, 'api-key-invalid'))
    })
    // A Redis that keeps nothing on disk has forgotten its keys, and says so.
    const back = shared().name === 'Redis' ? [401, 'api-key-invalid'] : [200, undefined]
    for (const lab of labs) {
      const answer = await until(
        () => ask(lab, alice),
        ([, code]) => code !== 'api-key-store-unavailable',
      )
      expect(answer).toEqual(back)
    }
  })
})
