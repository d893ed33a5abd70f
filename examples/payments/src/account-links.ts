/** Links by mail, good once: for a new password, and for the confirmation of a new address. No framework is in here. */
import { type HasTokenStore, oneTimeTokens, problem, type Reply, StoreError } from '@latchkey/core'
import { accountPage } from './account-page.js'
import type { Accounts } from './accounts.js'
import type { Mailer } from './mailer.js'

export interface AccountLinksOptions {
  readonly store: HasTokenStore
  readonly accounts: Accounts
  readonly mailer: Mailer
  /** What links begin with. It is configured: the `Host` of a request is whatever its sender writes. */
  readonly publicUrl: string
}

/** Each takes a parsed body, whatever it holds, and answers with the whole reply. */
export interface AccountLinks {
  readonly resetPage: Reply
  readonly confirmationPage: Reply
  /** Of anybody: `{ email }`. */
  requestReset(body: unknown): Reply
  /** Of whoever has the link: `{ token, password }`. */
  resetPassword(body: unknown): Promise<Reply>
  /** Of the account itself: `{ email }`. */
  requestConfirmation(accountId: string, body: unknown): Reply
  /** Of whoever has the link: `{ token }`. */
  confirmEmail(body: unknown): Promise<Reply>
}

const noStore = [['cache-control', 'no-store']] as const
const accepted: Reply = { status: 202, headers: noStore, body: Buffer.of() }
const done: Reply = { status: 204, headers: noStore, body: Buffer.of() }
/** Used, expired, replaced, of another purpose or made up: the same bytes. */
const linkNotValid = problem({ status: 410, code: 'link-not-valid', title: 'This link is not valid any more' })
const passwordTooShort = problem({
  status: 422,
  code: 'password-too-short',
  title: 'A password has 12 to 200 characters',
})
const addressTaken = problem({ status: 409, code: 'address-taken', title: 'Another account has this address' })
const unavailable = problem({
  status: 503,
  code: 'links-unavailable',
  title: 'Try again',
  headers: [['retry-after', '1']],
})

export function accountLinks({ store, accounts, mailer, publicUrl }: AccountLinksOptions): AccountLinks {
  const tokens = oneTimeTokens({ store })

  const sendReset = async (email: string) => {
    const account = await accounts.findByEmail(email)
    if (account === undefined) return
    const { token } = await tokens.issue(account.id, 'password-reset', 1800, { replaces: true })
    const text = `Within half an hour: ${publicUrl}/password-resets/confirm#${token}`
    await mailer.send({ to: account.email, subject: 'A new password', text })
  }

  const sendConfirmation = async (accountId: string, email: string) => {
    const options = { data: { email }, replaces: true }
    const { token } = await tokens.issue(accountId, 'email-confirmation', 86_400, options)
    const text = `Within a day: ${publicUrl}/email-confirmations/confirm#${token}`
    await mailer.send({ to: email, subject: 'Is this your address?', text })
  }

  return {
    resetPage: accountPage(
      'Set a new password',
      '<input name="password" type="password" minlength="12" maxlength="200" autocomplete="new-password" required>',
    ),
    confirmationPage: accountPage('Confirm this address', ''),
    requestReset: (body) => {
      afterTheAnswer(() => sendReset(text(body, 'email')))
      return accepted
    },
    resetPassword: answered(async (body) => {
      const password = text(body, 'password')
      // Before the token is used: a password that is too short must not cost it.
      if (password.length < 12 || password.length > 200) return passwordTooShort
      const used = await tokens.consume(text(body, 'token'), 'password-reset')
      if (used === undefined) return linkNotValid
      await accounts.setPassword(used.subject, password)
      await tokens.revokeAll(used.subject)
      return done
    }),
    requestConfirmation: (accountId, body) => {
      const email = text(body, 'email')
      if (/^[^\s@]+@[^\s@]+$/.test(email)) afterTheAnswer(() => sendConfirmation(accountId, email))
      return accepted
    },
    confirmEmail: answered(async (body) => {
      const used = await tokens.consume(text(body, 'token'), 'email-confirmation')
      if (used === undefined) return linkNotValid
      if (!(await accounts.setEmail(used.subject, text(used.data, 'email')))) return addressTaken
      // What was sent to the former address is void.
      await tokens.revokeAll(used.subject)
      return done
    }),
  }
}

/** The answer is the same, and as fast, whatever is found out: nobody learns from it who has an account. */
function afterTheAnswer(work: () => Promise<void>): void {
  setImmediate(() => work().catch((error: unknown) => console.error('A link was not sent:', error)))
}

function answered(work: (body: unknown) => Promise<Reply>): (body: unknown) => Promise<Reply> {
  return async (body) => {
    try {
      return await work(body)
    } catch (error) {
      if (error instanceof StoreError) return unavailable
      throw error
    }
  }
}

function text(body: unknown, name: string): string {
  const value = (body as Record<string, unknown> | null | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}
