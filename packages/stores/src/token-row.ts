import { StoreError, type TokenRecord } from '@latchkey/core'
import { textFrom } from './stored-text.js'

/**
 * The token that the columns `subject`, `purpose` and `data` of a table `latchkey_tokens` hold.
 *
 * @throws StoreError `corrupt` where they hold none.
 */
export function tokenRecord(id: string, columns: readonly unknown[]): TokenRecord {
  try {
    const [subject, purpose, data] = columns.map((column) => textFrom(column as string))
    return { id, subject: subject!, purpose: purpose!, data: data! }
  } catch (error) {
    throw new StoreError('corrupt', 'A one-time token in the database cannot be read', { cause: error })
  }
}
