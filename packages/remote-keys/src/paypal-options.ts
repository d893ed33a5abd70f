import { isFunction, type OptionReader } from '@latchkey/core'
import { certificateOption } from './certificate-options.js'
import { type HasKeyHost, keyHostOption } from './key-host-options.js'
import type { RemoteGuardOptions } from './remote-guard.js'
import { SigningCertificates } from './signing-certificates.js'

/** Who PayPal is, and how its certificates are judged. */
export interface PaypalRules extends HasKeyHost {
  /** The id of the webhook, as PayPal's dashboard shows it; it is signed, and never sent. */
  readonly webhookId: string
  /** Which of PayPal's hosts sign. @defaultValue `'live'` */
  readonly environment?: 'live' | 'sandbox'
  /**
   * Most seconds since PayPal first sent a message: it repeats one for three days. What clocks may be off is 300 s.
   *
   * @remarks Insecure if it is more than `replayTtlSeconds`: a message would be forgotten before its time is up.
   * @defaultValue `259200` (72 hours)
   */
  readonly maxAgeSeconds?: number
  /** Certificates in PEM of which one must be at the end of the chain. @defaultValue those that Node trusts */
  readonly roots?: readonly string[]
  /**
   * Certificates in PEM that may stand between PayPal's and a root. What is neither here nor beside PayPal's own is fetched from
   * DigiCert.
   *
   * @defaultValue none
   */
  readonly intermediates?: readonly string[]
  /** The clock, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** Options of the guard `paypal`: these, and those of `signature` for the replay window, bodies and answers. */
export interface PaypalOptions extends PaypalRules, Omit<RemoteGuardOptions, 'now'> {}

/** {@link PaypalRules}, checked and complete. */
export interface PaypalSettings {
  readonly webhookId: string
  readonly environment: 'live' | 'sandbox'
  readonly maxAgeSeconds: number
  readonly certificates: SigningCertificates
  readonly now: () => number
}

/** Where PayPal keeps its certificates. */
export const paypalHosts = { live: 'api.paypal.com', sandbox: 'api.sandbox.paypal.com' } as const

/** What its certificates are called. */
const certificateNames = {
  live: ['messageverificationcerts.paypal.com'],
  sandbox: ['messageverificationcerts.sandbox.paypal.com', 'messageverificationcerts.paypal.com'],
} as const

/** Where the authority that issues PayPal's certificates keeps its own. */
const issuerHosts = ['cacerts.digicert.com']

const threeDays = 259_200
const day = 86_400

/** @throws ConfigurationError naming the first option that does not fit. */
export function paypalSettings(factory: string, read: OptionReader<PaypalRules>): PaypalSettings {
  const environment = read.oneOf('environment', ['live', 'sandbox'], 'live')
  const now = read.optional('now', 'a function', isFunction<() => number>) ?? (() => Date.now())
  const pemOption = (name: 'roots' | 'intermediates') =>
    certificateOption(factory, name, read.optional(name, 'a list of certificates in PEM', isList))
  return {
    webhookId: read.required('webhookId', 'the id that PayPal shows', isWebhookId),
    environment,
    maxAgeSeconds: read.number('maxAgeSeconds', threeDays, 1, 31_536_000),
    now,
    certificates: new SigningCertificates({
      host: keyHostOption(factory, read, { maxAgeSeconds: day }),
      now,
      names: () => certificateNames[environment],
      chain: { roots: pemOption('roots'), intermediates: pemOption('intermediates') ?? [], issuerHosts },
    }),
  }
}

function isWebhookId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}
