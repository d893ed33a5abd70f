import { fencedBlocks } from '../docs/blocks.js'

/** One command of a transcript, and what the document says that it shows. */
export interface Step {
  readonly line: number
  readonly command: string
  readonly shown: string
}

/** The commands in the ```console blocks of a page, in order. */
export function transcript(page: { readonly path: string; readonly text: string }): Step[] {
  return fencedBlocks(page)
    .filter(({ language }) => language === 'console')
    .flatMap(({ line, code }) => {
      const steps: { line: number; command: string; shown: string[] }[] = []
      for (const [index, text] of code.split('\n').entries()) {
        if (text.startsWith('$ ')) steps.push({ line: line + index, command: text.slice(2), shown: [] })
        else steps.at(-1)?.shown.push(text)
      }
      return steps.map(({ shown, ...step }) => ({ ...step, shown: shown.join('\n').trimEnd() }))
    })
}

/** What differs from run to run: keys, ids of keys, and times. */
const volatile =
  /(?<key>\b[a-z]+_(?:live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b)|(?<=(?:^|[\s_])(?:live|test)_)(?<shown>[0-9A-Za-z]{12})(?=_…)|(?<=^(?:id|rotated from|rotated to) +)(?<fact>[0-9A-Za-z]{12})$|^(?<row>[0-9A-Za-z]{12})(?=$| {2}live| is )|(?<=^|"id":")(?<json>[0-9A-Za-z]{12})(?=")|(?<node>\bv\d+\.\d+\.\d+$)|(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ)/gm

/** Text with what differs taken out, and what that was. */
function parted(text: string): { readonly frame: string; readonly parts: readonly string[] } {
  const parts: string[] = []
  const frame = text.replace(volatile, (part) => {
    parts.push(part)
    return '…'
  })
  return { frame, parts }
}

/** The names that a document has for what a run made. */
export class Names {
  readonly #actual = new Map<string, string>()

  /** A command as the document has it, with the names of this run. */
  inThisRun(text: string): string {
    let told = text
    for (const [documented, actual] of this.#actual) told = told.replaceAll(documented, actual)
    return told
  }

  /** Learns which name of this run stands for which in the document, and answers with both without names, to be compared. */
  compare(documented: string, actual: string): { readonly documented: string; readonly actual: string } {
    const known = parted(this.inThisRun(documented))
    const found = parted(actual)
    for (const [index, part] of known.parts.entries()) {
      const now = found.parts[index]
      if (now === undefined || /^\d{4}-|^v\d+\./.test(part)) continue
      this.#learn(part, now)
    }
    return { documented: known.frame, actual: found.frame }
  }

  #learn(documented: string, actual: string): void {
    if (documented === actual) return
    this.#actual.set(documented, actual)
    // A key names its id, too.
    const id = /_([0-9A-Za-z]{12})_[0-9A-Za-z]{49}$/
    const [, documentedId] = id.exec(documented) ?? []
    const [, actualId] = id.exec(actual) ?? []
    if (documentedId !== undefined && actualId !== undefined) this.#actual.set(documentedId, actualId)
  }
}

/** What a terminal shows in the end: without the sequences that move about, and of a line that was drawn over the last state. */
export function settledText(shown: string): string {
  return shown
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal is told.
      const drawn = line.replaceAll(/\x1b\[1?G/g, '\r').replaceAll(/\x1b(?:\[[?0-9;]*[A-Za-z]|[78])/g, '')
      return drawn.split('\r').findLast((part) => part !== '') ?? ''
    })
    .join('\n')
}
