import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { invalid, isVerified } from '../deliveries.js'
import { isRefusal } from '../expectations.js'
import type { AdapterCase, Lab } from '../lab.js'
import { labKeys } from '../lab-keys.js'
import { type Otherwise, type Post, postFrom, type RemoteSender, remoteSenders } from '../remote-senders.js'

/** Where a certificate must not be looked for. */
const elsewhere = (genuine: string): readonly string[] => {
  const { host, pathname } = new URL(genuine)
  return [
    genuine.replace('https:', 'http:'),
    genuine.replace(host, `${host}.evil.test`),
    genuine.replace(host, `${host}:444`),
    genuine.replace(host, `${host}:443`),
    genuine.replace(host, `user@${host}`),
    genuine.replace(host, `evil.test\\@${host}`),
    genuine.replace(host, `evil.test#@${host}`),
    genuine.replace(host, `evil-${host}`),
    genuine.replace(host, host.toUpperCase()),
    genuine.replace(host, host.replace('.', '。')),
    genuine.replace(host, `${host}.`),
    `https://127.0.0.1${pathname}`,
    `https://[::1]${pathname}`,
    `https://evil.test/${genuine}`,
    `${genuine}?x=1`,
    `${genuine}#x`,
    `${genuine}/../x.pem`,
    genuine.replace(pathname, `/..${pathname}`),
    genuine.replace(pathname, `/%2e%2e${pathname}`),
    ` ${genuine}`,
    `file://${pathname}`,
    'data:text/plain,x',
    '',
  ]
}

/** Whether all of these are refused, and alike. */
async function areRefused(lab: Lab, name: RemoteSender, posts: readonly Post[]): Promise<void> {
  const answers = await Promise.all(posts.map((each) => postFrom(lab, name, each)))
  for (const answer of answers) isRefusal(answer, invalid)
  assert.equal(new Set(answers.map((answer) => answer.body.toString())).size, 1)
}

const certificates: readonly AdapterCase[] = [
  {
    name: 'paypal: a certificate that is said to be elsewhere is not looked for',
    run: async (lab) => {
      // What a field cannot carry, or is trimmed of.
      const urls = elsewhere('https://api.paypal.com/v1/notifications/certs/CERT-lab').filter((url) =>
        /^[!-~]*$/.test(url),
      )
      const more = [
        'https://api.paypal.com/v2/notifications/certs/CERT-lab',
        'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-lab',
      ]
      await areRefused(
        lab,
        'paypal',
        [...urls, ...more].map((url) => remoteSenders.paypal({ fields: { 'paypal-cert-url': url } })),
      )
    },
  },
  {
    name: 'paypal: another algorithm, time, id or certificate is refused',
    run: async (lab) => {
      const wrong: readonly Otherwise[] = [
        { fields: { 'paypal-auth-algo': 'SHA1withRSA' } },
        { fields: { 'paypal-auth-algo': 'sha256withrsa' } },
        { fields: { 'paypal-transmission-time': '2026-01-01T00:00:00Z' } },
        { fields: { 'paypal-transmission-time': 'now' } },
        { fields: { 'paypal-transmission-id': 'other' } },
        { id: 'a|b' },
        { fields: { 'paypal-transmission-sig': 'AAAA' } },
        { fields: { 'paypal-transmission-sig': '' } },
        { fields: { 'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-other' } },
      ]
      await areRefused(lab, 'paypal', wrong.map(remoteSenders.paypal))
    },
  },
  {
    name: 'sns: a certificate that is said to be elsewhere is not looked for',
    run: async (lab) => {
      const genuine = 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-lab.pem'
      const more = [
        'https://sns.us-east-2.amazonaws.com/SimpleNotificationService-lab.pem',
        'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-lab.cer',
        'https://s3.us-east-1.amazonaws.com/SimpleNotificationService-lab.pem',
        'https://sns.us-east-1.amazonaws.com.cn/SimpleNotificationService-lab.pem',
      ]
      await areRefused(
        lab,
        'sns',
        [...elsewhere(genuine), ...more].map((url) => remoteSenders.sns({ fields: { SigningCertURL: url } })),
      )
    },
  },
  {
    name: 'sns: another topic, an older signature, and what is not one JSON object are refused',
    run: async (lab) => {
      const { headers, body } = remoteSenders.sns()
      const text = body.toString()
      const bodies = [
        `\ufeff${text}`,
        `[${text}]`,
        `${text}${text}`,
        text.replace('{', '{"Message":"first",'),
        text.replace('{', '{"\\u004dessage":"first",'),
        text.replace(/}$/, ',"Type":"Notification"}'),
        text.replace('"Subject":"from the suite"', '"Subject":null'),
        text.replace('"Subject":"from the suite",', ''),
        text.replace('"Notification"', '"SubscriptionConfirmation"'),
        '{}',
        'null',
        '',
      ]
      const wrong = [
        remoteSenders.sns({ fields: { topic: 'arn:aws:sns:us-east-1:123456789012:other' } }),
        remoteSenders.sns({ fields: { version: '1' } }),
        remoteSenders.sns({ fields: { version: '3' } }),
        ...bodies.map((each) => ({ headers, body: Buffer.from(each) })),
        { headers: { ...headers, 'x-amz-sns-topic-arn': 'arn:aws:sns:us-east-1:123456789012:other' }, body },
      ]
      await areRefused(lab, 'sns', wrong)
      isVerified(await postFrom(lab, 'sns', { headers, body }), body)
    },
  },
]

/** A token that is signed with the public key as if it were a secret. */
function confused({ headers, body }: Post, field: string): Post {
  const [, claims] = String(headers[field]).split('.')
  const header = Buffer.from('{"alg":"HS256","kid":"lab-key"}').toString('base64url')
  const pem = String(createPublicKey(labKeys.rsa).export({ format: 'pem', type: 'spki' }))
  const mac = createHmac('sha256', pem).update(`${header}.${claims}`).digest('base64url')
  return { headers: { ...headers, [field]: `${header}.${claims}.${mac}` }, body }
}

const tokens: readonly AdapterCase[] = [
  {
    name: 'plaid: another algorithm, key, or digest, and no time of issue are refused',
    run: async (lab) => {
      const wrong: readonly Otherwise[] = [
        { protectedHeader: { alg: 'none' } },
        { protectedHeader: { alg: 'HS256' } },
        { protectedHeader: { alg: 'RS256' } },
        { protectedHeader: { kid: 'other-key' } },
        { protectedHeader: { kid: undefined } },
        { protectedHeader: { kid: '../lab-key' } },
        { protectedHeader: { kid: 'other-key', jwk: createPublicKey(labKeys.p256).export({ format: 'jwk' }) } },
        { protectedHeader: { crit: ['x'], x: 1 } },
        { fields: { request_body_sha256: undefined } },
        { fields: { request_body_sha256: 'a' } },
        { fields: { iat: undefined } },
        { fields: { iat: '1700000000' } },
      ]
      await areRefused(lab, 'plaid', wrong.map(remoteSenders.plaid))
    },
  },
  {
    name: 'fusionauth, netlify, google-pubsub: a public key is no secret, and no token vouches for itself',
    run: async (lab) => {
      const none = { protectedHeader: { alg: 'none' } }
      await areRefused(lab, 'fusionauth', [
        confused(remoteSenders.fusionauth(), 'x-fusionauth-signature-jwt'),
        remoteSenders.fusionauth(none),
        remoteSenders.fusionauth({ protectedHeader: { kid: 'other-key' } }),
        remoteSenders.fusionauth({ fields: { exp: 1_600_000_000 } }),
      ])
      await areRefused(lab, 'netlify', [
        remoteSenders.netlify(none),
        remoteSenders.netlify({ protectedHeader: { alg: 'RS256' } }),
        remoteSenders.netlify({ fields: { iss: 'other' } }),
        remoteSenders.netlify({ fields: { iss: undefined } }),
        remoteSenders.netlify({ fields: { sha256: '' } }),
      ])
      await areRefused(lab, 'google-pubsub', [
        remoteSenders['google-pubsub'](none),
        remoteSenders['google-pubsub']({ fields: { aud: 'https://other.test' } }),
        remoteSenders['google-pubsub']({ fields: { email: 'other@project.iam.gserviceaccount.com' } }),
        remoteSenders['google-pubsub']({ fields: { email_verified: 'true' } }),
        remoteSenders['google-pubsub']({ fields: { iss: 'https://accounts.evil.test' } }),
        remoteSenders['google-pubsub']({ fields: { exp: undefined } }),
      ])
    },
  },
]

/** What senders whose keys are fetched do not sign. */
export const remoteRefusalCases: readonly AdapterCase[] = [...certificates, ...tokens]
