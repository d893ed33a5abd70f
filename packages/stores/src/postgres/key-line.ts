import { ConfigurationError, tokenHex } from '@latchkey/core'
import type { Line, Listener, OpenLine } from '../subscription.js'
import { isMethod, isPglite, isPostgresJs } from './client.js'
import { keyChannel } from './schema.js'

/** A `Pool` of `pg`, as far as another connection of the same kind can be made of it. */
interface Pool {
  readonly Client: new (options: unknown) => PgConnection
  readonly options: unknown
}

interface PgConnection {
  on(event: 'notification', listener: (notification: { readonly payload?: string }) => void): unknown
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

/** Listens on connections like those of the client; `decode` tells which key a payload is about, or that it is about none here. */
export function keyLines(client: unknown, decode: (payload: string, listener: Listener) => void): OpenLine {
  const open = hearingOf(client)
  return (listener) => open((payload) => decode(payload, listener), listener.lost)
}

function hearingOf(client: unknown): OpenHearing {
  if (isPostgresJs(client) && isMethod(client, 'listen')) return postgresJsLines(client as unknown as PostgresJs)
  if (isPglite(client) && isMethod(client, 'listen')) return (hear) => pgliteLine(client as unknown as Pglite, hear)
  if (isMethod(client, 'Client')) return (hear, lost) => pgLine(client as unknown as Pool, hear, lost)
  throw new ConfigurationError(
    'unsupported-client',
    'postgresStore: changes of keys cannot be heard through this client, since it makes no second connection: hand a Pool of pg over ' +
      'as "listener"',
  )
}

/** A connection of its own, beside those of the pool. */
function pgLine({ Client, options }: Pool, hear: Hear, lost: Listener['lost']): Line {
  let connection: PgConnection | undefined
  const open = async () => {
    connection = new Client(options)
    connection.on('error', lost)
    connection.on('end', lost)
    connection.on('notification', ({ payload = '' }) => hear(payload))
    await connection.connect()
    await connection.query(`LISTEN ${keyChannel}`)
  }
  const end = () => {
    connection?.end().catch(() => undefined)
    // Over a connection that is silent a farewell would take as long as the system waits for it.
    connection?.connection?.stream?.destroy?.()
  }
  return { opened: open(), ping: () => connection!.query('SELECT 1'), end }
}

/**
 * postgres.js has one connection for all that listens, which it opens anew by its `backoff`, and it tells only when it listens again.
 * So there is one call of `listen` for all lines, and a ping is a notification to itself.
 */
function postgresJsLines(sql: PostgresJs): OpenHearing {
  const ownChannel = `${keyChannel}_ping_${tokenHex(16)}`
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
