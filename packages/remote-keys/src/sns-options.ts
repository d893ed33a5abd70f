import { isFunction, type OptionReader } from '@latchkey/core'
import { certificateOption } from './certificate-options.js'
import { type HasKeyHost, keyHostOption } from './key-host-options.js'
import type { RemoteGuardOptions } from './remote-guard.js'
import { SigningCertificates } from './signing-certificates.js'
import { type TopicArn, topicArn } from './topic-arn.js'

/** Which topics count, and how their certificates are judged. */
export interface SnsRules extends HasKeyHost {
  /**
   * The topics that are expected, by their whole ARNs. Whoever has an AWS account can have messages signed by Amazon SNS: only
   * the topic tells whose they are.
   */
  readonly topicArns: readonly string[]
  /**
   * `'sha1'`: messages of `SignatureVersion` 1 count, too. That is what a topic sends until its attribute `SignatureVersion` is 2.
   *
   * @remarks Insecure if the topic can be set to 2: SHA-1 is broken for signatures.
   * @defaultValue `undefined`: version 2 alone
   */
  readonly allowLegacy?: 'sha1'
  /**
   * Most seconds since a message was published: Amazon SNS repeats it, with the same time, for up to an hour. What clocks may be
   * off is 300 s.
   *
   * @remarks Insecure if it is more than `replayTtlSeconds`: a message would be forgotten before its time is up.
   * @defaultValue `3900`
   */
  readonly maxAgeSeconds?: number
  /**
   * Certificates in PEM of which one must be at the end of the chain. Amazon SNS hands out its own certificate without those that
   * issued it; list them in `intermediates`.
   *
   * @defaultValue `undefined`: that AWS's host has handed the certificate out over TLS, in SNS's name, is proof enough
   */
  readonly roots?: readonly string[]
  /** Certificates in PEM that may stand between that of Amazon SNS and a root. @defaultValue none */
  readonly intermediates?: readonly string[]
  /** The clock, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** Options of the guard `sns`: these, and those of `signature` for the replay window, bodies and answers. */
export interface SnsOptions extends SnsRules, Omit<RemoteGuardOptions, 'now'> {}

/** {@link SnsRules}, checked and complete. */
export interface SnsSettings {
  readonly topics: ReadonlyMap<string, TopicArn>
  readonly allowsSha1: boolean
  readonly maxAgeSeconds: number
  readonly certificates: SigningCertificates
  readonly now: () => number
}

const day = 86_400

/** @throws ConfigurationError naming the first option that does not fit. */
export function snsSettings(factory: string, read: OptionReader<SnsRules>): SnsSettings {
  const arns = read.required('topicArns', 'a list of at least one ARN of a topic, arn:aws:sns:…', isTopicArns)
  const topics = arns.map((arn) => topicArn(arn)!)
  const now = read.optional('now', 'a function', isFunction<() => number>) ?? (() => Date.now())
  const pemOption = (name: 'roots' | 'intermediates') =>
    certificateOption(factory, name, read.optional(name, 'a list of certificates in PEM', isList))
  const roots = pemOption('roots')
  const intermediates = pemOption('intermediates') ?? []
  const isSha1 = (value: unknown): value is 'sha1' => value === 'sha1'
  return {
    topics: new Map(topics.map((topic) => [topic.arn, topic])),
    allowsSha1: read.optional('allowLegacy', "'sha1', or absent", isSha1) !== undefined,
    maxAgeSeconds: read.number('maxAgeSeconds', 3900, 1, 31_536_000),
    now,
    certificates: new SigningCertificates({
      host: keyHostOption(factory, read, { maxAgeSeconds: day }),
      now,
      names: (url) => topics.find(({ host }) => new URL(url).host === host)?.certificateNames ?? [],
      chain: roots === undefined && intermediates.length === 0 ? undefined : { roots, intermediates, issuerHosts: [] },
    }),
  }
}

function isTopicArns(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((arn) => topicArn(arn) !== undefined)
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}
