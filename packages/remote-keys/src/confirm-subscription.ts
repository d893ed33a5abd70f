import { ConfigurationError } from '@latchkey/core'
import { boundedFetch } from './bounded-fetch.js'
import { KeyHostError } from './key-host-error.js'
import type { SnsMessage } from './sns-message.js'
import { topicArn } from './topic-arn.js'

/** Options of {@link confirmSubscription}. */
export interface ConfirmOptions {
  /**
   * Whether only the topic's owner and the subscriber may end the subscription. Otherwise anybody may who has seen the link in a
   * notification.
   *
   * @defaultValue `true`
   */
  readonly authenticateOnUnsubscribe?: boolean
  /** Most seconds for the answer. @defaultValue `5` */
  readonly timeoutSeconds?: number
  /** What fetches. @defaultValue `fetch` */
  readonly fetch?: typeof fetch
}

/**
 * Confirms a subscription to a topic of Amazon SNS, which is what makes it send notifications
 * (https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html). Call it for messages that the guard `sns` has let
 * in, and only while you expect one: of an `UnsubscribeConfirmation` it takes the subscription up again.
 *
 * The URL in the message is not visited: the same one is made of the topic's region, its ARN and the token, all of them signed.
 *
 * @example
 * ```ts
 * import { confirmSubscription, type SnsGrant } from '@latchkey/remote-keys'
 *
 * export async function handle({ message }: SnsGrant) {
 *   if (message.type === 'SubscriptionConfirmation') return confirmSubscription(message)
 *   if (message.type === 'Notification') console.log('published', message.message)
 * }
 * ```
 *
 * @throws ConfigurationError by rejection where the message is no confirmation; KeyHostError by rejection where AWS does not
 * confirm it.
 */
export async function confirmSubscription(message: SnsMessage, options: ConfirmOptions = {}): Promise<void> {
  const { authenticateOnUnsubscribe = true, timeoutSeconds = 5 } = options
  const topic = topicArn(message.topicArn)
  if (message.type === 'Notification' || message.token === undefined || topic === undefined) {
    throw new ConfigurationError('invalid-option', 'confirmSubscription: the message must be a confirmation')
  }
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topic.arn, Token: message.token })
  if (authenticateOnUnsubscribe) query.set('AuthenticateOnUnsubscribe', 'true')
  const bounds = { fetch: options.fetch ?? fetch, timeoutMs: timeoutSeconds * 1000, maxBytes: 65_536 }
  const { status } = await boundedFetch({ url: `https://${topic.host}/?${query}` }, bounds)
  if (status !== 200) throw new KeyHostError('status', `${topic.host} answered with ${status}`)
}
