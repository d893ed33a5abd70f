import { ConfigurationError } from '../../errors.js'
import { tell } from '../../observe.js'
import { isFunction, OptionReader } from '../../option-reader.js'
import type { ApiKeysSettings } from '../api-keys-options.js'
import type { KeyHasher } from '../key/digest.js'
import { underFreshId } from '../key/fresh-id.js'
import { drawKeyId } from '../key/grammar.js'
import { newRecord } from '../key/issued-key.js'
import type { LegacyRecogniser } from '../key/legacy-recogniser.js'
import { type ImportedApiKey, type ReadRow, readRow } from './imported-key.js'
import { activeLimit } from './issuance.js'

/** How keys are imported. */
export interface ImportOptions {
  /** Told how far it is, every few rows. */
  readonly onProgress?: (progress: ImportProgress) => void
  /** Stops the import between rows: the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal
}

/** Rows that have been gone through so far, and keys that were added. */
export interface ImportProgress {
  readonly rows: number
  readonly imported: number
}

/**
 * What has become of a row. `taken`: the key was imported before, as the key with this id; `full`: its owner has as many keys as it
 * may have; `invalid`: `detail` says what does not fit; `failed`: the store or an option failed, and the row may be tried again.
 */
export type ImportResult = { readonly row: number } & (
  | { readonly outcome: 'ok' | 'taken'; readonly id: string }
  | { readonly outcome: 'full' }
  | { readonly outcome: 'invalid'; readonly detail: string }
  | { readonly outcome: 'failed'; readonly error: unknown }
)

/** So many rows are under way at once, and no more are held: fewer than a pool has connections, which requests need, too. */
const rowsAtOnce = 8

/** Takes over keys of which only hashes are there. */
export function keyImport<Scope extends string>(
  settings: ApiKeysSettings,
  hasher: KeyHasher,
  legacy: LegacyRecogniser,
): (
  rows: Iterable<ImportedApiKey<Scope>> | AsyncIterable<ImportedApiKey<Scope>>,
  options?: ImportOptions,
) => AsyncGenerator<ImportResult, void, undefined> {
  const { store, now, random, observe } = settings

  const add = async ({ chosen, hash, identity }: ReadRow): Promise<Outcome> => {
    const { ownerId, environment } = chosen
    const maxActive = await activeLimit(settings.maxActiveKeys, ownerId)
    const lookups = hasher.lookups(identity)
    return underFreshId(async () => {
      const known = await store.findByLookup(lookups)
      if (known) return { outcome: 'taken', id: known.id } as const
      const id = drawKeyId(random)
      const record = newRecord({ id, lookup: lookups[0]!, prefix: '', ...hash }, chosen, now())
      const insertion = await store.insert(record, maxActive)
      if (insertion === 'taken') return insertion
      if (insertion === 'full') return { outcome: insertion }
      tell(observe, { type: 'api-key.imported', keyId: id, ownerId, environment })
      return { outcome: insertion, id }
    })
  }

  const take = async (input: ImportedApiKey<Scope>, row: number): Promise<ImportResult> => {
    let read: ReadRow
    try {
      read = readRow(input, settings, legacy, now())
    } catch (error) {
      if (error instanceof ConfigurationError) return { row, outcome: 'invalid', detail: error.message }
      return { row, outcome: 'failed', error }
    }
    return { row, ...(await add(read).catch((error: unknown) => ({ outcome: 'failed', error }) as const)) }
  }

  return (rows, options = {}) => {
    const read = new OptionReader('import', options, ['onProgress', 'signal'])
    const onProgress = read.optional('onProgress', 'a function', isFunction<(progress: ImportProgress) => void>)
    const signal = read.optional('signal', 'an AbortSignal', isSignal)
    if (!isIterable(rows)) throw read.fault('rows', 'something to iterate over', rows)
    if (settings.legacy.length === 0) {
      throw new ConfigurationError(
        'invalid-option',
        'apiKeys: "legacy" must be set before keys are imported: nothing recognises them when they are presented',
      )
    }
    return importing(batchesOf(rows), take, onProgress, signal)
  }
}

type Outcome = Omit<Extract<ImportResult, { id: string }>, 'row'> | { readonly outcome: 'full' }

async function* importing<Row>(
  batches: AsyncIterable<readonly Row[]>,
  take: (row: Row, index: number) => Promise<ImportResult>,
  onProgress: ((progress: ImportProgress) => void) | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImportResult, void, undefined> {
  let imported = 0
  let begun = 0
  signal?.throwIfAborted()
  for await (const batch of batches) {
    const first = begun
    begun += batch.length
    for (const result of await Promise.all(batch.map((row, at) => take(row, first + at)))) {
      if (result.outcome === 'ok') imported++
      yield result
    }
    tell(onProgress, { rows: begun, imported })
    signal?.throwIfAborted()
  }
}

async function* batchesOf<Row>(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < rowsAtOnce) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
}

function isSignal(value: unknown): value is AbortSignal {
  return typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === 'function'
}
