import { statSync } from 'node:fs'
import { keyScanner } from '@latchkey/core'
import type { Command } from 'commander'
import { type ExitCode, endOf, exitCodes } from './exit-codes.js'
import { withKeys } from './open-keys.js'
import { type OutputOptions, output, table, withJson } from './output.js'
import { peppersFrom } from './peppers.js'
import type { Session } from './session.js'
import { defaultPrefix, type Settings, type StoreOptions, settingsFrom, withStoreSettings } from './settings.js'
import type { OpenStore } from './store-url.js'
import { unknownPeppers } from './unknown-peppers.js'

interface DoctorOptions extends StoreOptions, OutputOptions {
  readonly strict?: boolean
}

/** What was looked at, and what was found. */
interface Finding {
  readonly check: string
  readonly result: 'ok' | 'warning' | 'failed'
  readonly detail: string
  /** What the command ends with, where it failed. */
  readonly code?: ExitCode
}

/** `latchkey doctor`: whether the configuration holds together, and whether the store is fit to be used. */
export function addDoctor(program: Command, session: Session): void {
  const command = program
    .command('doctor')
    .description('check a configuration and a store; nothing is changed')
    .option('--strict', 'end with 1 on a warning, too')
  withStoreSettings(withJson(command)).action(async (options: DoctorOptions) => {
    const findings: Finding[] = [node()]
    const settings = await found(findings, 'configuration', async () => configuration(options, session))
    if (settings !== undefined) {
      await found(findings, 'peppers', async () => peppers(options, session))
      if (settings.store === undefined) findings.push(warning('store', 'none is given: --store, or LATCHKEY_STORE'))
      // Read from standard input once, peppers are not there a second time.
      else
        await found(findings, 'store', () =>
          store({ ...options, ...(options.peppersFile === '-' && { peppersFile: '' }) }, session),
        )
    }
    const failed = findings.find(({ result }) => result === 'failed')
    const hasWarning = findings.some(({ result }) => result === 'warning')
    session.exitCode = failed?.code ?? (hasWarning && options.strict === true ? exitCodes.negative : exitCodes.done)
    const shown = findings.map(({ code: _code, ...finding }) => finding)
    output(session.io, options).result({ healthy: failed === undefined, findings: shown }, () =>
      table(
        ['CHECK', 'RESULT', 'DETAIL'],
        shown.map(({ check, result, detail }) => [check, result, detail]),
      ),
    )
  })
}

type Found<Value> = { readonly value: Value; readonly findings: readonly Finding[] }

/** Runs a check; what it throws is its finding. */
async function found<Value>(
  findings: Finding[],
  check: string,
  look: () => Promise<Found<Value>>,
): Promise<Value | undefined> {
  try {
    const { value, findings: more } = await look()
    findings.push(...more)
    return value
  } catch (error) {
    const { code, message = 'it does not fit' } = endOf(error)
    findings.push({ check, result: 'failed', detail: message, code })
    return undefined
  }
}

function node(): Finding {
  return ok('node', process.version)
}

async function configuration(options: DoctorOptions, { io }: Session): Promise<Found<Settings>> {
  const settings = settingsFrom(options, io)
  const { file, prefix, formerPrefixes, isPrefixGiven } = settings
  keyScanner({ prefixes: [prefix, ...formerPrefixes] })
  const findings = [ok('configuration', file ?? 'no file')]
  findings.push(
    isPrefixGiven
      ? ok('prefix', prefix)
      : warning('prefix', `none is given, so new keys begin with ${defaultPrefix}_, as those of the examples do`),
  )
  return { value: settings, findings }
}

async function peppers({ peppersFile }: DoctorOptions, session: Session): Promise<Found<undefined>> {
  const read = await peppersFrom(peppersFile, session)
  const finding =
    read === undefined
      ? warning('peppers', 'none: digests of new keys are plain SHA-256')
      : ok('peppers', `current is ${read.current}, of ${Object.keys(read.secrets).length}`)
  return { value: undefined, findings: [finding] }
}

function store(options: DoctorOptions, session: Session): Promise<Found<undefined>> {
  return withKeys(options, session, async (keys, opened, peppers) => {
    const findings = [ok('store', opened.place)]
    // Each part that commands use is asked once: what answers a ping may still lack a table.
    await keys.list({ limit: 1 })
    await opened.store.idempotency.list({ limit: 1 })
    findings.push(ok('tables', 'keys and idempotency records can be read'), ...(await ownFindings(opened)))
    for (const name of await unknownPeppers(opened.store, peppers)) {
      const detail = `keys are hashed under ${name}, which is not given: they cannot be verified`
      findings.push({ check: 'pepper', result: 'failed', detail, code: exitCodes.usage })
    }
    return { value: undefined, findings }
  })
}

/** What only one kind of store has. */
async function ownFindings(opened: OpenStore): Promise<readonly Finding[]> {
  if (opened.engine === 'sqlite') return fileFindings(opened.file)
  if (opened.engine === 'postgres') return []
  const warnings = await opened.store.check()
  return warnings.length === 0
    ? [ok('eviction', 'noeviction')]
    : warnings.map((found) =>
        found.type === 'redis.evicting_policy'
          ? warning('eviction', `maxmemory-policy is ${found.policy}: a key or a record may be evicted; set noeviction`)
          : warning('eviction', 'the server does not tell its maxmemory-policy: it must be noeviction'),
      )
}

function fileFindings(file: string): readonly Finding[] {
  if (file === ':memory:' || process.platform === 'win32') return []
  const isOpen = (statSync(file).mode & 0o002) !== 0
  return [
    isOpen
      ? warning('file', `every user of the machine may write to it: chmod o-w`)
      : ok('file', 'not everybody may write to it'),
  ]
}

function ok(check: string, detail: string): Finding {
  return { check, result: 'ok', detail }
}

function warning(check: string, detail: string): Finding {
  return { check, result: 'warning', detail }
}
