import {
  type IdempotencyRecord,
  idempotencyRecords,
  type RecordScope,
  recordId,
  type ShownRecord,
} from '@latchkey/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandError, exitCodes, usageError } from './exit-codes.js'
import { headersFrom } from './header-lines.js'
import { bytesFrom } from './input.js'
import { withStore } from './open-keys.js'
import { facts, moment, type OutputOptions, output, table, withJson } from './output.js'
import { count, durationSeconds, repeated } from './quantities.js'
import type { Session } from './session.js'
import { type StoreOptions, withStoreSettings } from './settings.js'
import { printableLines } from './terminal-text.js'

type Options = StoreOptions & OutputOptions

/** How a record is named: by its id, or by the key that a client sent and whose it is. */
interface NamedBy extends Options {
  readonly key?: string
  readonly caller?: string
  readonly scope?: string
  readonly everyone?: boolean
}

const states = ['running', 'lapsed', 'settled', 'tombstone', 'unreadable'] as const

/** `latchkey idempotency`: records by hand, the way out of `idempotency-outcome-unknown`. */
export function addIdempotency(program: Command, session: Session): void {
  const group = program.command('idempotency').description('look at idempotency records, and end them by hand')
  addList(group, session)
  addShow(group, session)
  const release = group
    .command('release')
    .description('the request was not carried out: its repetition runs the handler')
  withRecord(release).action(async (id: string | undefined, options: NamedBy) => {
    const found = idOf(id, options, session)
    await withStore(options, session, async ({ store }) =>
      resolved(await idempotencyRecords(store).release(found), found),
    )
    output(session.io, options).result({ id: found, done: 'released' }, () => `${found} is released`)
  })
  addSettle(group, session)
}

interface ListOptions extends Options {
  readonly state?: IdempotencyRecord['state']
  readonly after?: string
  readonly limit?: number
}

function addList(group: Command, session: Session): void {
  const list = group
    .command('list')
    .description('records in the order of their ids')
    .addOption(new Option('--state <state>', 'only those in this state').choices(states))
    .option('--after <id>', 'go on after this one')
    .option('--limit <n>', 'at most so many, 1 to 1000 (default: 100)', count)
  withStoreSettings(withJson(list)).action(async (options: ListOptions) => {
    const { state, after, limit } = options
    const query = {
      ...(state !== undefined && { state }),
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    }
    const records = await withStore(options, session, ({ store }) => idempotencyRecords(store).list(query))
    const known = records.map(({ content: _content, ...record }) => record)
    output(session.io, options).result({ records: known, after: known.at(-1)?.id ?? null }, () => recordTable(known))
  })
}

function recordTable(records: readonly IdempotencyRecord[]): string {
  if (records.length === 0) return 'no records'
  return table(
    ['ID', 'STATE', 'ATTEMPT', 'CREATED', 'LEASE UNTIL', 'EXPIRES'],
    records.map(({ id, state, attempt, createdAtMs, leaseUntilMs, expiresAtMs }) => [
      ...[id, state, String(attempt), moment(createdAtMs), moment(leaseUntilMs), moment(expiresAtMs)],
    ]),
  )
}

function addShow(group: Command, session: Session): void {
  const show = group
    .command('show')
    .description('one record, with the reply that is kept')
    .option('--body', "print the reply's body, too")
  withRecord(show).action(async (id: string | undefined, options: NamedBy & { readonly body?: boolean }) => {
    const found = idOf(id, options, session)
    const record = await withStore(options, session, ({ store }) => idempotencyRecords(store).show(found))
    if (record === undefined) throw absent(found)
    const { reply, ...rest } = record
    const body = options.body === true && reply ? { bodyBase64: Buffer.from(reply.body).toString('base64') } : {}
    const known = reply && { status: reply.status, headers: reply.headers, bodyBytes: reply.body.length, ...body }
    output(session.io, options).result({ ...rest, reply: known ?? null }, () => {
      const text =
        options.body === true && reply ? `\n\n${printableLines(Buffer.from(reply.body).toString('utf8'))}` : ''
      return recordFacts(record) + text
    })
  })
}

function recordFacts({ reply, note, fault, ...record }: ShownRecord): string {
  const noted = note && [note.reason, note.status, note.location].filter((part) => part !== undefined).join(' ')
  return facts([
    ['id', record.id],
    ['state', record.state],
    ['attempt', String(record.attempt)],
    ['created', moment(record.createdAtMs)],
    ['lease until', moment(record.leaseUntilMs)],
    ['expires', moment(record.expiresAtMs)],
    ['carried out', noted],
    ['unreadable', fault],
    ['reply', reply && `${reply.status}, ${reply.body.length} bytes`],
    ...(reply?.headers ?? []).map(([name, value]) => [`  ${name}`, value] as const),
  ])
}

interface SettleOptions extends NamedBy {
  readonly status: number
  readonly header?: readonly string[]
  readonly bodyFile?: string
  readonly ttl?: number
}

function addSettle(group: Command, session: Session): void {
  const settle = group
    .command('settle')
    .description('the request was carried out: its repetitions are answered with this reply')
    .requiredOption('--status <code>', 'of the reply', statusFrom)
    .addOption(new Option('-H, --header <line>', "'name: value', can be repeated").argParser(repeated))
    .option('--body-file <file>', 'its body; - for standard input (default: empty)')
    .option('--ttl <duration>', 'how long it is kept (default: 1d)', durationSeconds)
  withRecord(settle).action(async (id: string | undefined, options: SettleOptions) => {
    const { status, header = [], bodyFile, ttl } = options
    const found = idOf(id, options, session)
    const body = bodyFile === undefined ? new Uint8Array(0) : await bytesFrom(bodyFile, session)
    const reply = { status, headers: headersFrom(header), body }
    await withStore(options, session, async ({ store }) => {
      const keeping = ttl === undefined ? {} : { ttlSeconds: ttl }
      resolved(await idempotencyRecords(store).settle(found, reply, keeping), found)
    })
    output(session.io, options).result(
      { id: found, done: 'settled', status },
      () => `${found} is settled with ${status}`,
    )
  })
}

function statusFrom(text: string): number {
  if (!/^[2-5]\d\d$/.test(text)) throw new InvalidArgumentError('It is a status from 200 to 599.')
  return Number(text)
}

/** Adds what names a record. */
function withRecord(command: Command): Command {
  const named = command
    .argument('[id]', 'its id, 43 characters, as events tell it')
    .option('--key <key>', 'instead of the id: the idempotency key that the client sent, with one of the next three')
    .option('--caller <id>', "where the guard has scope: 'caller'")
    .option('--scope <text>', 'where its scope is a function: what that answered')
    .option('--everyone', "where the guard has scope: 'everyone'")
  return withStoreSettings(withJson(named))
}

function idOf(id: string | undefined, { key, caller, scope, everyone }: NamedBy, { io }: Session): string {
  if ((id === undefined) === (key === undefined)) throw usageError('name a record by its id, or by --key and its scope')
  if (id !== undefined) {
    if (!/^[\w-]{43}$/.test(id)) throw usageError('the id of a record is 43 letters, digits, - and _')
    return id
  }
  const scopes: RecordScope[] = []
  if (caller !== undefined) scopes.push({ kind: 'caller', value: caller })
  if (scope !== undefined) scopes.push({ kind: 'custom', value: scope })
  if (everyone === true) scopes.push({ kind: 'everyone' })
  if (scopes.length !== 1) throw usageError('with --key goes one of --caller, --scope and --everyone')
  // Where the guard has a `secret`, ids are made under it.
  const { LATCHKEY_IDEMPOTENCY_SECRET: secret } = io.env
  return recordId(scopes[0]!, key!, secret === '' ? undefined : secret)
}

/** @throws CommandError where nothing has changed. */
function resolved(answer: 'ok' | 'live' | 'settled' | 'absent', id: string): void {
  if (answer === 'absent') throw absent(id)
  if (answer === 'live') throw new CommandError(exitCodes.conflict, `a handler is still at work on ${id}`)
  if (answer === 'settled') {
    throw new CommandError(exitCodes.conflict, `${id} is settled already: a client may have its reply`)
  }
}

function absent(id: string): CommandError {
  return new CommandError(exitCodes.absent, `there is no record ${id}`)
}
