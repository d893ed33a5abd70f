import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addCompletion } from './completion.js'
import { addDoctor } from './doctor.js'
import { addIdempotency } from './idempotency.js'
import { addKeys } from './keys.js'
import { addMigrate } from './migrate.js'
import { addScan } from './scan.js'
import { addSecrets } from './secrets.js'
import type { Session } from './session.js'
import { addSignatures } from './signatures.js'
import { addVectors } from './vectors.js'

/** Every command, group by group. */
export function program(session: Session): Command {
  const { stdout, stderr } = session.io
  const root = new Command('latchkey')
    .description(
      'API keys, idempotency records, signatures and leaks. Exit codes: 0 done, 1 the answer is no, 2 usage, 3 not there, 4 store, 5 conflict.',
    )
    .version(version())
    .exitOverride()
    .showHelpAfterError('(--help tells more)')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
  addKeys(root, session)
  addIdempotency(root, session)
  addSecrets(root, session)
  addSignatures(root, session)
  addVectors(root, session)
  addScan(root, session)
  addDoctor(root, session)
  addMigrate(root, session)
  addCompletion(root)
  return root
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
