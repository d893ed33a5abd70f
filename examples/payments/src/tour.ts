/** `npm run tour`: runs the requests against the three examples and prints what happened, a line each. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiKeys, tokenBytes } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import Database from 'libsql'
import { mintKeys } from './first-keys.js'
import { type DemoRequest, demoRequests } from './requests.js'

let port = 4810
void tour()

async function tour(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tour-'))
  for (const framework of ['express', 'koa', 'hono']) await visit(framework, join(folder, `${framework}.db`))
  await rm(folder, { recursive: true })
}

async function visit(framework: string, file: string): Promise<void> {
  const database = new Database(file)
  const minted = await mintKeys(apiKeys({ store: sqliteStore({ database }), prefix: 'acme' }))
  database.close()
  const webhookSecret = `whsec_${Buffer.from(tokenBytes(32)).toString('base64')}`
  const requests = demoRequests({ ...minted, webhookSecret, run: framework })

  port += 1
  const server = spawn(process.execPath, [new URL(`../../${framework}/dist/server.js`, import.meta.url).pathname], {
    env: { ...process.env, PORT: String(port), DATABASE_FILE: file, WEBHOOK_SECRET: webhookSecret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(server.stdout, 'data')
  console.log(`\n${framework}`)
  for (const request of requests) {
    const answers = request.isSentTwice ? await Promise.all([send(request), send(request)]) : [await send(request)]
    for (const answer of answers) console.log(`  ${request.title.padEnd(64)} ${answer}`)
  }
  await withStoreLocked(file, async () => {
    const accepted = requests.find(({ title }) => title === 'accepted')!
    const fresh = { ...accepted, headers: { ...accepted.headers, 'idempotency-key': 'order-3' } }
    console.log(`  ${'another process holds the database: refused, nothing runs'.padEnd(64)} ${await send(fresh)}`)
  })
  server.kill('SIGTERM')
  const [code] = await once(server, 'exit')
  console.log(`  ${'told to stop (SIGTERM)'.padEnd(64)} exit code ${code}`)
}

async function send({ method, path, headers, body }: DemoRequest): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: body ?? null })
  const text = await response.text()
  const told = ['idempotent-replayed', 'retry-after'].flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [`${name}: ${value}`]
  })
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  return [response.status, ...told, isProblem ? JSON.parse(text).code : text].filter((part) => part !== '').join('  ')
}

async function withStoreLocked(file: string, work: () => Promise<void>): Promise<void> {
  const other = new Database(file)
  other.exec('BEGIN EXCLUSIVE')
  await work()
  other.exec('ROLLBACK')
  other.close()
}
