import { memoryStore, type Store } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'

/** Opens the store that a `--store` option names. */
export function openStore(name: string): Store {
  return name === 'memory' ? memoryStore() : sqliteStore({ file: name.slice('sqlite:'.length) })
}
