import { schemaSql } from '@latchkey/stores/postgres'
import type { Command } from 'commander'
import { usageError } from './exit-codes.js'
import { withStore } from './open-keys.js'
import { type OutputOptions, output, withJson } from './output.js'
import type { Session } from './session.js'
import { type StoreOptions, settingsFrom, withStoreSettings } from './settings.js'

interface MigrateOptions extends StoreOptions, OutputOptions {
  readonly print?: boolean
}

/** `latchkey migrate`: makes the tables, or brings them up to date. */
export function addMigrate(program: Command, session: Session): void {
  const command = program
    .command('migrate')
    .description('make the tables of a store, or bring them up to date; it can be run again')
    .option('--print', 'print the SQL for Postgres instead, for those who run it themselves')
  withStoreSettings(withJson(command)).action(async (options: MigrateOptions) => {
    const { store: url, schema } = settingsFrom(options, session.io)
    if (options.print === true) {
      if (url !== undefined && !url.startsWith('postgres'))
        throw usageError('--print is for Postgres: other stores need no SQL')
      const sql = schemaSql(schema === undefined ? {} : { schema })
      output(session.io, options).result({ sql }, () => sql.trimEnd())
      return
    }
    const migrated = await withStore(
      options,
      session,
      async (opened) => {
        // SQLite makes its tables as it is opened, and Redis has none: it is asked whether it is there.
        if (opened.engine === 'postgres') await opened.store.migrate()
        if (opened.engine === 'redis') await opened.store.check()
        return opened.place
      },
      { isUnmigrated: true },
    )
    output(session.io, options).result({ migrated }, () => `${migrated} is up to date`)
  })
}
