import { keyScanner } from '@latchkey/core'
import type { Command } from 'commander'
import { exitCodes } from './exit-codes.js'
import { askSecret } from './input.js'
import { keyFacts, type ShownKey, shownKey } from './key-status.js'
import { withKeys } from './open-keys.js'
import { facts, type OutputOptions, output, withJson } from './output.js'
import type { Session } from './session.js'
import { type StoreOptions, settingsFrom, withStoreSettings } from './settings.js'

/** What a key says of itself. Nothing of its secret is in here. */
interface ReadKey {
  readonly prefix: string
  readonly environment: string
  readonly id: string
  readonly display: string
  readonly checksum: 'right' | 'wrong'
}

/** What can be read out of a key without asking anybody; `undefined`: it has not the shape of one. */
function readKey(text: string): ReadKey | undefined {
  const [, prefix] = /^([a-z][a-z0-9_]{1,19})_[a-z]{2,12}_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/.exec(text) ?? []
  if (prefix === undefined || !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(prefix)) return undefined
  const found = keyScanner({ prefixes: [prefix] }).scan(text)[0]
  if (found === undefined) return undefined
  const { environment, keyId, display, isGenuine } = found
  return { prefix, environment, id: keyId, display, checksum: isGenuine ? 'right' : 'wrong' }
}

/** What the store says: a key that is known, one whose id is known and whose secret is another, or none. */
type Standing = { readonly known: 'yes'; readonly key: ShownKey } | { readonly known: 'wrong-secret' | 'no' }

/** `latchkey keys inspect`. */
export function addInspect(keys: Command, session: Session): void {
  const command = keys
    .command('inspect')
    .description(
      'what a key says of itself, and with a store what has become of it; the key is asked for, or read from standard input',
    )
  withStoreSettings(withJson(command)).action(async (options: StoreOptions & OutputOptions) => {
    const text = (await askSecret('Key', session)).trim()
    const read = readKey(text)
    const { store, prefix, formerPrefixes, isPrefixGiven } = settingsFrom(options, session.io)
    const isOurs = read === undefined || !isPrefixGiven ? undefined : [prefix, ...formerPrefixes].includes(read.prefix)
    const isAsked = store !== undefined && read?.checksum !== 'wrong'
    const standing = isAsked ? await standingOf(text, read, options, session) : undefined
    const isGood = standing === undefined ? read?.checksum === 'right' && isOurs !== false : standing.known === 'yes'
    if (!isGood) session.exitCode = standing?.known === 'no' ? exitCodes.absent : exitCodes.negative
    output(session.io, options).result(
      { key: read ?? null, prefixIsOurs: isOurs ?? null, standing: standing ?? null },
      () => [keyText(read, isOurs), standingText(standing)].filter(Boolean).join('\n\n'),
    )
  })
}

function standingOf(
  text: string,
  read: ReadKey | undefined,
  options: StoreOptions,
  session: Session,
): Promise<Standing> {
  // The key's own prefix counts here, whatever is configured for new ones.
  const asRead = read === undefined ? options : { ...options, prefix: read.prefix }
  return withKeys(asRead, session, async (api) => {
    const info = await api.identify(text)
    if (info !== undefined) return { known: 'yes', key: shownKey(info) }
    const isThere = read !== undefined && (await api.get(read.id)) !== undefined
    return { known: isThere ? 'wrong-secret' : 'no' }
  })
}

function keyText(read: ReadKey | undefined, isOurs: boolean | undefined): string {
  if (read === undefined) return 'It has not the shape of a key.'
  const { prefix, environment, id, display, checksum } = read
  return facts([
    ['shown as', display],
    ['prefix', isOurs === false ? `${prefix}, which is not configured` : prefix],
    ['environment', environment],
    ['id', id],
    ['checksum', checksum === 'right' ? 'right' : 'wrong: it was mistyped, or never was a key'],
  ])
}

function standingText(standing: Standing | undefined): string {
  if (standing === undefined) return ''
  if (standing.known === 'yes') return keyFacts(standing.key)
  return standing.known === 'no' ? 'The store does not know it.' : 'The store knows its id, and its secret is another.'
}
