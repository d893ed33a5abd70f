import type { Pool } from 'pg'
import { type Account, type Accounts, type HashedPassword, hashPassword, isSamePassword } from './accounts.js'

/** Any number that this application alone locks by. */
const tableLock = 760_232

/** Accounts in a Postgres table. */
export async function postgresAccounts(pool: Pool): Promise<Accounts> {
  // Statements in one query are one transaction: of processes that start together one makes the table, the others wait for it.
  await pool.query(
    `SELECT pg_advisory_xact_lock(${tableLock});
     CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, email TEXT NOT NULL, salt TEXT, password TEXT);
     CREATE UNIQUE INDEX IF NOT EXISTS accounts_email ON accounts (lower(email))`,
  )
  const select = async (columns: string, where: string, value: string) =>
    (await pool.query(`SELECT ${columns} FROM accounts WHERE ${where}`, [value])).rows[0]
  return {
    add: async (id, email) => {
      await pool.query('INSERT INTO accounts (id, email) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [id, email])
    },
    find: async (id): Promise<Account | undefined> => select('id, email', 'id = $1', id),
    findByEmail: async (email): Promise<Account | undefined> => select('id, email', 'lower(email) = lower($1)', email),
    setEmail: async (id, email) => {
      try {
        const { rowCount } = await pool.query('UPDATE accounts SET email = $2 WHERE id = $1', [id, email])
        return rowCount === 1
      } catch (error) {
        // Unique violation.
        if ((error as { code?: unknown }).code === '23505') return false
        throw error
      }
    },
    setPassword: async (id, chosen) => {
      const { salt, password } = await hashPassword(chosen)
      await pool.query('UPDATE accounts SET salt = $2, password = $3 WHERE id = $1', [id, salt, password])
    },
    isPassword: async (id, password) =>
      isSamePassword(password, (await select('salt, password', 'id = $1', id)) as HashedPassword | undefined),
  }
}
