/** Accounts: an address each, and a password by scrypt. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

export interface Account {
  readonly id: string
  readonly email: string
}

export interface Accounts {
  /** Adds the account, without a password, unless there is one of this id. */
  add(id: string, email: string): Promise<void>
  find(id: string): Promise<Account | undefined>
  /** Whatever the case of the address. */
  findByEmail(email: string): Promise<Account | undefined>
  /** `false`: another account has this address. */
  setEmail(id: string, email: string): Promise<boolean>
  setPassword(id: string, password: string): Promise<void>
  isPassword(id: string, password: string): Promise<boolean>
}

/** What is kept of a password. */
export interface HashedPassword {
  readonly salt: string
  readonly password: string
}

export async function hashPassword(password: string): Promise<HashedPassword> {
  const salt = randomBytes(16).toString('hex')
  return { salt, password: (await hashed(password, salt)).toString('hex') }
}

/** Without an account, or a password of it, the work is the same. */
export async function isSamePassword(password: string, kept: Partial<HashedPassword> | undefined): Promise<boolean> {
  const hash = await hashed(password, kept?.salt ?? '')
  return typeof kept?.password === 'string' && timingSafeEqual(hash, Buffer.from(kept.password, 'hex'))
}

/** 32 MiB and some tenths of a second: what the OWASP Password Storage Cheat Sheet gives as one of its settings for scrypt. */
function hashed(password: string, salt: string): Promise<Buffer> {
  const settings = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, settings, (error, hash) => (error === null ? resolve(hash) : reject(error)))
  })
}
