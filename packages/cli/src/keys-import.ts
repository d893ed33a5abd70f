import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { type ApiKeys, type ImportResult, type LegacyKeys, type Peppers, StoreError } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes, storeMessage, usageError } from './exit-codes.js'
import { type RowSource, rowSource } from './import-rows.js'
import { withKeys } from './open-keys.js'
import { facts, type OutputOptions, output, withJson, writeLine } from './output.js'
import { progress } from './progress.js'
import { repeated } from './quantities.js'
import type { Session } from './session.js'
import { type StoreOptions, withStoreSettings } from './settings.js'
import type { OpenStore } from './store-url.js'
import { printable, printableJson } from './terminal-text.js'
import { unknownPeppers } from './unknown-peppers.js'

interface ImportCommandOptions extends StoreOptions, OutputOptions {
  readonly results?: string
  readonly verifier?: readonly string[]
}

/** What has become of the lines of a file. */
interface ImportSummary {
  readonly rows: number
  readonly imported: number
  readonly taken: number
  readonly full: number
  readonly invalid: number
  readonly failed: number
}

/** What has become of one line. */
interface LineResult {
  readonly line: number
  readonly outcome: ImportResult['outcome']
  readonly id?: string
  readonly detail?: string
}

/** So many failed rows are shown where nobody asked for the results. */
const mostShown = 20
/** After so many rows that the store failed one after the other, it is gone, and the rest would take its time. */
const mostFailures = 64

/** `latchkey keys import`. */
export function addImport(keys: Command, session: Session): void {
  const command = keys
    .command('import')
    .description('take over keys of another system, of which only hashes are there')
    .argument('<file>', 'JSON Lines, a key a line; - for standard input')
    .option('--results <file>', 'where a line of JSON for each row goes; - for standard output')
    .addOption(
      new Option('--verifier <name>', 'a custom:<name> that the application can verify; can be repeated').argParser(
        repeated,
      ),
    )
  withStoreSettings(withJson(command)).action(async (file: string, options: ImportCommandOptions) => {
    const { io } = session
    const source = rowSource(file, session, Date.now())
    const results = options.results === undefined ? undefined : resultsTo(options.results, session)
    const legacy = recognisers(options.verifier ?? [])
    const run = async (api: ApiKeys, { store }: OpenStore, peppers: Peppers | undefined) => {
      const [unknown] = await unknownPeppers(store, peppers)
      if (unknown !== undefined) {
        throw usageError(
          `keys in the store are hashed under the pepper ${unknown}: give the peppers of the application`,
        )
      }
      return importAll(api, source, results, session)
    }
    const { summary, storeFault } = await withKeys(options, session, run, { legacy, isRepeatable: true })
    if (options.results !== undefined && options.results !== '-') await closed(results!)
    // Standard output is the results' where they were asked for there.
    const to = options.results === '-' ? { ...io, stdout: io.stderr } : io
    output(to, options).result(summary, () => summaryText(summary))
    if (storeFault !== undefined) throw new CommandError(exitCodes.unavailable, storeMessage(storeFault))
    if (session.signal.aborted) {
      throw new CommandError(exitCodes.interrupted, `interrupted after ${summary.rows} rows: run it again to go on`)
    }
    if (summary.full + summary.invalid + summary.failed > 0) session.exitCode = exitCodes.negative
  })
}

/** Any digest is taken over, and custom hashes as far as they were named: how keys are recognised is the application's own matter. */
function recognisers(verifiers: readonly string[]): LegacyKeys[] {
  const nothing = /(?!)/
  const custom = verifiers.map((name) => ({
    ...{ name, pattern: nothing, decoy: '' },
    lookupId: () => undefined,
    verify: () => false,
  }))
  return [{ name: 'imported-by-latchkey', pattern: nothing }, ...custom]
}

interface Ending {
  readonly summary: ImportSummary
  /** Why it was given up. */
  readonly storeFault: StoreError | undefined
}

async function importAll(
  api: ApiKeys,
  source: RowSource,
  results: Writable | undefined,
  { io, signal }: Session,
): Promise<Ending> {
  const counts = { rows: 0, imported: 0, taken: 0, full: 0, invalid: 0, failed: 0 }
  const format =
    source.size === undefined ? '{rows} rows' : '[{bar}] {percentage}% | {rows} rows | {eta_formatted} left'
  const bar = progress(io, format, source.size ?? 0)
  // Told when the bar has gone, which they would break.
  const complaints: string[] = []
  const tell = async (result: LineResult) => {
    counts.rows++
    counts[result.outcome === 'ok' ? 'imported' : result.outcome]++
    const hasFailed = result.outcome !== 'ok' && result.outcome !== 'taken'
    if (results !== undefined) await writeLine(results, printableJson(result))
    else if (hasFailed && complaints.length < mostShown) {
      complaints.push(`line ${result.line}: ${result.outcome}${result.detail ? `: ${printable(result.detail)}` : ''}\n`)
    }
    if (counts.rows % 64 === 0) bar.update(source.bytesRead(), { rows: counts.rows })
  }

  // The lines of rows under way, in order: what core answers counts the rows it was given, and people count lines.
  const underWay: number[] = []
  async function* rows() {
    for await (const { line, row, problem = 'it is no row' } of source.lines()) {
      if (row === undefined) await tell({ line, outcome: 'invalid', detail: problem })
      else {
        underWay.push(line)
        yield row
      }
    }
  }

  let failures = 0
  try {
    for await (const result of api.import(rows(), { signal })) {
      await tell(lineResult(underWay.shift()!, result))
      failures = result.outcome === 'failed' ? failures + 1 : 0
      if (result.outcome === 'failed' && failures >= mostFailures && result.error instanceof StoreError) {
        return { summary: counts, storeFault: result.error }
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    bar.update(source.bytesRead(), { rows: counts.rows })
    bar.stop()
    io.stderr.write(complaints.join(''))
  }
  return { summary: counts, storeFault: undefined }
}

function lineResult(line: number, result: ImportResult): LineResult {
  switch (result.outcome) {
    case 'invalid':
      return { line, outcome: result.outcome, detail: result.detail }
    case 'full':
      return { line, outcome: result.outcome, detail: 'its owner has as many keys as it may have' }
    case 'failed': {
      const { outcome, error } = result
      return {
        line,
        outcome,
        detail: error instanceof StoreError ? storeMessage(error) : 'the row could not be stored',
      }
    }
    default:
      return { line, outcome: result.outcome, id: result.id }
  }
}

function resultsTo(file: string, { io }: Session): Writable {
  return file === '-' ? io.stdout : createWriteStream(file)
}

async function closed(stream: Writable): Promise<void> {
  stream.end()
  await once(stream, 'close')
}

function summaryText({ rows, imported, taken, full, invalid, failed }: ImportSummary): string {
  const some = (value: number) => (value === 0 ? undefined : String(value))
  return facts([
    ['rows', String(rows)],
    ['imported', String(imported)],
    ['imported before', some(taken)],
    ['owner is full', some(full)],
    ['invalid', some(invalid)],
    ['failed', some(failed)],
  ])
}
