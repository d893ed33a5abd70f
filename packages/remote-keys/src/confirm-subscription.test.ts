import { expect, test, vi } from 'vitest'
import { confirmSubscription } from './confirm-subscription.js'
import { hosts } from './key-host.test.kit.js'
import type { SnsMessage } from './sns-message.js'

const message: SnsMessage = {
  type: 'SubscriptionConfirmation',
  messageId: 'm-1',
  topicArn: 'arn:aws:sns:eu-central-1:123456789012:orders',
  message: 'You have chosen to subscribe',
  subject: undefined,
  timestamp: '2026-11-24T12:00:00.000Z',
  token: 'a1&Action=Publish',
}
const query =
  'Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A123456789012%3Aorders&Token=a1%26Action%3DPublish'
const url = `https://sns.eu-central-1.amazonaws.com/?${query}`

test('a subscription is confirmed at the topic’s own region, with what is signed', async () => {
  const fetch = hosts({ [`${url}&AuthenticateOnUnsubscribe=true`]: '<ConfirmSubscriptionResponse/>', [url]: '' })
  await confirmSubscription(message, { fetch })
  await confirmSubscription(message, { fetch, authenticateOnUnsubscribe: false })
  expect(fetch.mock.calls.map(([asked]) => asked)).toEqual([`${url}&AuthenticateOnUnsubscribe=true`, url])
  expect(fetch.mock.calls[0]?.[1]).toMatchObject({ method: 'GET', redirect: 'manual' })
})

test('what AWS does not confirm is an error, and so is a message that asks for nothing', async () => {
  for (const status of [302, 400, 403, 500]) {
    const fetch = vi.fn(async () => new Response(null, { status }))
    await expect(confirmSubscription(message, { fetch })).rejects.toMatchObject({ name: 'KeyHostError' })
  }
  const notification = confirmSubscription({ ...message, type: 'Notification', token: undefined })
  await expect(notification).rejects.toThrow(/must be a confirmation/)
})
