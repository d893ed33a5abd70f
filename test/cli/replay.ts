import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, inTerminal, program } from './command.js'
import { Names, type Step, settledText } from './transcripts.js'

/** The store of which the documents speak. */
export const documentedStore = 'sqlite:./data/latchkey.db'

/** What a command was to show and what it showed, without what differs from run to run; and that as it was. */
export interface Outcome {
  readonly documented: string
  readonly actual: string
  readonly raw: string
}

/** Stands between what two commands show. */
const mark = (index: number) => `--- step ${index} ---`

/** Runs commands one after the other in one shell, in a terminal; a name that a command needs is what an earlier one showed. */
export async function replay(steps: readonly Step[], url: string): Promise<Outcome[]> {
  const { path, remove } = folder()
  try {
    symlinkSync(program, join(path, 'latchkey'))
    const names = new Names()
    const outcomes: Outcome[] = []
    writeFileSync(join(path, 'prompt'), `PS1='' PS2='' PATH="$PWD:$PATH"; stty -echo; unset HISTFILE; echo ready\n`)
    // Ids are known only when they were shown, so that each command is typed when the one before has ended.
    let next = 0
    let begin = 0
    await inTerminal('bash --noprofile --rcfile prompt -i', { cwd: path }, (shown, type) => {
      if (!(next > 0 ? settledText(shown.slice(begin)).includes(mark(next)) : shown.includes('ready'))) return
      if (next > 0) {
        const { shown: documented } = steps[next - 1]!
        const [actual] = settledText(shown.slice(begin)).split(mark(next))
        const raw = actual!.replace(/^\n+/, '').trimEnd()
        outcomes.push({ ...names.compare(ofStore(documented, url), raw), raw })
      }
      begin = shown.length
      const step = steps[next]
      next++
      if (step === undefined) type('exit\n')
      else type(`${ofStore(names.inThisRun(step.command), url)}; printf '%s%s\\n' '--- step ' '${next} ---'\n`)
    })
    return outcomes
  } finally {
    remove()
  }
}

/** The documents speak of SQLite: elsewhere no file is made, and the place is another. */
function ofStore(text: string, url: string): string {
  if (url === documentedStore) return text
  return text
    .split('\n')
    .filter((line) => !/^"\.\/data\/latchkey\.db" was not there|^file +ok/.test(line))
    .join('\n')
    .replaceAll(documentedStore, url.replace(/\/\/[^@]*@/, '//'))
    .replaceAll(/(?<=LATCHKEY_STORE=)\S+/g, url)
}
