/** `npm run tour`: runs the requests against the three examples and prints what happened, a line each. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiKeys, tokenBytes } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import Database from 'libsql'
import { mintKeys } from './first-keys.js'
import { freePort } from './free-port.js'
import { type DemoRequest, demoRequests } from './requests.js'

void tour()

async function tour(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tour-'))
  try {
    for (const framework of ['express', 'koa', 'hono']) await visit(framework, join(folder, `${framework}.db`))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function visit(framework: string, file: string): Promise<void> {
  const database = new Database(file)
  const minted = await mintKeys(apiKeys({ store: sqliteStore({ database }), prefix: 'acme' }))
  database.close()
  const webhookSecret = `whsec_${Buffer.from(tokenBytes(32)).toString('base64')}`
  const requests = demoRequests({ ...minted, webhookSecret, run: framework })

  const port = String(await freePort(0))
  const script = fileURLToPath(new URL(`../../${framework}/dist/server.js`, import.meta.url))
  const env = { ...process.env, PORT: port, DATABASE_FILE: file, WEBHOOK_SECRET: webhookSecret }
  const server = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(server, 'exit')
  await Promise.race([once(server.stdout, 'data'), exited])
  if (server.exitCode !== null) throw new Error(`The ${framework} example did not start`)

  const print = (title: string, answer: string) => console.log(`  ${title.padEnd(64)} ${answer}`)
  const send = async (request: DemoRequest, title = request.title) => print(title, await answerTo(request, port))
  console.log(`\n${framework}`)
  for (const request of requests) {
    await Promise.all(request.isSentTwice ? [send(request), send(request)] : [send(request)])
  }
  await withStoreLocked(file, async () => {
    const accepted = requests.find(({ title }) => title === 'accepted')!
    const fresh = { ...accepted, headers: { ...accepted.headers, 'idempotency-key': 'order-3' } }
    await send(fresh, 'another process holds the database: refused, nothing runs')
  })
  server.kill('SIGTERM')
  const [code] = await exited
  print('told to stop (SIGTERM)', `exit code ${code}`)
}

async function answerTo({ method, path, headers, body }: DemoRequest, port: string): Promise<string> {
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
