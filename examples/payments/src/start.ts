/** `npm start`: one example over an embedded SQLite file, or another store, with its first keys minted, and requests to paste. */
import { parseArgs } from 'node:util'
import { apiKeys, tokenBytes, tokenHex } from '@latchkey/core'
import { type FirstKeys, firstKeys, mintKeys } from './first-keys.js'
import { freePort } from './free-port.js'
import { curl, demoRequests } from './requests.js'
import { openStorage } from './storage.js'

const frameworks = ['express', 'koa', 'hono']
const { values } = parseArgs({
  options: {
    framework: { type: 'string', default: 'express' },
    port: { type: 'string', default: process.env.PORT ?? '3000' },
    store: { type: 'string', default: process.env.STORE_URL ?? `sqlite:${process.env.DATABASE_FILE ?? 'payments.db'}` },
    'new-keys': { type: 'boolean', default: false },
  },
})
if (!frameworks.includes(values.framework)) {
  console.error(`--framework must be one of ${frameworks.join(', ')}, not ${values.framework}`)
  process.exit(2)
}
if (!/^(sqlite:|rediss?:\/\/|postgres(ql)?:\/\/)./.test(values.store)) {
  console.error('--store must be sqlite:<file>, redis://… or postgres://…')
  process.exit(2)
}

/** The file, or the address with nothing that must not be shown. */
const place = values.store.replace(/^sqlite:|(?<=:\/\/)[^@/]*@|\?.*$/g, '')
const webhookSecret = process.env.WEBHOOK_SECRET ?? `whsec_${Buffer.from(tokenBytes(32)).toString('base64')}`

freePort(Number(values.port)).then(start, ({ message }: Error) => {
  console.error(`Port ${values.port} cannot be used: ${message}\nChoose another: npm start -- --port NUMBER`)
  process.exit(1)
})

async function start(port: number): Promise<void> {
  const minted = await keysIn(values.store).catch(({ message }: Error) => {
    console.error(`${place} cannot be used: ${message}`)
    process.exit(1)
  })
  if (minted !== undefined) {
    console.log(`Two API keys were minted into ${place}. They are shown this once:`)
    console.log(`  reads and writes  ${minted.writer}\n  reads only        ${minted.reader}\n`)
  } else {
    console.log(`${place} holds API keys already: set KEY and READER to yours, or start with -- --new-keys.\n`)
  }
  const run = tokenHex(16).slice(0, 6)
  const known = minted ?? { writer: '$KEY', reader: '$READER' }
  const url = `http://127.0.0.1:${port}`
  console.log('Requests to paste (the signed webhook is good for five minutes):\n')
  for (const request of demoRequests({ ...known, webhookSecret, run })) {
    const line = curl(url, request)
    console.log(`# ${request.title}\n${minted ? line : line.replaceAll(/'([^']*\$(?:KEY|READER))'/g, '"$1"')}\n`)
  }
  Object.assign(process.env, { STORE_URL: values.store, WEBHOOK_SECRET: webhookSecret, PORT: String(port) })
  await import(new URL(`../../${values.framework}/dist/server.js`, import.meta.url).href)
}

/** The keys that are new: the first two, or two more where they are asked for. */
async function keysIn(url: string): Promise<FirstKeys | undefined> {
  const { store, close } = await openStorage({ url, file: process.env.DATABASE_FILE })
  const keys = apiKeys({ store, prefix: 'acme' })
  const minted = await (values['new-keys'] ? mintKeys(keys) : firstKeys(keys))
  await close()
  return minted
}
