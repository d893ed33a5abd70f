import { type ApiKeys, apiKeys, ConfigurationError, type LegacyKeys, type Peppers, StoreError } from '@latchkey/core'
import { ipAddresses } from '@latchkey/ip'
import { CommandError, exitCodes, storeMessage, usageError } from './exit-codes.js'
import { peppersFrom } from './peppers.js'
import type { Session } from './session.js'
import { type Settings, type StoreOptions, settingsFrom } from './settings.js'
import { type Opening, type OpenStore, openStore } from './store-url.js'

/** Runs some work on the store that the options name, and closes it however that ends. */
export async function withStore<Answer>(
  options: StoreOptions,
  session: Session,
  work: (opened: OpenStore, settings: Settings) => Promise<Answer>,
  opening: Opening & { readonly isUnmigrated?: boolean } = {},
): Promise<Answer> {
  const settings = settingsFrom(options, session.io)
  const opened = openStore(settings, session.io, opening)
  try {
    if (opened.engine === 'postgres' && opening.isUnmigrated !== true) await checkTables(opened)
    return await work(opened, settings)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const heard = opened.lastFault()
    const detail = `${storeMessage(error)}${heard === undefined ? '' : ` (${heard})`}`
    throw new CommandError(exitCodes.unavailable, `${opened.place}: ${detail}`)
  } finally {
    await opened.close()
  }
}

async function checkTables({ store }: Extract<OpenStore, { engine: 'postgres' }>): Promise<void> {
  try {
    await store.check()
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw usageError(error.message.replace(/: call migrate\(\).*$/s, ': run latchkey migrate'))
  }
}

/** API keys as the options describe them, in the store that they name. */
export async function withKeys<Answer>(
  options: StoreOptions,
  session: Session,
  work: (keys: ApiKeys, opened: OpenStore, peppers: Peppers | undefined) => Promise<Answer>,
  { legacy = [], ...opening }: Opening & { readonly legacy?: readonly LegacyKeys[] } = {},
): Promise<Answer> {
  const peppers = await peppersFrom(options.peppersFile, session)
  return withStore(
    options,
    session,
    async (opened, settings) => {
      const { prefix, formerPrefixes, environments } = settings
      const keys = apiKeys({
        ...{ store: opened.store, prefix, formerPrefixes, addresses: ipAddresses() },
        legacy: [...settings.legacy, ...legacy],
        ...(environments !== undefined && { environments }),
        ...(peppers !== undefined && { peppers }),
      })
      try {
        return await work(keys, opened, peppers)
      } finally {
        await keys.flush()
      }
    },
    opening,
  )
}
