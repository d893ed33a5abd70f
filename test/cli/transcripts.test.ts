import { describe, expect, test } from 'vitest'
import { repository } from '../architecture/source.js'
import { noTerminal } from './command.js'
import { documentedStore, replay } from './replay.js'
import { triedStores } from './stores.js'
import { Names, transcript } from './transcripts.js'

const page = repository('.md').find(({ path }) => path === 'docs/cli.md')!
const steps = transcript(page)

const tried = triedStores.filter(({ engine }) => engine !== 'redis')

describe.each(tried)('the transcripts in docs/cli.md, in $engine', ({ engine, missing, start }) => {
  const reason = missing ?? noTerminal()
  test.skipIf(reason !== undefined)(reason ?? 'show what the program shows', { timeout: 180_000 }, async () => {
    const store = engine === 'sqlite' ? undefined : await start()
    try {
      const outcomes = await replay(steps, store?.url ?? documentedStore)
      const shown = (side: 'documented' | 'actual') =>
        steps.map(({ line, command }, index) => `${line}: $ ${command}\n${outcomes[index]?.[side]}`)
      expect(shown('actual')).toEqual(shown('documented'))
    } finally {
      await store?.remove()
    }
  })
})

describe('a transcript that is wrong', () => {
  const names = new Names()

  test('is found, whatever ids and times are', () => {
    const same = names.compare('4fQ2v9sKx0Lb is disabled', 'AAAAAAAAAAAA is disabled')
    expect(same.actual).toBe(same.documented)
    const other = names.compare('4fQ2v9sKx0Lb is disabled', 'AAAAAAAAAAAA is enabled')
    expect(other.actual).not.toBe(other.documented)
  })

  test('is typed with the ids of its own run', () => {
    expect(names.inThisRun('latchkey keys show 4fQ2v9sKx0Lb')).toBe('latchkey keys show AAAAAAAAAAAA')
  })
})
