import type { ApiKeyPage } from '@latchkey/core'
import type { Command } from 'commander'
import { CommandError, exitCodes, usageError } from './exit-codes.js'
import { readKeyId } from './key-argument.js'
import { keyFacts, keyTable, type ShownKey, shownKey } from './key-status.js'
import { withKeys } from './open-keys.js'
import { type OutputOptions, output, withJson } from './output.js'
import { count } from './quantities.js'
import type { Session } from './session.js'
import { type StoreOptions, withStoreSettings } from './settings.js'

type Options = StoreOptions & OutputOptions

interface ListOptions extends Options {
  readonly owner?: string
  readonly environment?: string
  readonly name?: string
  readonly after?: string
  readonly limit?: number
  readonly all?: boolean
}

/** `latchkey keys list`, `show`, `revoke`, `disable` and `enable`. */
export function addKeeping(keys: Command, session: Session): void {
  addList(keys, session)
  const show = keys.command('show').description('all that is known of a key').argument('<id>', 'its id', readKeyId)
  withStoreSettings(withJson(show)).action(async (id: string, options: Options) => {
    const info = await withKeys(options, session, (api) => api.get(id))
    if (info === undefined) throw absent(id)
    const key = shownKey(info)
    output(session.io, options).result(key, () => keyFacts(key))
  })
  addRevoke(keys, session)
  addSwitch(keys, session, 'disable', 'suspend a key until it is enabled')
  addSwitch(keys, session, 'enable', 'let a disabled key be used again')
}

function addList(keys: Command, session: Session): void {
  const list = keys
    .command('list')
    .description('keys in the order of their ids')
    .option('--owner <id>', 'only those of this owner')
    .option('--environment <name>', 'only those of this environment')
    .option('--name <text>', 'only those in whose name this stands')
    .option('--after <id>', 'go on after this one', readKeyId)
    .option('--limit <n>', 'at most so many, 1 to 1000 (default: 100)', count)
    .option('--all', 'page after page, to the end')
  withStoreSettings(withJson(list)).action(async (options: ListOptions) => {
    const { keys: found, after } = await withKeys(options, session, async (api) => {
      const page = pageOf(options)
      const all: ShownKey[] = []
      for (let next = page; ; ) {
        const infos = await api.list(next)
        const last = infos.at(-1)?.id
        for (const info of infos) all.push(shownKey(info))
        if (last === undefined) return { keys: all, after: null }
        if (options.all !== true || session.signal.aborted) return { keys: all, after: last }
        next = { ...page, after: last }
      }
    })
    output(session.io, options).result({ keys: found, after }, () => keyTable(found))
    const isFull = options.all !== true && found.length === (options.limit ?? 100)
    if (isFull && options.json !== true) session.io.stderr.write(`There may be more: --after ${after}\n`)
  })
}

function pageOf({ owner, environment, name, after, limit, all }: ListOptions): ApiKeyPage {
  return {
    ...(owner !== undefined && { ownerId: owner }),
    ...(environment !== undefined && { environment }),
    ...(name !== undefined && { nameContains: name }),
    ...(after !== undefined && { after }),
    ...(limit !== undefined ? { limit } : all === true ? { limit: 1000 } : {}),
  }
}

interface RevokeOptions extends Options {
  readonly owner?: string
  readonly reason?: string
}

function addRevoke(keys: Command, session: Session): void {
  const revoke = keys
    .command('revoke')
    .description('end a key for good, or all keys of an owner')
    .argument('[id]', 'its id', readKeyId)
    .option('--owner <id>', 'every key of this owner that is not revoked yet')
    .option('--reason <text>', 'kept beside the key')
  withStoreSettings(withJson(revoke)).action(async (id: string | undefined, options: RevokeOptions) => {
    const { owner, reason } = options
    if ((id === undefined) === (owner === undefined)) throw usageError('name one key, or an owner with --owner')
    const revoked = await withKeys(options, session, async (api) => {
      if (owner !== undefined) return api.revokeAll(owner, reason)
      if (!(await api.revoke(id!, reason))) throw absent(id!)
      return [id!]
    })
    const people = () =>
      owner === undefined ? `${id} is revoked` : `${revoked.length} revoked\n${revoked.join('\n')}`.trim()
    output(session.io, options).result({ revoked }, people)
  })
}

function addSwitch(keys: Command, session: Session, name: 'disable' | 'enable', description: string): void {
  const command = keys.command(name).description(description).argument('<id>', 'its id', readKeyId)
  withStoreSettings(withJson(command)).action(async (id: string, options: Options) => {
    if (!(await withKeys(options, session, (api) => api[name](id)))) throw absent(id)
    output(session.io, options).result({ id, done: `${name}d` }, () => `${id} is ${name}d`)
  })
}

function absent(id: string): CommandError {
  return new CommandError(exitCodes.absent, `there is no key ${id}`)
}
