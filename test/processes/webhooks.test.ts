import { randomUUID } from 'node:crypto'
import type { Agent } from 'node:http'
import { github, sign, standardWebhooks } from '@latchkey/core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Answer, connections, post, until } from './client.js'
import { type LabProcess, labsOver } from './lab-process.js'
import { endProcesses } from './server-process.js'
import { overSharedStores } from './shared-stores.js'

const copies = 1000
/** What a message of a scheme is known by, and what the lab's route verifies with. */
const schemes = {
  'standard-webhooks': {
    preset: standardWebhooks,
    knownBy: 'the id that is signed',
    secret: `whsec_${Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => index + 1)).toString('base64')}`,
  },
  github: { preset: github, knownBy: 'the MAC that is computed', secret: 'lab-secret-github' },
} as const

type SchemeName = keyof typeof schemes

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

overSharedStores('a webhook delivered to four processes', (shared) => {
  let labs: LabProcess[]
  beforeAll(async () => {
    labs = await labsOver(shared().url, ['express', 'koa', 'hono', 'express'], {}, 3)
  })
  afterAll(endProcesses)

  /** A message that can be delivered again and again, to one lab or the other. */
  const message = (name: SchemeName = 'standard-webhooks', id = `msg_${randomUUID()}`, isForged = false) => {
    const { preset, secret } = schemes[name]
    const body = JSON.stringify({ id })
    const forger = `whsec_${Buffer.from(randomUUID()).toString('base64')}`
    const headers = { ...sign(preset, { id, body }, isForged ? forger : secret) }
    return (lab: LabProcess, query = '', agent?: Agent): Promise<Answer> =>
      post(`${lab.url}/hooks/${name}${query}`, headers, agent, body)
  }
  const names = Object.entries(schemes).map(([name, { knownBy }]) => [name as SchemeName, knownBy] as const)

  it.each(names)('%s: a thousand copies of one message at once are handled once, by %s', async (name) => {
    const deliver = message(name)
    const agent = connections(64)
    const sent = Array.from({ length: copies }, (_, index) =>
      deliver(labs[index % labs.length]!, '?delayMs=200', agent),
    )
    const answers = await Promise.all(sent)
    agent.destroy()
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ code }) => code === 'signature-replayed')).toHaveLength(copies - 1)
    expect((await deliver(labs[1]!)).code).toBe('signature-replayed')
  })

  it.each(names)('%s: forgeries of a message that has yet to come use nothing up', async (name) => {
    const id = `msg_${randomUUID()}`
    const forge = message(name, id, true)
    const refused = await Promise.all(labs.map((lab) => forge(lab)))
    expect(refused.map(({ code }) => code)).toEqual(labs.map(() => 'signature-invalid'))
    expect((await message(name, id)(labs[2]!)).status).toBe(200)
  })

  it.each(names)(
    '%s: a message whose handler has failed is handled by another process when it comes again',
    async (name) => {
      const deliver = message(name)
      expect((await deliver(labs[0]!, '?status=500')).status).toBe(500)
      expect((await deliver(labs[1]!, '?status=503')).status).toBe(503)
      expect((await deliver(labs[2]!)).status).toBe(200)
      expect((await deliver(labs[3]!)).code).toBe('signature-replayed')
    },
  )

  it('without its store no process handles a message, and with it one does', async () => {
    const deliver = message()
    await shared().whileDown(async () => {
      const refused = await Promise.all(labs.map((lab) => deliver(lab)))
      expect(refused.map(({ code }) => code)).toEqual(labs.map(() => 'signature-unavailable'))
    })
    // Clients are back at the server one after the other.
    const handled = await until(
      () => deliver(labs[0]!),
      ({ code }) => code !== 'signature-unavailable',
    )
    expect(handled.status).toBe(200)
    const again = await until(
      () => deliver(labs[1]!),
      ({ code }) => code !== 'signature-unavailable',
    )
    expect(again.code).toBe('signature-replayed')
  })
})
