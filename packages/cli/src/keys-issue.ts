import type { ApiKeyInfo, IssuedApiKey, NewApiKey, NewQuota, RateLimit } from '@latchkey/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readKeyId } from './key-argument.js'
import { keyFacts, shownKey } from './key-status.js'
import { withKeys } from './open-keys.js'
import { mayReveal, type OutputOptions, output, withReveal } from './output.js'
import { durationSeconds, list, momentFrom, quotaFrom, rateFrom } from './quantities.js'
import type { Session } from './session.js'
import { type StoreOptions, withStoreSettings } from './settings.js'

interface IssueOptions extends StoreOptions, OutputOptions {
  readonly owner: string
  readonly name?: string
  readonly environment?: string
  readonly scopes?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly allowIps?: readonly string[]
  readonly rateLimit?: RateLimit
  readonly quota?: NewQuota
  readonly expires?: Date
  readonly idle?: number
}

/** `latchkey keys issue`. */
export function addIssue(keys: Command, session: Session): void {
  const command = keys
    .command('issue')
    .description('make a key; it is shown this once')
    .requiredOption('--owner <id>', 'for whom the key is')
    .option('--name <text>', 'for people')
    .option('--environment <name>', 'one of the environments (default: the first of them, live)')
    .addOption(new Option('--scopes <list>', 'what it may do: payments:read,payments:write').argParser(list))
    .option('--metadata <json>', 'data of your own, which the grant carries', metadataFrom)
    .addOption(new Option('--allow-ips <list>', 'addresses and CIDR ranges it may be used from').argParser(list))
    .option('--rate-limit <n/window>', 'most requests in each window: 100/60, 100/1m', rateFrom)
    .option('--quota <n[/refill]>', 'requests that are left, and how often they come back: 1000, 1000/30d', quotaFrom)
    .option('--expires <when>', 'a date, a time or a duration: 2027-01-31, 90d', (text) => momentFrom(text, Date.now()))
    .option('--idle <duration>', 'refused when it has not been used for so long: 90d', durationSeconds)
  withStoreSettings(withReveal(command)).action(async (options: IssueOptions) => {
    mayReveal(session.io, options)
    const issued = await withKeys(options, session, (api) => api.issue(newKey(options)))
    show(issued, options, session)
  })
}

function newKey(options: IssueOptions): NewApiKey {
  const { owner, name, environment, scopes, metadata, allowIps, rateLimit, quota, expires, idle } = options
  const chosen = {
    ...{ name, environment, scopes, metadata, rateLimit, quota },
    ...{ allowedIps: allowIps, expiresAt: expires, idleSeconds: idle },
  }
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined))
  return { ownerId: owner, ...given }
}

function metadataFrom(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('It is a JSON object.')
  }
}

interface RotateOptions extends StoreOptions, OutputOptions {
  readonly grace?: number
  readonly graceFrom?: 'now' | 'first-use'
  readonly expires?: Date | null
}

/** `latchkey keys rotate`. */
export function addRotate(keys: Command, session: Session): void {
  const command = keys
    .command('rotate')
    .description('put a new key in the place of this one; it is shown this once')
    .argument('<id>', 'the id of the old key', readKeyId)
    .option('--grace <duration>', 'how long the old key goes on (default: 1d)', durationSeconds)
    .addOption(new Option('--grace-from <moment>', 'when that begins (default: now)').choices(['now', 'first-use']))
    .option(
      '--expires <when>',
      'the end of the new key, or never (default: as long as the old one was to live)',
      (text) => (text === 'never' ? null : momentFrom(text, Date.now())),
    )
  withStoreSettings(withReveal(command)).action(async (id: string, options: RotateOptions) => {
    mayReveal(session.io, options)
    const { grace, graceFrom, expires } = options
    const issued = await withKeys(options, session, (api) =>
      api.rotate(id, {
        ...(grace !== undefined && { graceSeconds: grace }),
        ...(graceFrom !== undefined && { graceFrom }),
        ...(expires !== undefined && { expiresAt: expires }),
      }),
    )
    show(issued, options, session)
  })
}

/** Alone on its line the key can be copied by a double click. */
function show(issued: IssuedApiKey, options: OutputOptions, { io }: Session): void {
  const { key, info }: { key: string; info: ApiKeyInfo } = issued
  const shown = shownKey(info)
  output(io, options).result({ key, ...shown }, () => `${key}\n\nIt is shown this once.\n\n${keyFacts(shown)}`)
}
