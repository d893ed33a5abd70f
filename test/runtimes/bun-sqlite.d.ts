declare module 'bun:sqlite' {
  import type { SqliteDatabase } from '@latchkey/stores/sqlite'

  export const Database: new (file: string) => SqliteDatabase & { close(): void }
}
