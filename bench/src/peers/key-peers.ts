import { hash } from 'node:crypto'
import { apiKey } from '@better-auth/api-key'
import { memoryAdapter } from '@better-auth/memory-adapter'
import { betterAuth } from 'better-auth'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import BearerStrategy from 'passport-http-bearer'
import { checkAPIKey, extractShortToken, generateAPIKey } from 'prefixed-api-key'
import type { Contender } from '../interleave.js'

/** Goes round a list, so that no compiler and no cache sees the same input twice in a row. */
export function inTurn<Item>(items: readonly Item[]): () => Item {
  let at = 0
  return () => items[at++ % items.length]!
}

const digestOf = (key: string) => hash('sha256', key, 'base64url')

/** A middleware that verifies, asked without a framework: one request after the other. */
export async function prefixedKeys(count: number): Promise<Contender> {
  const digests = new Map<string, string>()
  const presented: string[] = []
  for (let made = 0; made < count; made++) {
    const { token, shortToken, longTokenHash } = await generateAPIKey({ keyPrefix: 'acme' })
    if (token === undefined) throw new Error('prefixed-api-key made no key')
    digests.set(shortToken, longTokenHash)
    presented.push(token)
  }
  const next = inTurn(presented)
  return {
    name: 'prefixed-api-key',
    kind: 'peer',
    remark: 'the application keeps a Map; no checksum, no scopes, no expiry',
    run: () => {
      const key = next()
      const digest = digests.get(extractShortToken(key))
      return digest !== undefined && checkAPIKey(key, digest)
    },
  }
}

/** Both leave the hash and the look into the store to the application: `known` has digests of keys. */
export function bearerPeers(keys: readonly string[], known: ReadonlySet<string>): readonly Contender[] {
  const requests = keys.map((key) => ({ headers: { authorization: `Bearer ${key}` } }))
  const next = inTurn(requests)
  const strategy = new BearerStrategy((key, done) => done(null, known.has(digestOf(key)) && { id: 'org_1' }))
  const outcome = { success: () => true, fail: () => false, error: () => false }
  const strategist: BearerStrategy = Object.assign(Object.create(strategy), outcome)
  const remark = 'the application hashes and looks up; not in constant time, no checksum, no scopes, no expiry'
  const verified = new Hono().get('/', bearerAuth({ verifyToken: (key) => known.has(digestOf(key)) }), (c) =>
    c.body(null),
  )
  const listed = new Hono().get('/', bearerAuth({ token: keys[0]! }), (c) => c.body(null))
  const first = { authorization: `Bearer ${keys[0]}` }
  return [
    { name: 'passport-http-bearer', kind: 'peer', remark, run: () => strategist.authenticate(next()) },
    {
      name: 'hono bearerAuth({ verifyToken })',
      kind: 'peer',
      remark: `with a whole request of Hono; ${remark}`,
      run: () => verified.request('/', next()),
    },
    {
      name: 'hono bearerAuth({ token })',
      kind: 'peer',
      remark: 'with a whole request of Hono; one key, in the clear',
      run: () => listed.request('/', { headers: first }),
    },
  ]
}

/** Keys of better-auth in its own memory adapter, without its rate limit. */
export async function betterAuthKeys(count: number): Promise<Contender> {
  const rows: Record<string, Record<string, unknown>[]> = {
    user: [],
    session: [],
    account: [],
    verification: [],
    apikey: [],
  }
  const auth = betterAuth({
    database: memoryAdapter(rows),
    secret: 'a secret of the bench, for the bench alone',
    baseURL: 'http://localhost',
    emailAndPassword: { enabled: true },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
    logger: { disabled: true },
    telemetry: { enabled: false },
  })
  const body = { email: 'owner@example.test', password: 'correct horse battery', name: 'owner' }
  const { user } = await auth.api.signUpEmail({ body })
  const { key } = await auth.api.createApiKey({ body: { userId: user.id, name: 'bench' } })
  const [made] = rows.apikey!
  while (rows.apikey!.length < count) {
    const at = rows.apikey!.length
    rows.apikey!.unshift({ ...made, id: `other${at}`, key: digestOf(`other${at}`) })
  }
  return {
    name: `better-auth verifyApiKey, ${count.toLocaleString('en')} keys in memory`,
    kind: 'peer',
    remark: 'digest in its store; writes the last use each time; no checksum',
    run: async () => {
      const { valid } = await auth.api.verifyApiKey({ body: { key } })
      if (!valid) throw new Error('better-auth refused its own key')
    },
  }
}
