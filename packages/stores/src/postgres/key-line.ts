import { ConfigurationError, tokenHex } from '@latchkey/core'
import { Deadlines } from '../deadlines.js'
import { answerMs, type Line, type Listener, type OpenLine } from '../subscription.js'
import { isMethod, isPglite, isPostgresJs, type Query } from './client.js'
import { keyChannel } from './key-channel.js'

/** A `Pool` of `pg`, as far as another connection of the same kind can be made of it. */
interface Pool {
  readonly Client: new (options: unknown) => PgConnection
  readonly options: unknown
}

interface PgConnection {
  on(event: 'notification', listener: (notification: { channel: string; payload?: string }) => void): unknown
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  end(): Promise<unknown>
  /** As its own pool does away with it. */
  readonly connection?: { readonly stream?: { destroy?(): void } }
}

interface PostgresJs {
  listen(channel: string, onNotify: (payload: string) => void, onListen: () => void): Promise<unknown>
  notify(channel: string, payload: string): Promise<unknown>
}

interface Pglite {
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<unknown>>
}

type Hear = (payload: string) => void
type OpenHearing = (hear: Hear, lost: Listener['lost']) => Line

/**
 * Listens on connections like those of the client; `decode` tells which key a payload is about, or that it is about none here.
 * `query` is how the store itself writes.
 */
export function keyLines(
  client: unknown,
  query: Query,
  decode: (payload: string, listener: Listener) => void,
): OpenLine {
  const open = hearingOf(client, query)
  return (listener) => open((payload) => decode(payload, listener), listener.lost)
}

function hearingOf(client: unknown, query: Query): OpenHearing {
  if (isPostgresJs(client) && isMethod(client, 'listen')) return postgresJsLines(client as unknown as PostgresJs)
  if (isPglite(client) && isMethod(client, 'listen')) return (hear) => pgliteLine(client as unknown as Pglite, hear)
  if (isMethod(client, 'Client')) return (hear, lost) => pgLine(client as unknown as Pool, query, hear, lost)
  throw new ConfigurationError(
    'unsupported-client',
    'postgresStore: changes of keys cannot be heard through this client, since it makes no second connection: hand a Pool of pg over ' +
      'as "listener"',
  )
}

/**
 * A connection of its own, beside those of the pool. It counts once it has heard what the store itself notifies: through a proxy in
 * transaction mode, or in another database, listening succeeds and nothing is ever heard.
 */
function pgLine({ Client, options }: Pool, query: Query, hear: Hear, lost: Listener['lost']): Line {
  const ownChannel = newChannel()
  let connection: PgConnection | undefined
  const open = async () => {
    const listening = new Client(options)
    connection = listening
    listening.on('error', lost)
    listening.on('end', lost)
    const answered = new Promise<void>((resolve) => {
      listening.on('notification', ({ channel, payload = '' }) => (channel === ownChannel ? resolve() : hear(payload)))
    })
    await listening.connect()
    await listening.query(`LISTEN ${keyChannel}; LISTEN ${ownChannel}`)
    const notification = { text: `SELECT pg_catalog.pg_notify('${ownChannel}', '')` }
    await new Deadlines(answerMs / 1000, 'Postgres').within((deadline) => query(notification, [], deadline))
    await answered
  }
  const end = () => {
    connection?.end().catch(() => undefined)
    // Over a connection that is silent a farewell would take as long as the system waits for it.
    connection?.connection?.stream?.destroy?.()
  }
  return { opened: open(), ping: () => connection!.query('SELECT 1'), end }
}

function newChannel(): string {
  return `${keyChannel}_ping_${tokenHex(16)}`
}

/**
 * postgres.js has one connection for all that listens, which it opens anew by its `backoff`, and it tells only when it listens again.
 * So there is one call of `listen` for all lines, and a ping is a notification to itself.
 */
function postgresJsLines(sql: PostgresJs): OpenHearing {
  const ownChannel = newChannel()
  let listening: Promise<unknown> | undefined
  let current: { readonly hear: Hear; readonly lost: Listener['lost'] } | undefined
  let answered: (() => void) | undefined
  const listen = () => {
    let isAgain = false
    const listens = () => {
      if (isAgain) current?.lost(new Error('The connection was lost'))
      isAgain = true
    }
    const hearing = sql.listen(keyChannel, (payload) => current?.hear(payload), listens)
    const answering = sql.listen(
      ownChannel,
      () => answered?.(),
      () => undefined,
    )
    // What fails is tried again by postgres.js itself.
    return Promise.all([hearing, answering]).catch(() => undefined)
  }
  const ping = () =>
    new Promise<void>((resolve, reject) => {
      answered = resolve
      sql.notify(ownChannel, '').catch(reject)
    })
  return (hear, lost) => {
    listening ??= listen()
    const mine = { hear, lost }
    current = mine
    const end = () => {
      if (current === mine) current = undefined
    }
    return { opened: listening.then(ping), ping, end }
  }
}

/** In this process: there is no connection to lose. */
function pgliteLine(database: Pglite, hear: Hear): Line {
  const opened = database.listen(keyChannel, hear)
  const end = () => void opened.then((unlisten) => unlisten()).catch(() => undefined)
  return { opened, ping: async () => undefined, end }
}
