import type Database from 'libsql'
import { type Account, type Accounts, type HashedPassword, hashPassword, isSamePassword } from './accounts.js'

/** Accounts in a SQLite table. */
export function sqliteAccounts(database: Database.Database): Accounts {
  database.exec(
    `CREATE TABLE IF NOT EXISTS accounts (
       id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, salt TEXT, password TEXT)`,
  )
  const insert = database.prepare('INSERT INTO accounts (id, email) VALUES (?, ?) ON CONFLICT (id) DO NOTHING')
  const byId = database.prepare('SELECT id, email FROM accounts WHERE id = ?')
  const byEmail = database.prepare('SELECT id, email FROM accounts WHERE email = ?')
  const passwordOf = database.prepare('SELECT salt, password FROM accounts WHERE id = ?')
  const updateEmail = database.prepare('UPDATE OR IGNORE accounts SET email = ? WHERE id = ?')
  const updatePassword = database.prepare('UPDATE accounts SET salt = ?, password = ? WHERE id = ?')
  const find = async (id: string) => accountOf(byId.get(id) as Account | undefined)
  return {
    find,
    add: async (id, email) => {
      insert.run(id, email)
    },
    findByEmail: async (email) => accountOf(byEmail.get(email) as Account | undefined),
    setEmail: async (id, email) => {
      updateEmail.run(email, id)
      return (await find(id))?.email === email
    },
    setPassword: async (id, chosen) => {
      const { salt, password } = await hashPassword(chosen)
      updatePassword.run(salt, password, id)
    },
    isPassword: async (id, password) => isSamePassword(password, passwordOf.get(id) as HashedPassword | undefined),
  }
}

/** The columns alone: libsql adds a member of its own to a row. */
function accountOf(row: Account | undefined): Account | undefined {
  return row && { id: row.id, email: row.email }
}
