import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { overSharedStores } from '../processes/shared-stores.js'
import { type ExampleProcess, exampleProcess } from './example-process.js'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
let example: ExampleProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-reset-'))
})
afterEach(async () => {
  await example?.stop('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** The example as `npm start` starts it, in a process of its own; answers its address. */
async function serve(framework: string, store: string): Promise<string> {
  const env = { DATABASE_FILE: join(folder, 'payments.db') }
  const args = ['--framework', framework, '--port', '0', '--store', store]
  example = exampleProcess('scripts/start.mjs', args, env)
  await example.says('listens on http://')
  return /listens on (\S+)/.exec(example.output())![1]!
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** All that the store holds of tokens, as text. */
async function held(url: string): Promise<string> {
  if (url.startsWith('sqlite:')) {
    const directory = dirname(url.slice('sqlite:'.length))
    return readdirSync(directory)
      .map((name) => readFileSync(join(directory, name), 'latin1'))
      .join('\n')
  }
  return url.startsWith('redis') ? heldByRedis(url) : heldByPostgres(url)
}

async function heldByRedis(url: string): Promise<string> {
  const client = new Redis(url)
  const names = await client.keys('*tokens*')
  const show = async (name: string) =>
    (await client.type(name)) === 'zset' ? client.zrange(name, '0', '-1') : client.get(name)
  const values = await Promise.all(names.map(show))
  client.disconnect()
  return JSON.stringify([names, values])
}

async function heldByPostgres(connectionString: string): Promise<string> {
  const client = new Client({ connectionString })
  await client.connect()
  const { rows } = await client.query('SELECT t::text FROM latchkey_tokens t')
  await client.end()
  return JSON.stringify(rows)
}

overSharedStores('a password reset of npm start', (shared) => {
  it.each(['express', 'koa', 'hono'])(
    'works once with %s, of 50 parallel uses exactly one wins, and the store holds only hashes',
    async (framework) => {
      const url = await serve(framework, shared().url)
      expect((await post(`${url}/password-resets`, { email: 'demo@example.com' })).status).toBe(202)
      await example!.says('/password-resets/confirm#')
      const token = /\/password-resets\/confirm#(\S+)/.exec(example!.output())![1]!
      const before = await held(shared().url)
      expect(before).toContain('org_demo')
      expect(before).not.toContain(token)

      const use = () =>
        post(`${url}/password-resets/confirm`, { token, password: 'correct horse battery staple' }).then(
          ({ status }) => status,
        )
      const statuses = await Promise.all(Array.from({ length: 50 }, use))
      expect(statuses.sort()).toEqual([204, ...Array(49).fill(410)])
      expect(await use()).toBe(410)
      expect(await held(shared().url)).not.toContain(token)
    },
  )
})
