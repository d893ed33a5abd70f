/** `npm start`: one example over an embedded SQLite file, with its first keys minted, and requests to paste. */
import { parseArgs } from 'node:util'
import { apiKeys, tokenBytes, tokenHex } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import Database from 'libsql'
import { firstKeys, mintKeys } from './first-keys.js'
import { freePort } from './free-port.js'
import { curl, demoRequests } from './requests.js'

const frameworks = ['express', 'koa', 'hono']
const { values } = parseArgs({
  options: {
    framework: { type: 'string', default: 'express' },
    port: { type: 'string', default: process.env.PORT ?? '3000' },
    'new-keys': { type: 'boolean', default: false },
  },
})
if (!frameworks.includes(values.framework)) {
  console.error(`--framework must be one of ${frameworks.join(', ')}, not ${values.framework}`)
  process.exit(2)
}

const file = process.env.DATABASE_FILE ?? 'payments.db'
const webhookSecret = process.env.WEBHOOK_SECRET ?? `whsec_${Buffer.from(tokenBytes(32)).toString('base64')}`

freePort(Number(values.port)).then(start, ({ message }: Error) => {
  console.error(`Port ${values.port} cannot be used: ${message}\nChoose another: npm start -- --port NUMBER`)
  process.exit(1)
})

async function start(port: number): Promise<void> {
  const database = new Database(file)
  const store = sqliteStore({ database })
  const keys = apiKeys({ store, prefix: 'acme' })
  const minted = values['new-keys'] ? await mintKeys(keys) : await firstKeys(keys)
  await store.close()
  database.close()

  if (minted !== undefined) {
    console.log(`Two API keys were minted into ${file}. They are shown this once:`)
    console.log(`  reads and writes  ${minted.writer}\n  reads only        ${minted.reader}\n`)
  } else {
    console.log(`${file} holds API keys already: set KEY and READER to yours, or start with -- --new-keys.\n`)
  }
  const run = tokenHex(16).slice(0, 6)
  const known = minted ?? { writer: '$KEY', reader: '$READER' }
  const url = `http://127.0.0.1:${port}`
  console.log('Requests to paste (the signed webhook is good for five minutes):\n')
  for (const request of demoRequests({ ...known, webhookSecret, run })) {
    const line = curl(url, request)
    console.log(`# ${request.title}\n${minted ? line : line.replaceAll(/'([^']*\$(?:KEY|READER))'/g, '"$1"')}\n`)
  }
  Object.assign(process.env, { DATABASE_FILE: file, WEBHOOK_SECRET: webhookSecret, PORT: String(port) })
  await import(new URL(`../../${values.framework}/dist/server.js`, import.meta.url).href)
}
