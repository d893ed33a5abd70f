/** Accounts in a SQLite table: an address each, and a password by scrypt. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type Database from 'libsql'

export interface Account {
  readonly id: string
  readonly email: string
}

export interface Accounts {
  /** Adds the account, without a password, unless there is one of this id. */
  add(id: string, email: string): void
  find(id: string): Account | undefined
  findByEmail(email: string): Account | undefined
  /** `false`: another account has this address. */
  setEmail(id: string, email: string): boolean
  setPassword(id: string, password: string): Promise<void>
  isPassword(id: string, password: string): Promise<boolean>
}

export function accountsIn(database: Database.Database): Accounts {
  database.exec(
    `CREATE TABLE IF NOT EXISTS accounts (
       id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, salt TEXT, password TEXT)`,
  )
  const insert = database.prepare('INSERT INTO accounts (id, email) VALUES (?, ?) ON CONFLICT (id) DO NOTHING')
  const byId = database.prepare('SELECT id, email, salt, password FROM accounts WHERE id = ?')
  const byEmail = database.prepare('SELECT id, email FROM accounts WHERE email = ?')
  const updateEmail = database.prepare('UPDATE OR IGNORE accounts SET email = ? WHERE id = ?')
  const updatePassword = database.prepare('UPDATE accounts SET salt = ?, password = ? WHERE id = ?')
  const find = (id: string) => accountOf(byId.get(id) as Account | undefined)
  return {
    find,
    add: (id, email) => {
      insert.run(id, email)
    },
    findByEmail: (email) => accountOf(byEmail.get(email) as Account | undefined),
    setEmail: (id, email) => {
      updateEmail.run(email, id)
      return find(id)?.email === email
    },
    setPassword: async (id, password) => {
      const salt = randomBytes(16).toString('hex')
      updatePassword.run(salt, (await hashed(password, salt)).toString('hex'), id)
    },
    isPassword: async (id, password) => {
      const row = byId.get(id) as { salt: string | null; password: string | null } | undefined
      const hash = await hashed(password, row?.salt ?? '')
      return typeof row?.password === 'string' && timingSafeEqual(hash, Buffer.from(row.password, 'hex'))
    },
  }
}

/** The columns alone: libsql adds a member of its own to a row. */
function accountOf(row: Account | undefined): Account | undefined {
  return row && { id: row.id, email: row.email }
}

/** 32 MiB and some tenths of a second: what the OWASP Password Storage Cheat Sheet gives as one of its settings for scrypt. */
function hashed(password: string, salt: string): Promise<Buffer> {
  const settings = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, settings, (error, hash) => (error === null ? resolve(hash) : reject(error)))
  })
}
