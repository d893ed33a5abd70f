/** What a user's program imports, by the name under which it uses it. */
const imports = {
  latchkey: '@latchkey/core',
  onExpress: '@latchkey/express',
  onKoa: '@latchkey/koa',
  onHono: '@latchkey/hono',
  express5: 'express',
  express4: 'express4',
  koa3: 'koa',
  koa2: 'koa2',
  hono: 'hono',
  honoServer: '@hono/node-server',
  pinoLog: '@latchkey/pino',
  telemetry: '@latchkey/opentelemetry',
} as const

/** Asks each framework, in the same program, for a reply without a key, with one, and for its repetition. */
const body = `
const whole = (namespace) => namespace.default ?? namespace
const store = latchkey.memoryStore()
const lines = []
const add = (fields) => void lines.push(fields.event)
const log = pinoLog.pinoObserver({ debug: add, info: add, warn: add, error: add })
const observe = latchkey.observers(telemetry.openTelemetry(), log)
const keys = latchkey.apiKeys({ store, prefix: 'acme', observe })
const options = { store, scope: 'caller', observe }
const onExpress_ = (express) => express()
  .use(onExpress.apiKeyAuth({ keys, observe }), onExpress.idempotency(options))
  .post('/', (req, res) => res.status(201).json({ owner: res.locals.apiKey.ownerId }))
const onKoa_ = (Koa) => new Koa()
  .use(onKoa.apiKeyAuth({ keys, observe })).use(onKoa.idempotency(options))
  .use((ctx) => { ctx.status = 201; ctx.body = { owner: ctx.state.apiKey.ownerId } })
const onHono_ = () => new hono.Hono()
  .use(onHono.apiKeyAuth({ keys, observe }), onHono.idempotency(options))
  .post('/', (c) => c.json({ owner: c.var.apiKey.ownerId }, 201))
const listen = (app) => new Promise((resolve) => { const server = app.listen(0, '127.0.0.1', () => resolve(server)) })
const servers = {
  'express 5': () => listen(onExpress_(whole(express5))),
  'express 4': () => listen(onExpress_(whole(express4))),
  'koa 3': () => listen(onKoa_(whole(koa3))),
  'koa 2': () => listen(onKoa_(whole(koa2))),
  hono: () => new Promise((resolve) => {
    const server = honoServer.serve({ fetch: onHono_().fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server))
  }),
}
async function main() {
  const said = {}
  const { key } = await keys.issue({ ownerId: 'org_1' })
  for (const [name, start] of Object.entries(servers)) {
    const server = await start()
    const url = 'http://127.0.0.1:' + server.address().port + '/'
    const ask = async (headers) => {
      const response = await fetch(url, { method: 'POST', headers: { connection: 'close', ...headers } })
      return [response.status, response.headers.get('idempotent-replayed'), (await response.json()).owner ?? null]
    }
    const headers = { authorization: 'Bearer ' + key, 'idempotency-key': name.replace(' ', '-') }
    said[name] = [await ask({}), await ask(headers), await ask(headers)]
    await new Promise((resolve) => server.close(resolve))
  }
  said.events = [...new Set(lines)].sort()
  process.stdout.write(JSON.stringify(said))
}
main()
`

/** The program of a user who writes ECMAScript modules. */
export const moduleProgram =
  Object.entries(imports)
    .map(([name, from]) => `import * as ${name} from '${from}'`)
    .join('\n') + body

/** The same of one who requires. */
export const commonJsProgram =
  Object.entries(imports)
    .map(([name, from]) => `const ${name} = require('${from}')`)
    .join('\n') + body
