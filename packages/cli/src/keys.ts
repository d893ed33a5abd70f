import type { Command } from 'commander'
import { addImport } from './keys-import.js'
import { addInspect } from './keys-inspect.js'
import { addIssue, addRotate } from './keys-issue.js'
import { addKeeping } from './keys-keeping.js'
import type { Session } from './session.js'

/** `latchkey keys`: the life of API keys. */
export function addKeys(program: Command, session: Session): void {
  const keys = program.command('keys').description('issue, look at, rotate, end, import and inspect API keys')
  addIssue(keys, session)
  addKeeping(keys, session)
  addRotate(keys, session)
  addImport(keys, session)
  addInspect(keys, session)
}
